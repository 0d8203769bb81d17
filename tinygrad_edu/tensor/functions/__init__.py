"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    activation_functions,
    arithmetic_functions,
    comparing,
    counting,
    cumulative,
    decompositions,
    diagonals,
    einsum,
    extreme_values,
    joining,
    likes,
    linear_equations,
    norms,
    number_kinds,
    older_names,
    padding,
    picking,
    probabilities,
    reducing,
    repeating,
    replacing,
    reshaping,
    sampling,
    scattering,
    sorting,
    special_compositions,
    statistics,
    tensor_products,
)
