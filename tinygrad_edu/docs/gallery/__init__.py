"""Scripts of the gallery: one idea each."""
