"""Mistakes that people make in backpropagation, planted in random networks, to see what `diagnose` says of them."""
