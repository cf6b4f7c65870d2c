"""The loop: claim, decide, commit."""
