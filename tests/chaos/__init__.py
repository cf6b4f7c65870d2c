"""The promises under violence: real processes killed and paused, and everything counted at the sink."""
