"""Programs written for PyTorch, run as they are: what their imports mean, which names they use, notebooks."""
