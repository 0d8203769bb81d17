"""A recorded program written as source: for NumPy, and for JAX."""
