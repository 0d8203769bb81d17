"""Numbers, matrices and names as text, LaTeX, HTML and MathML. Knows no graph and no Tensor."""
