"""Gradients against central differences: (f(x + h) - f(x - h)) / 2h, number by number, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.tensor.gradient_flow import flow
from tinygrad_edu.tensor.tensor import Tensor, tensor

STEP = 1e-5  # rounding costs about 1e-16 / STEP, curvature about STEP squared: 1e-5 keeps both below 1e-10


def check_gradients(
    function: Callable[..., Tensor], *points: Any, order: int = 1, rtol: float = 1e-6, atol: float = 1e-7
) -> None:
    """Compare the gradients of `function` at `points` with central differences.

    `points` are numbers, lists, arrays or Tensors, one for each input of `function`; those of whole numbers
    or booleans are constants. What flows back into the result is random, not ones, so that a wrong shape or a
    missing factor shows. `order=2` also checks the gradients of the gradients, and so on.
    Stay away from kinks and poles: neighbours at a distance of 1e-5 are computed too.
    Raises `AssertionError` naming the worst number, `ValueError` or `TypeError` for what cannot be checked.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"check_gradients needs order of 1 or more, got {order!r}")
    arrays = [_point(point) for point in points]
    if not any(array.dtype.kind == "f" for array in arrays):
        raise ValueError("check_gradients needs at least one point of floating numbers, got none")
    result = function(*map(Tensor, arrays))
    if not isinstance(result, Tensor):
        raise TypeError(
            f"check_gradients needs a function that returns a Tensor, got {type(result).__name__}"
        )
    rng = np.random.default_rng(0)
    upstream = np.asarray(rng.uniform(0.5, 1.5, result.shape) * rng.choice([-1, 1], result.shape))
    _compare(function, arrays, upstream, rtol, atol)
    if order > 1:
        weights = [rng.uniform(0.5, 1.5, array.shape) for array in arrays]
        check_gradients(
            _slope(function, weights), *arrays, upstream, order=order - 1, rtol=rtol * 10, atol=atol * 10
        )


def _point(point: Any) -> np.ndarray:
    array = tensor(point).raw
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _compare(
    function: Callable[..., Tensor], arrays: list[np.ndarray], upstream: np.ndarray, rtol: float, atol: float
) -> None:
    inputs = [_leaf(array) for array in arrays]
    by_rules = _gradients(function, inputs, Tensor(upstream), create_graph=False)
    for position, (array, gradient) in enumerate(zip(arrays, by_rules, strict=True)):
        if array.dtype.kind != "f":
            continue
        found = gradient.raw
        expected = _differences(function, arrays, position, upstream)
        error = np.abs(found - expected) / (atol + rtol * np.abs(expected))
        wrong = ~(error <= 1)  # nan is wrong too
        if wrong.any():
            error = np.where(np.isnan(error), np.inf, error)
            worst = tuple(map(int, np.unravel_index(np.argmax(error), error.shape)))
            raise AssertionError(
                f"the gradient of {_named(function, position)} is wrong in {wrong.sum()} of {wrong.size} numbers, "
                f"most at {list(worst)}: {found[worst]:.9g} {_rules(function(*inputs), inputs[position])}, "
                f"{expected[worst]:.9g} by differences"
            )


def _named(function: Callable[..., Tensor], position: int) -> str:
    """`exp by input 0`."""
    own = str(getattr(function, "name", "") or getattr(function, "__name__", type(function).__name__))
    return f"{own if own.isidentifier() else 'the function'} by input {position}"


def _rules(result: Tensor, x: Tensor) -> str:
    """`by the rules of exp and sum`: the operations through which a gradient flows back to `x`."""
    users: dict[Any, None] = {}
    reached = {x}
    for node in reversed(newest_first(result)):
        if any(y in reached for _, y in node.edges()):
            reached.add(node)
            users[node.operation.name] = None
    if not users:
        return "because no gradient flows back to it"
    *first, last = users
    return f"by the rules of {', '.join(first)} and {last}" if first else f"by the rule of {last}"


def _leaf(array: np.ndarray) -> Tensor:
    return Tensor(array, requires_grad=array.dtype.kind == "f")


def _gradients(
    function: Callable[..., Tensor], inputs: list[Tensor], upstream: Tensor, *, create_graph: bool
) -> list[Tensor]:
    """One gradient for each of `inputs`; zeros where nothing flows back."""
    result = function(*inputs)
    found = flow("check_gradients", result, upstream, create_graph) if result.requires_grad else {}
    grads = [found.get(x, np.zeros(x.shape)) for x in inputs]
    return [g if isinstance(g, Tensor) else Tensor(g) for g in grads]


def _differences(
    function: Callable[..., Tensor], arrays: list[np.ndarray], position: int, upstream: np.ndarray
) -> np.ndarray:
    array = arrays[position]
    slopes = np.empty(array.shape)
    for where in np.ndindex(array.shape):
        step = STEP * max(1.0, abs(float(array[where])))
        ends = []
        for sign in (1, -1):
            moved = array.copy()
            moved[where] += sign * step
            inputs = [*arrays[:position], moved, *arrays[position + 1 :]]
            ends.append((upstream * function(*map(_leaf, inputs)).raw).sum())
        slopes[where] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def _slope(function: Callable[..., Tensor], weights: list[np.ndarray]) -> Callable[..., Tensor]:
    """The weighted sum of the gradients of `function`: a function of its inputs and of the upstream."""

    def slope(*values: Tensor) -> Tensor:
        *inputs, upstream = values
        inputs = [x if x.requires_grad else x.detach().requires_grad_(x.dtype.kind == "f") for x in inputs]
        grads = _gradients(function, inputs, upstream, create_graph=True)
        total = Tensor(0.0)
        for x, g, weight in zip(inputs, grads, weights, strict=True):
            if x.dtype.kind == "f":
                total = total + (g * weight).sum()
        return total

    return slope
