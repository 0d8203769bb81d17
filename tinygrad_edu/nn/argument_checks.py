"""Checks of the arguments of layers and losses, and the mean or sum over the losses of the examples."""

from __future__ import annotations

import math
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.hints.warnings import NotRawScoresWarning, warn
from tinygrad_edu.ops import elementwise, shape, softmax
from tinygrad_edu.tensor.tensor import Tensor, tensor


def traced(x: Any) -> Any:
    """Arrays and lists as Tensors; what takes part in a graph as it is."""
    return x if isinstance(x, Tracer) else tensor(x)


def tensors(call: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:  # noqa: A002 - PyTorch's name
    """Prediction and target as Tensors."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{call} needs a Tensor as prediction, got {type(input).__name__} {short(input)}")
    return input, target if isinstance(target, Tensor) else tensor(target)


def same_shape(call: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:  # noqa: A002
    """Both as Tensors; a loss that broadcast would compare every prediction with every target."""
    input, target = tensors(call, input, target)  # noqa: A001
    if input.shape != target.shape:
        message = f"{call} needs prediction and target of one shape, got {input.shape} and {target.shape}"
        if input.numel() == target.numel():
            sizes = ", ".join(map(str, input.shape))
            message += (
                f", which would compare every prediction with every target; use target.reshape({sizes})"
            )
        else:
            message += "; make sure that both come from the same examples"
        raise ValueError(message)
    return input, target


def reduced(
    call: str, each: Tensor, reduction: str, size_average: bool | None = None, reduce: bool | None = None
) -> Tensor:
    """The losses of the examples as they are, or their mean or sum; `size_average` and `reduce` are older words."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    if reduction == "mean":
        return each.mean()
    if reduction == "sum":
        return each.sum()
    if reduction == "none":
        return each
    raise ValueError(f"{call} needs reduction 'mean', 'sum' or 'none', got {reduction!r}")


def between_0_and_1(call: str, what: str, x: Tensor, advice: str) -> None:
    """Raise `ValueError` unless all numbers are in [0, 1]; nan is not."""
    low, high = (x.raw.min(), x.raw.max()) if x.numel() else (0, 1)
    if not (low >= 0 and high <= 1):
        raise ValueError(f"{call} needs {what} between 0 and 1, got {low:.4g} to {high:.4g}; {advice}")


def probability(call: str, p: Any) -> None:
    """Raise `ValueError` unless `p` is one number in [0, 1]."""
    if isinstance(p, bool) or not isinstance(p, int | float | np.integer | np.floating) or not 0 <= p <= 1:
        raise ValueError(f"{call} needs p as a number from 0 to 1, got {short(p)}")


def class_weights(call: str, weight: Tensor, classes: int) -> None:
    """Raise `ValueError` unless there is one weight for each class."""
    if weight.shape != (classes,):
        raise ValueError(f"{call} needs one weight for each of {classes} classes, got {weight.shape}")


def weighted(call: str, name: str, each: Tensor, weight: Any) -> Tensor:
    """`each * weight`, which must not grow by it: (N, 1) times (N,) would be (N, N)."""
    if weight is None:
        return each
    weight = weight if isinstance(weight, Tensor) else tensor(weight, dtype=each.dtype)
    if not expandable(weight.shape, each.shape):
        raise ValueError(f"{call} needs {name} that can be expanded to {each.shape}, got {weight.shape}")
    return each * weight


def expandable(sizes: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """True if an array of shape `sizes` can be repeated to the shape `to`."""
    return len(sizes) <= len(to) and all(n in (1, m) for n, m in zip(sizes[::-1], to[::-1]))


_SQUASH = frozenset({softmax.softmax, elementwise.sigmoid})
_MOVE = frozenset({shape.reshape, shape.permute, shape.cast})
_BY_HAND = frozenset({elementwise.divide, elementwise.multiply, elementwise.exp})  # how softmax may end
MAY_SQUASH = _SQUASH | _MOVE | _BY_HAND  # what is worth a closer look


def raw_scores(call: str, scores: Tensor) -> None:
    """Warn if `scores` are the output of softmax or sigmoid, which `call` would apply once more."""
    made = scores
    while made.operation in _MOVE:
        made = made.inputs[0]
    squashed, by_hand = made.operation in _SQUASH, made.operation in _BY_HAND and call == "cross_entropy"
    known = (
        scores.__class__ is Tensor
    )  # in a plan they are computed later; they were looked at when it was made
    if squashed or (by_hand and known and _sums_to_1(scores)):
        what = made.operation.name if squashed else "a softmax"  # type: ignore[union-attr]
        applied = "softmax" if call == "cross_entropy" else "sigmoid"
        warn(
            NotRawScoresWarning,
            f"{call} applies {applied} itself, and its input is already the output of {what} "
            f"({line_of(made.call_site)}). {_floor(call, scores)}. Pass the raw scores",
        )


def _sums_to_1(p: Tensor) -> bool:
    """True if these look like the rows of a softmax, going by their values."""
    if p.ndim == 0 or p.numel() == 0 or p.shape[p.ndim > 1] < 2 or p.raw.min() < 0:
        return False
    precision = 1e-6 if p.raw.itemsize == 8 else 1e-5
    return bool(abs(p.raw.sum(axis=int(p.ndim > 1)) - 1).max() < precision)


def _floor(call: str, scores: Tensor) -> str:
    """The least loss that scores between 0 and 1 can have; other targets than one class only raise it."""
    if call != "cross_entropy":
        return (
            f"The loss of an example can then never fall below ln(1 + 1/e) = {math.log1p(math.exp(-1)):.4f} where "
            f"the target is 1, and ln 2 = {math.log(2):.4f} where it is 0"
        )
    classes = scores.shape[scores.ndim > 1]
    least = math.log(math.e + classes - 1) - 1
    return (
        f"With {classes} classes the loss of an example can then never fall below "
        f"ln(e + {classes - 1}) - 1 = {least:.4f}"
    )
