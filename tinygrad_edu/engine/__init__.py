"""The graph: operations, nodes, and the chain rule. Imports no NumPy: what is passed in decides what is computed."""
