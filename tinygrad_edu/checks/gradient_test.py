"""The gradient test of a function: rules against differences, and the search for what is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import (
    Arrays,
    Comparison,
    Place,
    Weighted,
    compared,
    drawn,
    same,
    upstream_generator,
)
from tinygrad_edu.checks.engine_subject import EngineSubject, is_engines
from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.checks.likeness import Likeness
from tinygrad_edu.checks.number_kernel import float_kernel_mistake
from tinygrad_edu.checks.rules import finding_of
from tinygrad_edu.checks.slopes import Slope
from tinygrad_edu.checks.subject import Run, Subject, TensorSubject, slopes_of
from tinygrad_edu.checks.wrong_gradient import explained
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints import warnings
from tinygrad_edu.text.numbers import counted, number

WORDS = {
    "pole": "the slope grows without bound",
    "jump": "the function jumps",
    "edge": "the domain ends",
    "outside the domain": "outside the domain",
    "rounding": "the slope cannot be told from rounding",
}


def gradient_test(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    *,
    order: int = 1,
    rtol: float = 1e-6,
    atol: float = 1e-7,
    moves: Callable[[Any], bool] | None = None,
    explain: bool = True,
) -> GradientVerdict:
    """The verdict on the gradients of `function` at `inputs`, up to derivatives of `order`.

    Without `explain` it does not say what is wrong, which takes many times as long as to find that something is.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"check_gradients needs order of 1 or more, got {order!r}")
    subject: Subject = TensorSubject(function, inputs, moves)
    if any(map(is_engines, inputs)):
        subject, order = EngineSubject(function, inputs), 1  # whose gradients have no graph
    if not subject.arrays:
        got = ", ".join(map(_kind_of, inputs)) or "none"
        raise ValueError(f"check_gradients needs at least one point of floating numbers, as 1.0, got {got}")
    with np.errstate(all="ignore"), warnings.off():
        if (kernel := float_kernel_mistake(function, subject.arrays)) is not None:
            return kernel
        return _tested(subject, order, rtol, atol, explain)


def _tested(subject: Subject, order: int, rtol: float, atol: float, explain: bool) -> GradientVerdict:
    run = subject.run(subject.arrays)
    rng = upstream_generator()
    upstream = [drawn(rng, y) for y in run.outputs]
    if (problem := _of_results(subject, run)) is not None:
        return problem
    weighted = Weighted(subject.value, subject.arrays, run.outputs, upstream, run.precision)
    with _unrecorded(subject):
        expected = (
            weighted.quick()
        )  # before the rules run: what they kept in a wrong place is overwritten by now
    _call_elsewhere(subject)
    found = _gradients(subject, run, weighted.weights)
    if isinstance(found, GradientVerdict):
        return found
    comparison = compared(weighted, expected, found, rtol, atol)
    if comparison.worst() is not None and not subject.differentiates:
        subject.differentiates = (
            True  # a function may look at requires_grad, and give the same only at this point
        )
        comparison = compared(weighted, weighted.quick(), found, rtol, atol)
    if comparison.worst() is not None and not explain:
        return GradientVerdict("wrong", f"the gradient of {subject.name} is wrong")
    if comparison.worst() is not None:
        return explained(subject, run, weighted, comparison, rtol, atol)
    if isinstance(subject, EngineSubject) and not subject.run(subject.arrays).adds(weighted.weights, found):
        text = f"backward() of {subject.name} overwrites the gradients that are there: it should add to them (+=)"
        return GradientVerdict("wrong", text, "overwritten gradient", _operation(run))
    verdict = _agreement(subject, comparison, rtol, atol, weighted.left_out)
    if order == 1:
        return verdict
    higher = _tested(slopes_of(subject, weighted.weights), order - 1, rtol * 10, atol * 10, explain)  # type: ignore[arg-type]
    return verdict if higher and verdict.kind != "agrees" else higher


def _kind_of(x: Any) -> str:
    """What was handed in for a point: `int64`, or the name of its type."""
    return str(getattr(x, "dtype", type(x).__name__))


def _unrecorded(subject: Subject) -> Any:
    """A block in which nothing is recorded, unless the function needs that."""
    return contextlib.nullcontext() if subject.differentiates else no_grad()


# What is wrong before any gradient.


def _of_results(subject: Subject, run: Run) -> GradientVerdict | None:
    """A verdict if a second call gives other results."""
    with _unrecorded(subject):
        plain = subject.value(subject.arrays)
    if same(run.outputs, plain):
        return None
    if not same(run.outputs, subject.run(subject.arrays).outputs):
        return _random(
            f"{subject.name} is a random function: two calls with the same inputs give different results"
        )
    subject.differentiates = True  # it looks at whether a gradient is required: only recorded calls count
    return None


def _random(text: str) -> GradientVerdict:
    hint = "; draw its random numbers before, or set the seed inside it, or call eval() of a layer"
    return GradientVerdict("random", text + hint, "random")


def _gradients(subject: Subject, run: Run, weights: Arrays) -> Arrays | GradientVerdict:
    """The gradients by the rules, or what went wrong on the way."""
    handed = [w.copy() for w in weights]
    try:
        found = run.back(handed)
    except (TypeError, ValueError, LookupError, AttributeError, ZeroDivisionError, OverflowError) as error:
        return _failed(subject, run, error)
    shapes = [(g.shape, x.shape) for g, x in zip(found, subject.arrays)]
    if any(g != x for g, x in shapes):
        return _failed(
            subject, run, ValueError(f"the gradient has shape {next(g for g, x in shapes if g != x)}")
        )
    for array, now, name in zip(subject.arrays, run.raw_inputs(), subject.names):
        if not np.array_equal(array, now, equal_nan=True):
            text = f"{subject.name} overwrites its input {name}, from which its gradient is computed"
            return GradientVerdict("wrong", text, "overwritten input", _operation(run))
    if not all(map(np.array_equal, handed, weights)):
        text = (
            f"a rule of {subject.name} overwrites the gradient that flows back, which other inputs still need"
        )
        return GradientVerdict("wrong", text, "overwritten upstream", _operation(run))
    return found


def _operation(run: Run) -> str:
    return finding_of(run.steps()).operation


def _failed(subject: Subject, run: Run, error: Exception) -> GradientVerdict:
    """The verdict where a rule raises, or returns what is no gradient of its input."""
    finding = finding_of(run.steps())
    mistake, words = finding.mistake if finding.operation else _raised(error)
    blame = f"the rule of {finding.operation} for {finding.input} is wrong: " if finding.operation else ""
    text = f"the gradient of {subject.name} cannot be computed; {blame}{words}"
    return GradientVerdict("wrong", text, mistake, finding.operation)


def _raised(error: Exception) -> Likeness:
    words = f"{type(error).__name__}: {error}"
    if "broadcast" in str(error):  # NumPy's word where a gradient that is too large is added
        return "not summed", f"{words}; sum it over the dimensions in which the input was broadcast"
    return "error", words


def _call_elsewhere(subject: Subject) -> None:
    """Call the function with other signs: a rule that uses what the last call left behind will be wrong."""
    with contextlib.suppress(Exception):  # whatever a function raises for numbers that it was not given
        subject.value([-x for x in subject.arrays])


# Agreement.


def _agreement(
    subject: Subject, comparison: Comparison, rtol: float, atol: float, left_out: int
) -> GradientVerdict:
    """All agree, and which of them at unusual points; `left_out` of the results are inf or nan."""
    unusual = comparison.unusual()
    rounded = [s for s in comparison.slopes.values() if s.error > atol + rtol * abs(s.value)]
    kinds = [s.kind for s in unusual.values()] + ["rounding"] * bool(rounded)
    kinds += ["outside the domain"] * bool(left_out)
    kind = next(
        (k for k in ("outside the domain", "pole", "jump", "kink", "edge", "rounding") if k in kinds),
        "agrees",
    )
    count = comparison.count
    text = f"{count:,} of {count:,} agree, worst relative difference {number(float(f'{comparison.relative:.1g}'))}"
    notes = [_note(subject, place, s) for place, s in list(unusual.items())[:3]]
    if kind == "rounding":
        notes.append(
            "the function rounds: no more digits can be told apart (float32 inside, or a large argument)"
        )
    if left_out:
        notes.append(f"{counted(left_out, 'result')} of {subject.name} left out: inf or nan")
    if len(unusual) > 3:
        notes.append(f"and {counted(len(unusual) - 3, 'more number')} of this kind")
    return GradientVerdict(
        kind, "; ".join([text, *notes]), relative=comparison.relative, agreeing=count, count=count
    )


def _note(subject: Subject, place: Place, slope: Slope) -> str:
    """`relu at x[3] = 0: a kink, left slope 0, right slope 1, yours 0: fine`."""
    position, where = place
    run = subject.run(subject.arrays)
    weighted = Weighted(subject.value, subject.arrays, run.outputs, [np.ones(y.shape) for y in run.outputs])
    yours = float(run.back(weighted.weights)[position][where])
    at = f"{subject.name} at {_place(subject.names[position], where)} = {_number(subject.arrays[position][where])}"
    if slope.kind == "kink":
        slope = weighted.careful(place)
        sides = f", left slope {_number(slope.left)}, right slope {_number(slope.right)}"
        at += f": a kink{sides if slope.kind == 'kink' else ''}"
    else:
        at += f": {WORDS[slope.kind]}"
    return f"{at}, yours {_number(yours)}: fine"


def _number(x: Any) -> str:
    """Without a minus before 0, and without what differences leave of a whole number."""
    return number(round(float(x), 9) + 0.0)


def _place(name: str, where: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, where))}]" if where else name
