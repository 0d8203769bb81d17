"""Formulas written out: one walk, and one alphabet for each language."""
