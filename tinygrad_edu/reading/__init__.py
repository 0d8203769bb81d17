"""A finished graph looked at, Tensors and Values alike: nodes, numbers, names, and the graph computed again."""
