"""Explanations of gradients: derivations, diagnoses of mistakes, and plain answers."""
