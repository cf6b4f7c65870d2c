"""Why this room exists: the main job on real input, in virtual time, so that anybody can see it work in a minute.

Theory of operation. Everything is real but the calendar and the people. The shipped campaigns are applied, a file of
contacts is imported, the web listens on the loopback, and mails leave by SMTP to a sink in the same process. Sample
people read them: they open, click, download, answer and leave by HTTP, as mail programs and mail hosts do. A heap holds
what they will do; the clock jumps to the next instant at which something is due, all of it is done, the workers settle,
and only then time moves. People's choices are hashes of (seed, person, message), so a seed tells the same story on
SQLite and PostgreSQL, for any size of batch and any number of workers.

    names.py  people.py  zones.py      who they are, drawn by seed       dice.py      choices that never differ
    contact_files.py  newcomers.py     how they come in: file or form    heap.py      what will happen, in order
    temperaments.py                    how they are                      errands.py   one request each, as data
    behaviour.py  hours.py  words.py   what they do with a mail          hands.py     doing them, over HTTP (http.py)
    sales.py  site.py                  the colleagues, the own site      house.py     the real engine and its web
    letters.py  archive.py             a mail as its reader has it       course.py    weeks passing
    postmark.py                        what the mail host posts          board.py     the live table
    sink.py                            its SMTP server                   results.py  closing.py   what came of it
    command.py                         the way in                        pages.py     each mail as sent
"""
