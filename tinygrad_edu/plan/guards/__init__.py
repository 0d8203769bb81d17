"""Guards: when a recorded program may be used again."""
