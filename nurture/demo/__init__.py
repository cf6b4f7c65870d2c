"""Why this room exists: the main job on real input, in virtual time, so that anybody can see it work in a minute.

Theory of operation. Everything is real but the calendar and the people. The shipped campaigns are applied, a file of
contacts is imported, the web listens on the loopback, and mails leave by SMTP to a sink in the same process. Sample
people read them: they open, click, download, answer and leave by HTTP, as mail programs and mail hosts do. A heap holds
what they will do; the clock jumps to the next instant at which something is due, all of it is done, the workers settle,
and only then time moves. People's choices are hashes of (seed, person, message), so a seed tells the same story on
SQLite and PostgreSQL, for any size of batch and any number of workers.

    names.py  people.py      who they are, drawn by seed         heap.py      what will happen, in order
    contact_files.py         their CSV files, dirt included      hands.py     doing it, over HTTP
    temperaments.py          how they are                        house.py     the real engine, web and sink
    behaviour.py  errands.py what they do with a mail            course.py    weeks passing
    letters.py               a mail as its reader has it         board.py     the live table
    postmark.py              what the mail host posts            results.py   what came of it
    sink.py                  the SMTP server                     pages.py     each mail as sent
    command.py               the way in
"""
