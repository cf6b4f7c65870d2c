"""Crashes, pauses, lost answers and late news, by the seed and by the kill: what is promised must hold through them."""
