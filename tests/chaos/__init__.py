"""Real processes, killed and cut off at the worst moments, and counted where it matters."""
