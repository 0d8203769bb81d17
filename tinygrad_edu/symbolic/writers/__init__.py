"""Writers of formulas: one walk over the tree, and an alphabet for each language."""
