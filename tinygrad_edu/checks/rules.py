"""Each rule of a graph by itself: which one is wrong, and in which way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays, Weighted, compared, drawn, upstream_generator
from tinygrad_edu.checks.likeness import UNKNOWN, Likeness
from tinygrad_edu.checks.rule_likeness import NARROW, Step, likeness_of_rule, stacked
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.tensor import Tensor

RTOL, ATOL = 1e-5, 1e-7
MAX_NUMBERS = 600  # of the inputs of an operation that is tried
MAX_STEPS = 200  # operations of a graph that are tried
MAX_TIME = 5.0  # seconds of trying
FEW = 32  # numbers, which may look like much


@dataclass
class Finding:
    """What was found out of the operations of a graph."""

    operation: str = ""  # the first whose rule is wrong; empty if none is
    input: str = ""
    mistake: Likeness = UNKNOWN
    complete: bool = True  # whether every operation was tried
    unusual: bool = False  # whether one of them is at a kink, a jump or a pole
    place: tuple[int, int] = (0, 0)  # of the wrong rule: which operation, and which input
    step: Step | None = None


def finding_of(steps: Iterator[Step | None]) -> Finding:
    """Try each operation by itself, the last one first; stop at the first that is wrong."""
    found, end = Finding(), time.monotonic() + MAX_TIME
    for count, step in enumerate(steps):
        if (
            step is None
            or count >= MAX_STEPS
            or time.monotonic() > end
            or sum(np.size(x) for x in step.arrays) > MAX_NUMBERS
        ):
            found.complete = False
            continue
        for position in step.positions:
            with np.errstate(all="ignore"):
                mistake = _tried(step, position, found)
            if mistake is not None:
                name = step.input_names[position]
                return Finding(step.name, name, mistake, found.complete, place=(count, position), step=step)
    return found


def seen_again(finding: Finding, others: Sequence[Sequence[Step | None]]) -> Likeness:
    """The mistake of the rule that was found, judged on the steps of other calls: a few numbers look like much."""
    number, position = finding.place
    if finding.step is None or np.size(finding.step.arrays[position]) > FEW:
        return finding.mistake
    same = [steps[number] for steps in others if len(steps) > number]
    same = [step for step in same if step is not None and step.name == finding.operation]
    if len(same) < 2:
        return finding.mistake
    with np.errstate(all="ignore"):
        try:
            again = _tried(stacked(same), position, Finding())  # type: ignore[arg-type]
        except ValueError:  # of shapes that differ from call to call
            again = None
    return again or finding.mistake


def _tried(step: Step, position: int, notes: Finding) -> Likeness | None:
    """The mistake in one rule; None if there is none."""
    g = drawn(upstream_generator(), np.asarray(step.result))
    before = [np.array(x) for x in step.arrays]
    handed = g.copy()
    try:
        share = np.array(step.share(position, handed), float)
    except Exception as error:  # whatever a rule of somebody's raises
        words = f"it raises {type(error).__name__}: {error}"
        method = error.name if isinstance(error, AttributeError) else None
        if method and hasattr(elementwise, method):  # of Tensors, called on an array
            words += f"; a rule runs on arrays, too, so write {method}(x), from {elementwise.__name__}"
        return "error", words
    if step.adds is not None and share.shape == before[position].shape and not step.adds():
        return "overwritten gradient", "it overwrites the gradients that are there (= for +=)"
    if not np.array_equal(handed, g):
        return (
            "overwritten upstream",
            "it overwrites the gradient that flows back, which other inputs still need",
        )
    if any(not np.array_equal(x, y, equal_nan=_floating(y)) for x, y in zip(step.arrays, before)):
        return "overwritten input", "it overwrites an input, which others still need"
    if share.shape != before[position].shape:
        return _of_shape(share.shape, before[position].shape)
    again = np.array(step.share(position, g.copy()), float)
    if not np.array_equal(share, again, equal_nan=True):
        return "random", "it gives another gradient at each call"
    return _held_against_slopes(step, position, g, share, notes)


def _floating(x: Any) -> bool:
    return bool(np.asarray(x).dtype.kind == "f")


def _of_shape(got: tuple[int, ...], shape: tuple[int, ...]) -> Likeness:
    words = f"it has shape {got}, its input {shape}"
    try:
        broadcast = len(got) >= len(shape) and np.broadcast_shapes(got, shape) == got
    except ValueError:
        broadcast = False
    if broadcast:
        return "not summed", f"{words}: it is not summed over the dimensions in which the input was broadcast"
    return "shape", words


def _held_against_slopes(step: Step, position: int, g: Any, share: Any, notes: Finding) -> Likeness | None:
    arrays = [np.asarray(x, float) if _floating(x) else x for x in step.arrays]

    def evaluate(moved: Arrays) -> Arrays:
        return [np.asarray(step.forward([*arrays[:position], moved[0], *arrays[position + 1 :]]))]

    weighted = Weighted(evaluate, [arrays[position]], [np.asarray(step.result)], [g], lambda: step.precision)
    result = compared(weighted, weighted.quick(), [share], RTOL, ATOL)
    notes.unusual = notes.unusual or bool(result.unusual())
    if result.worst() is None:
        return None
    twice = np.array(step.share(position, 2 * g), float)
    if not np.allclose(twice, 2 * share, equal_nan=True) and np.isfinite(share).all():
        return "ignores upstream", "it leaves out the gradient that flows back, or is not proportional to it"
    return likeness_of_rule(step, position, g, share, result.expected[0])


def steps_of(*results: Tensor) -> Iterator[Step]:
    """The operations behind Tensors, the last first."""
    for node in newest_first(*results):
        yield _step(node)


def _step(node: Any) -> Step:
    operation, settings = node.operation, dict(node.settings)
    values = list(node.values(node.inputs))
    values = values[: len(node.inputs)]
    again = getattr(operation, "again", None)  # of an autograd.Function
    tracked = [isinstance(x, Tensor) and x.requires_grad for x in node.inputs]
    positions = [i for i, (x, v) in enumerate(zip(tracked, values)) if x and np.asarray(v).dtype.kind == "f"]

    def forward(arrays: Arrays) -> Any:
        if again is not None:
            return again(arrays, **settings)
        common = [operation.common(*arrays, **settings)] if operation.common is not None else []
        return operation.forward(*arrays, *common, **settings)

    def share(position: int, g: Any) -> Any:
        common = [node.common] if node.common is not None else []
        rule = operation.rules[position] if position < len(operation.rules) else None
        if rule is None:
            return np.zeros(np.shape(values[position]))
        return _fitted(
            operation, np.asarray(rule(g, node.raw, *values, *common, **settings)), values[position]
        )

    def graph(xs: Sequence[Tensor]) -> Any:
        if again is not None:
            return operation.as_written(xs[1:], **settings)
        common = [operation.common(*xs, **settings)] if operation.common is not None else []
        return operation.forward(*xs, *common, **settings)

    names = [name.lstrip("*") for name in operation.input_names]
    names = ["the result", *operation.names(**settings)] if again is not None else names
    names += [f"input {i + 1}" for i in range(len(names), len(values))]
    kinds = [x.dtype for x in (node.raw, *values) if getattr(x, "dtype", None) in NARROW]
    precision = max((float(np.finfo(kind).eps) for kind in kinds), default=0.0)
    return Step(operation.name, names, values, positions, node.raw, forward, share, precision, graph=graph)


def _fitted(operation: Any, g: Any, x: Any) -> Any:
    """`g` as the operation itself makes it fit; as it is where that fails."""
    try:
        return g if g.shape == x.shape else operation.fit(g, x)
    except (TypeError, ValueError):
        return g
