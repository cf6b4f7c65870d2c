"""The outbox: claim, ask once more whether it may go, compose, commit the intent, hand over, record.

Theory of operation. A message passes through states that never claim more than is known (`storage.words.OutboxState`):

    queued | retry --claim, may_send, compose--> intent --final dot--> sent | refused | retry | unknown
                                \\--> withheld

The intent is committed before the first byte leaves, so a crash can leave a message unknown but never unrecorded; it is
committed together with a last look at the suppressions. Delivery decides nothing about a contact: what became of a touch
goes back to the core as an event, and only `decide` schedules what comes next.

Read `deliver.py` first; it is that line, in code.
"""
