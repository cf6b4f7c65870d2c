"""What is remembered: tables, and statements over sets of rows, the same on SQLite and PostgreSQL.

Theory of operation. `Database` (database.py) gives transactions; every function here takes the open connection `c`
first and neither begins nor commits. Each works on a set: one statement for five hundred contacts (bulk.py makes a list
of rows a relation on both databases), so that cost follows what is due and never how many contacts exist.

    claims.claim_contacts -> load.load_contacts -> (core.decide) -> save.commit_decisions          the engine
    outbox.claim_outbox -> outbox.commit_intents -> (the provider) -> results.commit_results       delivery
        results.commit_results -> load.load_again -> (core.decide) -> save.write_outcomes          what came of it, at once
    inbox.receive -> inbox.claim_receipts -> inbox.post_events                                     what comes in
    conditions.where -> conditions.select_contacts                                                 whom a condition means

Two times. `business_now` decides what is due and is passed in; leases run on the database's own clock (`real_now`).
A lease is a token on a row: who writes must still find its token there, in the transaction that writes.

Locks are taken in one order everywhere, so that no two transactions wait for each other: agenda, outbox, events, each
by ascending key.
"""
