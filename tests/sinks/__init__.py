"""SMTP servers on the loopback: a scripted one for tests, a fast one for benchmarks (`python -m tests.sinks`)."""
