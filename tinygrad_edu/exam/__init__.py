"""The exam paper, recomputed: its data, its networks, and every printed number beside the engine's."""
