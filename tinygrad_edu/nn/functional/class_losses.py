"""Losses of classes beside cross-entropy: log-likelihoods, divergences and margins."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.argument_checks import class_weights, reduced
from tinygrad_edu.ops import elementwise, index
from tinygrad_edu.ops.ordering import class_numbers
from tinygrad_edu.tensor.functions.public import public

_module = public(within="nn.functional", method=False)


@public("nn.functional.nll_loss", method=False)
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`-x[y]` for log-probabilities x and class numbers y, in nats; the mean is over the weights of the classes.

    Shapes: `input` (C,), (N, C) or (N, C, ...); `target` without the C.
    Raises `ValueError` if the shapes do not fit, or a class number is not in [0, C).
    """
    call = "nll_loss"
    dim = int(input.ndim > 1)
    classes = _check_classes(call, input, target, dim, ignore_index)
    if weight is not None:
        class_weights(call, weight, classes)
    rows = index.one_hot(target, classes=classes, dim=dim, dtype=input.dtype)
    scale = (target != ignore_index).to(input.dtype)
    if weight is not None:
        scale = scale * (rows * weight.reshape(-1, *[1] * (input.ndim - 1 - dim))).sum(dim)
    each = -elementwise.where(rows > 0, input, 0).sum(dim) * scale
    if reduction == "mean" and size_average is None and reduce is None:
        return each.sum() / scale.sum()
    return reduced(call, each, reduction, size_average, reduce)


def _check_classes(call: str, input: Any, target: Any, dim: int, ignore_index: int) -> int:
    """The number of classes. Raises `ValueError` unless the target has class numbers of the right shape."""
    expected = input.shape[:dim] + input.shape[dim + 1 :]
    if not input.ndim or target.shape != expected:
        raise ValueError(
            f"{call} needs class numbers of shape {expected} for log-probabilities of shape {input.shape}, got "
            f"{target.shape}"
        )
    if target.dtype.kind not in "iu":
        raise ValueError(f"{call} needs class numbers (whole), got {target.dtype}; use target.long()")
    classes: int = input.shape[dim]
    class_numbers(call, target.raw, classes, ignore_index)
    return classes


@public("nn.functional.kl_div", method=False)
def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """The divergence of Kullback and Leibler, `y (log y - x)` for log-probabilities x, in nats; 0 where y is 0.

    `log_target`: the target is a logarithm as well. The "mean" divides by all elements, "batchmean" by the examples,
    as the formula wants it.
    """
    call = "kl_div"
    if log_target:
        each = target.exp() * (target - input)
    else:
        each = elementwise.where(target == 0, 0, target) * elementwise.where(target == 0, 1, target).log()
        each = each - target * input
    if reduction == "batchmean":
        return each.sum() / input.shape[0] if input.ndim else each
    return reduced(call, each, reduction, size_average, reduce)


@_module
def soft_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`log(1 + exp(-y x))` for scores x and targets 1 or -1, in nats."""
    each = elementwise.softplus(-target * input)
    return reduced("soft_margin_loss", each, reduction, size_average, reduce)


@_module
def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Binary cross-entropy of raw scores, averaged over the classes of each example, in nats.

    Shapes: both (..., C); result (), or (...) for "none".
    """
    each = target * elementwise.softplus(-input) + (1 - target) * elementwise.softplus(input)
    each = (each if weight is None else each * weight).sum(-1) / input.shape[-1]
    return reduced("multilabel_soft_margin_loss", each, reduction, size_average, reduce)


@_module
def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`sum over j of max(0, margin - x[y] + x[j])^p / C`, for all j but the class y.

    Shapes: `input` (C,) or (N, C); `target` () or (N,); result (), or (N,) for "none".
    """
    call = "multi_margin_loss"
    if p not in (1, 2):
        raise ValueError(f"{call} needs p of 1 or 2, got {p}")
    rows, numbers = _matrix(call, input), target.reshape(-1)
    if target.ndim > 1 or target.shape not in ((), (len(rows),)):
        raise ValueError(
            f"{call} needs one class number for each example, got {input.shape} and {target.shape}"
        )
    classes = _check_classes(call, rows, numbers, 1, -100)
    if weight is not None:
        class_weights(call, weight, classes)
    own = index.one_hot(numbers, classes=classes, dim=1, dtype=np.dtype(bool))
    score = elementwise.where(own, rows, 0).sum(1, keepdim=True)
    short = margin - score + rows
    short = elementwise.where(own, 0, elementwise.where(short < 0, 0, short))
    short = short if p == 1 else short**p
    if weight is not None:
        short = short * elementwise.where(own, weight.reshape(1, -1), 0).sum(1, keepdim=True)
    each = short.sum(1) / classes
    return reduced(call, each if input.ndim > 1 else each.sum(), reduction, size_average, reduce)


@_module
def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`sum of max(0, 1 - x[y] + x[j]) / C`, over the classes y of an example and all other classes j.

    Shapes: both (C,) or (N, C): the target lists class numbers, up to the first -1; result (), or (N,) for "none".
    """
    call = "multilabel_margin_loss"
    if input.shape != target.shape:
        raise ValueError(f"{call} needs input and target of one shape, got {input.shape} and {target.shape}")
    rows, lists = _matrix(call, input), _matrix(call, target)
    listed = (lists >= 0).long().cumprod(1) > 0
    classes = rows.shape[1]
    if (lists.raw[listed.raw] >= classes).any():
        raise ValueError(f"{call} needs class numbers from 0 to {classes - 1}, got {lists.raw.max()}")
    numbers = elementwise.where(listed, lists, 0)
    places = index.one_hot(numbers, classes=classes, dim=2, dtype=np.dtype(bool)) & listed.unsqueeze(2)
    own = places.any(1)  # (N, C): whether a class is one of those of the example
    scores = elementwise.where(places, rows.unsqueeze(1), 0).sum(2)  # (N, position): x[y]
    short = 1 - scores.unsqueeze(2) + rows.unsqueeze(1)  # (N, position, C)
    counted = ~own.unsqueeze(1) & listed.unsqueeze(2)
    each = elementwise.where(counted & (short > 0), short, 0).sum((1, 2)) / classes
    return reduced(call, each if input.ndim > 1 else each.sum(), reduction, size_average, reduce)


def _matrix(call: str, x: Any) -> Any:
    if x.ndim > 2 or 0 in x.shape[-1:]:
        raise ValueError(f"{call} needs scores of shape (C,) or (N, C), got {x.shape}")
    return x if x.ndim == 2 else x.reshape(1, -1)
