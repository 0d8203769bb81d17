"""The cross-entropy of a linear layer's scores, in one function."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.cross_entropy import cross_entropy
from tinygrad_edu.ops.contractions import linear
from tinygrad_edu.tensor.functions.public import public


@public(within="nn.functional", method=False)
def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,  # noqa: ARG001 - how PyTorch saves memory
) -> Any:
    """`cross_entropy(input @ linear_weight.T + linear_bias, target)`, in nats.

    Shapes: `input` (N, in); `linear_weight` (C, in), or (C, ..., in) for several losses of each example; of a single
    example `input` (in,) and `linear_weight` (C, in); `linear_bias` (C, ...); `target` (N, ...) class numbers, or
    (N, C, ...) probabilities.
    """
    call = "linear_cross_entropy"
    single = input.ndim == 1 and linear_weight.ndim > 2
    if (
        input.ndim not in (1, 2)
        or single
        or linear_weight.ndim < 2
        or linear_weight.shape[-1] != input.shape[-1]
    ):
        raise ValueError(
            f"{call} needs input (N, in) or (in,) and linear_weight (C, ..., in), got {input.shape} and "
            f"{linear_weight.shape}"
        )
    rows = linear_weight.reshape(-1, linear_weight.shape[-1])
    scores = linear(input, rows).reshape(*input.shape[:-1], *linear_weight.shape[:-1])
    scores = scores if linear_bias is None else scores + linear_bias
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(
        scores, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )
