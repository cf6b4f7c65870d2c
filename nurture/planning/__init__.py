"""What an edit of the files changes, and changing it.

Theory of operation. An edit is read from what the files mean, never from their text: steps are found again by their keys.
What it does to people is not reasoned about but tried, by the core's own rules: each contact in flight is played for some
days with the old files and with the new, and what differs is counted. What is printed and what is performed is one list of
stages; the first makes the files what contacts enter by, each further one only tells contacts something, as an event that
the engine decides like any other. So a plan and its application cannot disagree, and one that is killed goes on.

    changes.py, written.py         the kinds of change, and how they are told
    diff.py, diff_steps.py, places.py   what differs between two states of the files, and where that stands
    choices.py                     what becomes of those in flight: the defaults, and what a person chose
    stages.py                      what applying consists of, and whom each stage concerns
    ahead.py                       from where on two versions are the same, so that nobody is played in vain
    effects.py, standing.py, lines.py   what differs for one contact, and how the notes of many add up
    counting.py                    everybody in flight, in several processes
    plan.py, saved.py              all of it together, and kept in a file
    apply.py                       the stages performed
    rollback.py                    an earlier version as an edit
"""
