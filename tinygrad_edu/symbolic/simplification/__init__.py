"""Simplification: formulas made as short as a textbook prints them."""
