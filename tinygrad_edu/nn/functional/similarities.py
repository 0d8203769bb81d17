"""Distances and angles between vectors, and losses that are made from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.nn.argument_checks import reduced
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.arguments import all_dims
from tinygrad_edu.tensor.functions.norms import p_norm
from tinygrad_edu.tensor.functions.public import public

_module = public(within="nn.functional", method=False)
Distance = Callable[[Any, Any], Any]


def _length(call: str, x: Any, p: float, dim: int, *, keepdim: bool = True) -> Any:
    return p_norm(x, p, all_dims(call, dim, x.ndim), keepdim)


@_module
def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Any:  # noqa: ARG001
    """`x / max(|x|_p, eps)`: vectors along `dim` of length 1."""
    size = _length("normalize", input, p, dim)
    return input / elementwise.where(size < eps, eps, size)


@public("nn.functional.cosine_similarity", method=False)
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors along `dim`: `x1 · x2 / (max(|x1|, eps) max(|x2|, eps))`."""
    x1, x2 = x1 + 0 * x2, x2 + 0 * x1  # of one shape
    sizes = [_length("cosine_similarity", x, 2, dim) for x in (x1, x2)]
    first, second = (x / elementwise.where(size < eps, eps, size) for x, size in zip((x1, x2), sizes))
    return (first * second).sum(dim)


@public("nn.functional.pairwise_distance", method=False)
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """`|x1 - x2 + eps|_p` along the last dimension."""
    return _length("pairwise_distance", x1 - x2 + eps, p, -1, keepdim=keepdim)


@public("nn.functional.cosine_embedding_loss", method=False)
def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`1 - cos` where the target is 1, `max(0, cos - margin)` where it is -1."""
    call = "cosine_embedding_loss"
    if target.ndim > 1 or input1.ndim != target.ndim + 1 or input1.shape != input2.shape:
        raise ValueError(
            f"{call} needs two vectors and a number, or two matrices and a vector, got {input1.shape}, {input2.shape} "
            f"and {target.shape}"
        )
    dim = input1.ndim - 1
    products = [(x * y).sum(dim) for x, y in ((input1, input2), (input1, input1), (input2, input2))]
    tiny = 1e-12  # as PyTorch has it here
    cosine = products[0] / ((products[1] + tiny) * (products[2] + tiny)).sqrt()
    alike = elementwise.where(target == 1, 1 - cosine, 0)
    return reduced(
        call,
        alike + elementwise.where(target == -1, elementwise.relu(cosine - margin), 0),
        reduction,
        size_average,
        reduce,
    )


@public("nn.functional.margin_ranking_loss", method=False)
def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`max(0, -y (x1 - x2) + margin)`: the first should be greater where y is 1, smaller where it is -1."""
    call = "margin_ranking_loss"
    if not input1.ndim == input2.ndim == target.ndim:
        raise ValueError(
            f"{call} needs three tensors with as many dimensions, got {input1.shape}, {input2.shape} and {target.shape}"
        )
    return reduced(call, _clamped(-target * (input1 - input2) + margin), reduction, size_average, reduce)


def _clamped(x: Any) -> Any:
    """max(x, 0), with the derivative 1 at 0, as PyTorch's clamp_min."""
    return elementwise.where(x < 0, 0, x)


@_module
def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`x` where the target is 1, `max(0, margin - x)` where it is -1."""
    far = elementwise.where(target == 1, 0, _clamped(margin - input))
    each = far + elementwise.where(target == -1, 0, input)
    return reduced("hinge_embedding_loss", each, reduction, size_average, reduce)


@_module
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-06,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)` with the p-norm as distance.

    `swap`: the negative may be nearer to the positive than to the anchor, and is then measured from there.
    Source: Balntas et al., Learning shallow convolutional feature descriptors with triplet losses (2016).
    """

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    call = "triplet_margin_loss"
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ValueError(
            f"{call} needs three tensors with as many dimensions, got {anchor.shape}, {positive.shape} and "
            f"{negative.shape}"
        )
    each = _triplets(call, anchor, positive, negative, distance, margin, swap)
    return reduced(call, each, reduction, size_average, reduce)


@_module
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Distance | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with a distance of your own, `pairwise_distance` if it is None."""
    call = "triplet_margin_with_distance_loss"
    distance = distance_function or pairwise_distance
    return reduced(call, _triplets(call, anchor, positive, negative, distance, margin, swap), reduction)


def _triplets(
    call: str, anchor: Any, positive: Any, negative: Any, distance: Distance, margin: float, swap: bool
) -> Any:
    if margin <= 0:
        raise ValueError(f"{call} needs a margin above 0, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = elementwise.minimum(far, distance(positive, negative))
    return _clamped(near - far + margin)
