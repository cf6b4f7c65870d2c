"""What things cost, measured: each module runs by itself and prints JSON lines.

    python -m tests.benchmarks.send      mails a second from a due timer to a sink, and the ratio to a naive loop
    python -m tests.benchmarks.tick      a tick of the engine beside a thousand and a million enrolments not due
    python -m tests.benchmarks.memory    the memory of one process that runs everything over 100,000 contacts
    python -m tests.benchmarks.intake    events that one web process takes in durably, and the ratio to the plainest endpoint
    python -m tests.benchmarks.redirect  clicks that one web process notes and sends on, and the same ratio

They work with `python3` and pip alone. Absolute figures belong to a machine; ratios are taken within one run, the two
sides in turns, and hold elsewhere.
"""
