"""The tests, as a package, so that `python3 -m tests` runs them and builders can be shared."""
