"""A recorded program run by JAX: its kernels, draws and state, on one device or on many."""
