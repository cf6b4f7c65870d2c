"""The house itself: who may import whom, what every file must be, and that the tools work."""
