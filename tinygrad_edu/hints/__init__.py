"""Warnings that teach: a step runs, but most likely does not do what was meant."""
