"""Servers on the loopback that take mail: scripted ones for tests, a fast one for benchmarks (`python -m tests.sinks`)."""
