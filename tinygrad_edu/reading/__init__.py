"""A finished graph looked at, Tensors and Values alike: nodes, numbers, names, gradients, and the graph run again."""
