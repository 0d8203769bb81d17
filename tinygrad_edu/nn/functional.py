"""Layers and losses as functions. Losses are in nats unless they say otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.creation import rand
from tinygrad_edu.nn.checks import (
    MAY_SQUASH,
    between_0_and_1,
    probability,
    raw_scores,
    reduced,
    same_shape,
    tensors,
    traced,
    weighted,
)
from tinygrad_edu.ops import elementwise, linalg, losses
from tinygrad_edu.tensor import Tensor

relu = elementwise.relu
sigmoid = elementwise.sigmoid
tanh = elementwise.tanh
softplus = elementwise.softplus


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:  # noqa: A002 - PyTorch's name
    """`input @ weight.T + bias`. Shapes: (..., in), (out, in), (out,); result (..., out)."""
    return linalg.linear(input, weight) if bias is None else linalg.linear(input, weight, bias)


def softmax(input: Tensor, dim: int) -> Tensor:  # noqa: A002
    """`exp(x) / sum(exp(x))` along `dim`."""
    return traced(input).softmax(dim)


def log_softmax(input: Tensor, dim: int) -> Tensor:  # noqa: A002
    """The logarithm of `softmax`, in nats."""
    return traced(input).log_softmax(dim)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, *, generator: Any = None) -> Tensor:  # noqa: A002
    """Each number zeroed with probability `p`, the others divided by 1 - p; `input` itself unless `training`.

    Drawn from `generator`, or from the default one, behind `manual_seed`.
    Raises `ValueError` if `p` is not in [0, 1].
    Source: Srivastava et al., Dropout (2014), scaled while training instead of in use, as in PyTorch.
    """
    probability("dropout", p)
    if not training or p == 0:
        return input
    x = traced(input)
    kept = rand(*x.shape, generator=generator, dtype=np.float64) >= p
    return elementwise.where(kept, x, 0) * (1 / (1 - p) if p < 1 else 0)


def mse_loss(input: Tensor, target: Any, *, reduction: str = "mean") -> Tensor:  # noqa: A002
    """The squared difference, averaged over all elements (no factor 1/2).

    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ.
    """
    input, target = same_shape("mse_loss", input, target)  # noqa: A001
    difference = input - target
    return reduced("mse_loss", difference * difference, reduction)


_SMALLEST = math.exp(-100)  # PyTorch keeps each logarithm of BCELoss at -100 or more


def _log(p: Tensor) -> Tensor:
    """log(p), or -100 where that is greater; its derivative there is 0, and the log of 0 is never formed."""
    tiny = p <= _SMALLEST
    return elementwise.where(tiny, -100, elementwise.where(tiny, 1, p).log())


def binary_cross_entropy(
    input: Tensor,  # noqa: A002
    target: Any,
    *,
    weight: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`-y log p - (1 - y) log(1 - p)` for probabilities p, in nats; each logarithm is -100 at the least.

    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ, or a probability or target is not in [0, 1].
    """
    call = "binary_cross_entropy"
    input, target = same_shape(call, input, target)  # noqa: A001
    between_0_and_1(call, "probabilities", input, f"use {call}_with_logits for raw scores")
    between_0_and_1(call, "targets", target, "name the two classes 0 and 1")
    each = -(target * _log(input)) - (1 - target) * _log(1 - input)
    return reduced(call, weighted(call, "a weight", each, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,  # noqa: A002
    target: Any,
    *,
    weight: Any = None,
    pos_weight: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`binary_cross_entropy(sigmoid(z), y)` in nats for raw scores z, exact also where the sigmoid is 0 or 1.

    `pos_weight` multiplies the term of y = 1.
    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ or a target is not in [0, 1].
    """
    call = "binary_cross_entropy_with_logits"
    input, target = same_shape(call, input, target)  # noqa: A001
    between_0_and_1(call, "targets", target, "name the two classes 0 and 1")
    raw_scores(call, input)
    positive = weighted(call, "a pos_weight", target * softplus(-input), pos_weight)  # -log sigmoid(z)
    each = positive + (1 - target) * softplus(input)  # -log(1 - sigmoid(z))
    return reduced(call, weighted(call, "a weight", each, weight), reduction)


def categorical_cross_entropy(
    input: Tensor,  # noqa: A002
    target: Any,
    *,
    eps: float = 1e-10,
    unit: str = "nats",
    reduction: str = "mean",
) -> Tensor:
    """`-sum over classes of y log(p + eps)` for probabilities p, in nats, or in bits (log base 2) if asked.

    For raw scores use `cross_entropy`, which is exact where a probability is rounded to 0.
    Shapes: both (..., K); result (), or (...) for "none".
    Raises `ValueError` if the shapes differ, a probability is not in [0, 1], eps is negative or the unit is unknown.
    """
    call = "categorical_cross_entropy"
    input, target = same_shape(call, input, target)  # noqa: A001
    between_0_and_1(call, "probabilities", input, "use cross_entropy for raw scores")
    if not eps >= 0:
        raise ValueError(f"{call} needs eps of 0 or more, got {eps}")
    if unit not in ("nats", "bits"):
        raise ValueError(f"{call} needs unit 'nats' or 'bits', got {unit!r}")
    each = -(target * (input + eps).log()).sum(-1)
    return reduced(call, each if unit == "nats" else each / math.log(2), reduction)


def cross_entropy(
    input: Tensor,  # noqa: A002
    target: Any,
    *,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of `softmax(input)` against `target`, in nats.

    The mean is over examples; with class numbers and `weight`, over the weights of the targets (as in PyTorch).
    `label_smoothing` s mixes the target with the uniform distribution: (1 - s) y + s / K.
    Shapes: `input` (K,), (N, K) or (N, K, ...) logits; `target` class numbers without the K, or probabilities of
    the same shape; result (), or that of the class numbers for "none".
    Raises `ValueError` if the shapes do not fit, or a class number is not in [0, K).
    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108, over N.
    """
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        input, target = tensors("cross_entropy", input, target)  # noqa: A001
    if input.operation in MAY_SQUASH:
        raw_scores("cross_entropy", input)
    z, t = input.raw, target.raw
    dim = 0 if z.ndim == 1 else 1
    if t.shape == z.shape and t.dtype.kind == "f" and z.ndim:
        examples: Any = z.size / z.shape[dim]
        if label_smoothing:
            target = _smoothed(target, label_smoothing, z.shape[dim])
        if weight is not None:
            target = target * _per_class(weight, input, dim)
    else:
        target, examples = _distribution(
            input, target, dim, weight=weight, ignore_index=ignore_index, label_smoothing=label_smoothing
        )
    if reduction == "mean":
        if not getattr(examples, "raw", examples):
            raise ValueError(
                "cross_entropy needs examples to average, but there are none, or all are ignored"
            )
        return input.apply(losses.cross_entropy, (input, target, examples), {"dim": dim})
    return reduced("cross_entropy", -(target * input.log_softmax(dim)).sum(dim), reduction)


def _smoothed(target: Any, share: float, classes: int) -> Any:
    if not 0 <= share <= 1:
        raise ValueError(f"cross_entropy needs label_smoothing between 0 and 1, got {share}")
    return (1 - share) * target + share / classes


def _logits(input: Tensor) -> None:  # noqa: A002
    if not input.ndim:
        raise ValueError(
            "cross_entropy needs logits for every class, got a single number; see also BCEWithLogitsLoss"
        )
    if input.dtype.kind != "f":
        raise TypeError(f"cross_entropy needs logits as floats, got {input.dtype}; use x.double()")


def _per_class(weight: Any, input: Tensor, dim: int) -> Tensor:  # noqa: A002
    _logits(input)
    values = weight if isinstance(weight, Tensor) else Tensor(np.asarray(weight).tolist())
    if values.shape != (input.shape[dim],):
        raise ValueError(
            f"cross_entropy needs one weight for each of {input.shape[dim]} classes, got {values.shape}"
        )
    return values.detach().to(input.dtype).reshape([-1 if i == dim else 1 for i in range(input.ndim)])


def _distribution(
    input: Tensor,  # noqa: A002
    target: Tensor,
    dim: int,
    *,
    weight: Any,
    ignore_index: int,
    label_smoothing: float,
) -> tuple[Tensor, Tensor]:
    """Class numbers as (smoothed and weighted) one-hot rows, and what the mean is divided by."""
    _logits(input)
    expected = input.shape[:dim] + input.shape[dim + 1 :]
    if target.dtype.kind not in "iu":
        raise ValueError(
            f"cross_entropy needs class numbers (whole, shape {expected}) or probabilities (floats, shape "
            f"{input.shape}) as target, got {target.dtype} of shape {target.shape}; use target.long() for class numbers"
        )
    if target.shape != expected:
        raise ValueError(
            f"cross_entropy needs class numbers of shape {expected} for logits of shape {input.shape}, "
            f"got {target.shape}; use target.reshape{expected} or, for one-hot rows, target.double()"
        )
    classes = input.shape[dim]
    wrong = target.raw[(target.raw != ignore_index) & ((target.raw < 0) | (target.raw >= classes))]
    if wrong.size:
        raise ValueError(f"cross_entropy needs class numbers from 0 to {classes - 1}, got {wrong[0]}")
    numbers = target.detach().unsqueeze(dim)
    order = np.arange(classes).reshape([-1 if i == dim else 1 for i in range(input.ndim)])
    rows = (numbers == order.tolist()).astype(input.dtype)
    scale = (numbers != ignore_index).astype(input.dtype)
    if weight is not None:
        scale = scale * _per_class(weight, input, dim)
    examples = (rows * scale).sum()
    return (_smoothed(rows, label_smoothing, classes) if label_smoothing else rows) * scale, examples
