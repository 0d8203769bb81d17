"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    decompositions,
    einsum,
    linear_equations,
    lu_factors,
    matrix_properties,
    products_of_many,
    reflections,
    replaced_functions,
    row_distances,
    tensor_products,
)

__all__ = [
    "decompositions",
    "einsum",
    "linear_equations",
    "lu_factors",
    "matrix_properties",
    "products_of_many",
    "reflections",
    "replaced_functions",
    "row_distances",
    "tensor_products",
]
