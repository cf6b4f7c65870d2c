"""What things cost, measured: each module runs by itself and prints JSON lines.

    python -m tests.benchmarks.send      mails a second from a due timer to a sink, and the ratio to a naive loop
    python -m tests.benchmarks.tick      a tick of the engine beside a thousand and a million enrolments not due
    python -m tests.benchmarks.dkim      what a DKIM signature adds to a mail, and what dkimpy's takes
    python -m tests.benchmarks.http      messages a second to a provider's HTTP API, one and many a request
    python -m tests.benchmarks.memory    the memory of one process that runs everything over 100,000 contacts

They work with `python3` and pip alone. Absolute figures belong to a machine; ratios are taken within one run, the two
sides in turns, and hold elsewhere.
"""
