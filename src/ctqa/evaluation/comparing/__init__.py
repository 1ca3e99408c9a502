"""Two results on the same gold, and whether a result is good enough."""
