"""A recorded program as C99: written, compiled and called."""
