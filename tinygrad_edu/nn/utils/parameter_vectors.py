"""All parameters as one vector, and a vector as all parameters."""

from __future__ import annotations

from collections.abc import Iterable

from tinygrad_edu.tensor.functions.joining import cat
from tinygrad_edu.tensor.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The numbers of all parameters, one after the other; gradients flow back into them."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Overwrite the parameters with the numbers of a vector, in the order of `parameters_to_vector`.

    Raises `ValueError`, and changes nothing, if the vector has not as many numbers as the parameters.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters needs a Tensor, got {type(vec).__name__}")
    chosen = list(parameters)
    count = sum(p.numel() for p in chosen)
    if vec.ndim != 1 or len(vec) < count:
        raise ValueError(
            f"vector_to_parameters needs a vector of the {count} numbers of the parameters, got shape {vec.shape}"
        )
    parts = vec[:count].split([p.numel() for p in chosen])
    for p, part in zip(chosen, parts, strict=True):
        p.data = part.reshape(p.shape)
