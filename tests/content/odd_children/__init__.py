"""Processes that do not answer as ours does."""
