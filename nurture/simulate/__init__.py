"""Weeks in seconds: the core's own rules on contacts in memory, so that a campaign is tried before it runs.

Theory of operation. Contacts do not know each other, so each is played alone from beginning to end: its timers and the
events about it are consumed by the engine's own function, at instants of virtual time, and every touch is answered at
once as sent. What people do with a mail is drawn from rates, by hashes of the seed and of stable names: the same seed
gives the same report, in any number of processes, and two versions of the files meet the same people in the same mood.
Only counts leave a contact's course; they add up, whatever the order.

    dice.py, hours.py, habits.py   choices that look random, and when people read, act and answer
    rates.py, history.py, rates_file.py   how many open, act, object: assumed, counted in a database, or written down
    people.py, present.py          made-up contacts drawn from the personas; those of a database, read and never written
    reactions.py                   what one contact does with a mail
    course.py                      one contact's weeks
    forecast.py                    the weeks of one contact to whom nothing happens
    watching.py, tally.py          what is noted of a course, and how the notes of many add up
    running.py, processes.py       all contacts, in chunks, in several processes
    intervals.py, report.py        what the counts mean
    comparing.py, pace.py          two versions side by side; what an hourly budget would do
    charts.py, sections.py, speaking.py, page.py   the report as a page that opens without a network
"""
