"""Formulas made as short as a textbook prints them."""
