"""What things cost, measured: each module runs by itself and prints JSON lines; `python -m tests.benchmarks` runs them all.

    python -m tests.benchmarks.send      mails a second from a due timer to a sink; a naive loop and smtp-source beside it
    python -m tests.benchmarks.drip      three small mails to everybody; django-drip-campaigns beside it
    python -m tests.benchmarks.due       a tick of the engine beside few and very many enrolments that are not due
    python -m tests.benchmarks.pipelining    round trips and processor time of a mail handed over by SMTP
    python -m tests.benchmarks.dkim      what a DKIM signature adds to a mail, and what dkimpy's takes
    python -m tests.benchmarks.memory    the memory of one process that runs everything, with few mails and with many
    python -m tests.benchmarks.intake    events that one web process takes in durably, and the ratio to the plainest endpoint
    python -m tests.benchmarks.redirect  clicks that one web process notes and sends on, and the same ratio
    python -m tests.benchmarks.http      messages a second to a provider's HTTP API, one and many a request

They work with `python3` and pip alone. Absolute figures belong to a machine; ratios are taken within one run, the
sides in turns, and hold elsewhere.
"""
