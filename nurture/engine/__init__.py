"""Claim what is due, decide, commit: the loop that keeps every contact moving.

Theory of operation. The agenda (storage) knows which contacts have something due: a timer of their state, or an event
that nobody has consumed. A worker claims some hundred of them under a lease, loads their states in a handful of
statements, gives each its due inputs one by one to `core.decide`, and commits everything about them in one transaction,
guarded by the lease's token. Nothing is kept between two rounds, so a worker may die anywhere.

    inputs.py    one contact's due inputs, consumed singly and in order (pure)
    deciding.py  a set of contacts: claim, load, decide, commit
    worlds.py    the compiled World of what is applied now
    worker.py    receipts -> decisions -> deliveries, until nothing is due
    clock.py     APScheduler: when to look again, and the housekeeping
"""
