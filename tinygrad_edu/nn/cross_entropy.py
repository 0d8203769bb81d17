"""Losses of classes: cross-entropy of raw scores against class numbers or probabilities, and one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.argument_checks import (
    MAY_SQUASH,
    class_weights,
    raw_scores,
    reduced,
    tensors,
)
from tinygrad_edu.ops import fused_loss, index
from tinygrad_edu.ops.ordering import class_numbers
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.tensor import tensor as make_tensor


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Whole numbers, 1 in the place of the class along a new last dimension and 0 elsewhere.

    `num_classes`: how many places; as many as the greatest number asks for, if -1.
    Shapes: (...) of whole numbers; result (..., num_classes).
    Raises `TypeError` for other numbers, `ValueError` if one is not in [0, num_classes), or for fewer than one place.
    """
    if isinstance(num_classes, bool) or not isinstance(num_classes, int | np.integer):
        raise TypeError(f"one_hot needs num_classes as a whole number, got {num_classes!r}")
    if num_classes < 1 and num_classes != -1:
        raise ValueError(
            f"one_hot needs num_classes of 1 or more, or -1 for as many as there are, got {num_classes}"
        )
    numbers = tensor if isinstance(tensor, Tensor) else make_tensor(tensor)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"one_hot needs class numbers (whole), got {numbers.dtype}; use x.long()")
    if num_classes == -1:
        if not numbers.numel():
            raise ValueError("one_hot needs num_classes if there are no class numbers")
        num_classes = int(numbers.max().item()) + 1
    if numbers.numel() and not (numbers.raw.min() >= 0 and numbers.raw.max() < num_classes):
        low, high = numbers.raw.min(), numbers.raw.max()
        raise ValueError(f"one_hot needs class numbers from 0 to {num_classes - 1}, got {low} to {high}")
    return index.one_hot(numbers, classes=num_classes, dim=numbers.ndim, dtype=np.dtype(np.int64))


def cross_entropy(
    input: Tensor,  # noqa: A002
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
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
    z, t = input.form, target.form
    if z.dtype.kind != "f":
        _check_swapped(input, target)
    if input.operation in MAY_SQUASH:
        raw_scores("cross_entropy", input)
    dim = int(z.ndim > 1)
    mean = reduction == "mean" and size_average is None and reduce is None
    rows: Tensor = target
    examples: Any = z.size / (z.shape[dim] or 1) if z.ndim else 0
    if t.shape != z.shape or t.dtype.kind != "f" or not z.ndim:
        _check_class_numbers(input, target, dim)
        ignorable = 0 <= ignore_index < z.shape[dim]  # otherwise what is ignored has a row of zeros
        if mean and weight is None and not label_smoothing and not ignorable:
            settings = {"dim": dim, "ignore_index": ignore_index}
            return input.apply(fused_loss.class_cross_entropy, (input, target), settings)
        rows, examples = _class_numbers(input, target, dim, weight, ignore_index, label_smoothing)
    elif weight is not None or label_smoothing or ignore_index >= 0:
        rows = _probabilities(input, target, weight, ignore_index, label_smoothing)
    if mean:
        if not (examples if examples.__class__ is float else examples.raw):
            raise ValueError(fused_loss.NO_EXAMPLES)
        return input.apply(fused_loss.cross_entropy, (input, rows, examples), {"dim": dim})
    return reduced(
        "cross_entropy", -(rows * input.log_softmax(dim)).sum(dim), reduction, size_average, reduce
    )


def _check_swapped(input: Tensor, target: Tensor) -> None:  # noqa: A002
    """Raise `TypeError` if the target was given first: class numbers before the logits."""
    if target.dtype.kind == "f" and target.ndim == input.ndim + 1:
        raise TypeError(
            f"cross_entropy needs the logits first and then the target, but the arguments seem swapped: class numbers "
            f"of shape {input.shape} came before floats of shape {target.shape}"
        )


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
    if isinstance(weight, Tensor):
        values = weight
    else:  # an array as it is: whoever watches must know that it may be another one next time
        values = Tensor(weight if isinstance(weight, np.ndarray) else np.asarray(weight).tolist())
    class_weights("cross_entropy", values, input.shape[dim])
    return values.detach().to(input.dtype).reshape([-1 if i == dim else 1 for i in range(input.ndim)])


def _probabilities(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Any,
    ignore_index: int,
    label_smoothing: float,
) -> Tensor:
    """Rows of probabilities, smoothed and weighted."""
    if ignore_index >= 0:
        raise ValueError(
            f"cross_entropy needs class numbers as target for ignore_index={ignore_index}, got probabilities; "
            "multiply their rows by 0 to ignore them"
        )
    dim = int(input.ndim > 1)
    classes = input.shape[dim]
    rows = _smoothed(target, label_smoothing, classes) if label_smoothing else target
    if weight is not None:
        rows = rows * _per_class(weight, input, dim)
    return rows


def _class_numbers(
    input: Tensor,  # noqa: A002
    target: Tensor,
    dim: int,
    weight: Any,
    ignore_index: int,
    label_smoothing: float,
) -> tuple[Tensor, Any]:
    """Class numbers as one-hot rows, smoothed and weighted, and the sum of the weights, which divides the mean."""
    classes = input.shape[dim]
    class_numbers("cross_entropy", target.raw, classes, ignore_index)
    rows = index.one_hot(target, classes=classes, dim=dim, dtype=input.dtype)
    scale = (target.detach().unsqueeze(dim) != ignore_index).astype(input.dtype)
    if weight is not None:
        scale = scale * _per_class(weight, input, dim)
    examples = (rows * scale).sum()
    return (_smoothed(rows, label_smoothing, classes) if label_smoothing else rows) * scale, examples


def _check_class_numbers(input: Tensor, target: Tensor, dim: int) -> None:  # noqa: A002
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
