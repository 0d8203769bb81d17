"""One operation of a graph, and what its wrong rule is like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays, Weighted
from tinygrad_edu.checks.likeness import UNKNOWN, Likeness, likeness

MAX_PAIRS = 1_000  # of a number and a result that depends on it, which are tried one by one
NARROW = np.float16, np.float32


@dataclass
class Step:
    """One operation of a graph on the numbers that it met.

    `forward(arrays)` computes it again; `share(position, g)` is what its rule returns, of whatever shape.
    """

    name: str
    input_names: Sequence[str]
    arrays: Arrays
    positions: Sequence[int]  # of the inputs that have a rule and may be moved
    result: Any
    forward: Callable[[Arrays], Any]
    share: Callable[[int, Any], Any] = lambda _position, _g: None
    precision: float = 0.0  # relative rounding of the result, if it is more than that of float64
    graph: Callable[[Sequence[Any]], Any] | None = None  # on Tensors, with what it is made of
    adds: Callable[[], bool] | None = None  # whether the rule adds to gradients, if that is left to it


def stacked(steps: Sequence[Step]) -> Step:
    """The same operation at several points as one operation on arrays with one dimension more."""
    first = steps[0]

    def forward(arrays: Arrays) -> Any:
        return np.stack([step.forward([x[i] for x in arrays]) for i, step in enumerate(steps)])

    def share(position: int, g: Any) -> Any:
        return np.stack([np.asarray(step.share(position, g[i])) for i, step in enumerate(steps)])

    arrays = [np.stack(each) for each in zip(*(step.arrays for step in steps))]
    result = np.stack([step.result for step in steps])
    return Step(first.name, first.input_names, arrays, first.positions, result, forward, share)


def likeness_of_rule(step: Step, position: int, g: Any, share: Any, expected: Any) -> Likeness:
    """What the wrong gradient of one input is like: that of another input, of a transposed one, of one result ..."""
    tests = (_swapped, _of_transposed, _of_one_result)
    alike = likeness(share, expected)
    if alike != UNKNOWN:
        return alike
    for test in tests:
        if (words := test(step, position, g, share)) is not None:
            return words
    if share.shape == g.shape and np.allclose(share, g):
        return "lost factor", "it hands on what flows back, and leaves out the derivative of the operation"
    return likeness(share, expected, _factors(step))


def _factors(step: Step) -> dict[str, Any]:
    """What a rule may have forgotten, or multiplied by once too often."""
    numbers = {n: x for n, x in zip(step.input_names, step.arrays) if np.asarray(x).dtype.kind in "fiu"}
    numbers["of the result"] = np.asarray(step.result)
    of = {"of the result": "the result"}
    squares = {f"{of.get(n, n)}²": x * x for n, x in numbers.items()}
    rests = {f"1 - {of.get(n, n)}": 1 - x for n, x in numbers.items()}
    rests |= {f"1 + {of.get(n, n)}": 1 + x for n, x in numbers.items()}
    rests |= {f"1 - {of.get(n, n)}²": 1 - x * x for n, x in numbers.items()}
    return {**numbers, **squares, **rests}


def _true(step: Step, position: int, g: Any, arrays: Arrays) -> Any:
    """The gradient of one input by differences."""

    def evaluate(moved: Arrays) -> Arrays:
        return [np.asarray(step.forward([*arrays[:position], moved[0], *arrays[position + 1 :]]))]

    result = evaluate([arrays[position]])[0]
    return Weighted(evaluate, [np.asarray(arrays[position], float)], [result], [g]).quick()[0]


def _swapped(step: Step, position: int, g: Any, share: Any) -> Likeness | None:
    """Whether it is the gradient of another input."""
    for other in step.positions:
        if other == position or np.shape(step.arrays[other]) != share.shape or not share.any():
            continue
        if np.allclose(share, _true(step, other, g, step.arrays), rtol=1e-4):
            return "swapped", f"it is the gradient of {step.input_names[other]}"
    return None


def _of_transposed(step: Step, position: int, g: Any, share: Any) -> Likeness | None:
    """Whether it would be right if another input, or what flows back, were transposed."""
    for other, x in enumerate(step.arrays):
        if other != position and np.ndim(x) > 1 and np.shape(x)[-1] == np.shape(x)[-2]:
            turned = [np.swapaxes(y, -1, -2) if i == other else y for i, y in enumerate(step.arrays)]
            if np.allclose(share, _true(step, position, g, turned), rtol=1e-4):
                return (
                    "transposed",
                    f"it takes {step.input_names[other]} where it should take it transposed, or the reverse",
                )
    if g.ndim < 2 or g.shape[-1] != g.shape[-2]:
        return None
    turned_g = _true(step, position, np.swapaxes(g, -1, -2), step.arrays)
    return (
        ("transposed", "it takes what flows back transposed")
        if np.allclose(share, turned_g, rtol=1e-4)
        else None
    )


def _of_one_result(step: Step, position: int, g: Any, share: Any) -> Likeness | None:
    """Whether of several results that depend on a number only one is counted."""
    rest = np.argwhere(np.ones(g.shape, bool))
    if not 1 < len(rest) <= 64 or len(rest) * share.size > MAX_PAIRS:
        return None
    parts = []
    for where in map(tuple, rest):
        alone = np.zeros_like(g)
        alone[where] = g[where]
        parts.append(_true(step, position, alone, step.arrays))
    near = np.isclose(np.array(parts), share, rtol=1e-4, atol=1e-7 * np.abs(share).max(initial=0))
    if near.any(axis=0).all() and share.any():
        return (
            "not summed",
            "of several results that depend on a number, it counts only one (= for +=, or no sum)",
        )
    return None
