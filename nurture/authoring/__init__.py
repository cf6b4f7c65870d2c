"""Campaign files: load them, point at every mistake, compile them to the core's programs."""
