"""The gradient test of a function: rules against differences, and the search for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinygrad_edu.autograd.checks.comparison import Comparison, Place, Weighted, compared
from tinygrad_edu.autograd.checks.engine_subject import EngineRun, EngineSubject, is_engines
from tinygrad_edu.autograd.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.autograd.checks.likeness import Likeness, likeness
from tinygrad_edu.autograd.checks.rules import Finding, Step, finding_of, steps_of
from tinygrad_edu.autograd.checks.slopes import Slope
from tinygrad_edu.autograd.checks.subject import Arrays, Run, Subject, TensorRun, TensorSubject, slopes_of
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints import warnings
from tinygrad_edu.text.numbers import counted, number

MOVED = 1e-2  # how far from a kink the rules are tried once more, relative


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
) -> GradientVerdict:
    """The verdict on the gradients of `function` at `inputs`, up to derivatives of `order`."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"check_gradients needs order of 1 or more, got {order!r}")
    subject: Subject = TensorSubject(function, inputs, moves)
    if any(map(is_engines, inputs)):
        subject, order = EngineSubject(function, inputs), 1  # whose gradients have no graph
    if not subject.arrays:
        raise ValueError("check_gradients needs at least one point of floating numbers, got none")
    with np.errstate(all="ignore"), warnings.off():
        return _tested(subject, order, rtol, atol)


def _tested(subject: Subject, order: int, rtol: float, atol: float) -> GradientVerdict:
    run = subject.run(subject.arrays)
    rng = np.random.default_rng(0)
    upstream = [_drawn(rng, y) for y in run.outputs]
    if (problem := _of_results(subject, run)) is not None:
        return problem
    weighted = Weighted(subject.value, subject.arrays, run.outputs, upstream)
    with nullcontext() if subject.differentiates else no_grad():
        expected = (
            weighted.quick()
        )  # before the rules run: what they kept in a wrong place is overwritten by now
    found = _gradients(subject, run, weighted.weights)
    if isinstance(found, GradientVerdict):
        return found
    comparison = compared(weighted, expected, found, rtol, atol)
    if comparison.worst() is not None:
        return _explained(subject, run, weighted, comparison, rtol, atol)
    if isinstance(subject, EngineSubject) and not subject.run(subject.arrays).adds(weighted.weights, found):
        text = f"backward() of {subject.name} overwrites the gradients that are there: it should add to them (+=)"
        return GradientVerdict("wrong", text, "overwritten gradient", _operation(run))
    verdict = _agreement(subject, comparison, rtol, atol)
    if order == 1:
        return verdict
    higher = _tested(slopes_of(subject, weighted.weights), order - 1, rtol * 10, atol * 10)  # type: ignore[arg-type]
    return verdict if higher and not verdict.kind == "agrees" else higher


def _drawn(rng: np.random.Generator, y: Any) -> Any:
    """What flows back into a result: never ones, so that a wrong shape or a missing factor shows."""
    return np.asarray(rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1, 1], y.shape))


# What is wrong before any gradient.


def _of_results(subject: Subject, run: Run) -> GradientVerdict | None:
    """A verdict if a second call, with nothing recorded, gives other results."""
    if _same(run.outputs, subject.value(subject.arrays)):
        return None
    if not _same(run.outputs, subject.run(subject.arrays).outputs):
        return _random(
            f"{subject.name} is a random function: two calls with the same inputs give different results"
        )
    text = f"{subject.name} gives another result where no gradient is recorded"
    return GradientVerdict("wrong", text, "recording")


def _random(text: str) -> GradientVerdict:
    hint = "; draw its random numbers before, or set the seed inside it, or call eval() of a layer"
    return GradientVerdict("random", text + hint, "random")


def _same(xs: Arrays, ys: Arrays) -> bool:
    """Equal up to rounding, which may differ between ways to the same number."""
    return len(xs) == len(ys) and all(
        np.array_equal(x, y)
        or (x.shape == y.shape and np.allclose(x, y, 1e-7, 1e-9 * np.abs(x).max(initial=0), equal_nan=True))
        for x, y in zip(xs, ys)
    )


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
            subject, run, ValueError(f"the gradient has shape {[g for g, x in shapes if g != x][0]}")
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
    return finding_of(_steps(run)).operation


def _failed(subject: Subject, run: Run, error: Exception) -> GradientVerdict:
    """The verdict where a rule raises, or returns what is no gradient of its input."""
    finding = finding_of(_steps(run))
    mistake, words = finding.mistake if finding.operation else ("error", f"{type(error).__name__}: {error}")
    blame = f"the rule of {finding.operation} for {finding.input} is wrong: " if finding.operation else ""
    text = f"the gradient of {subject.name} cannot be computed; {blame}{words}"
    return GradientVerdict("wrong", text, mistake, finding.operation)


def _steps(run: Run) -> Iterator[Step]:
    if isinstance(run, EngineRun):
        return run.steps()
    return (
        steps_of(*(y for y in run.results if y.operation is not None))
        if isinstance(run, TensorRun)
        else iter(())
    )


# Agreement.


def _agreement(subject: Subject, comparison: Comparison, rtol: float, atol: float) -> GradientVerdict:
    """All agree, and which of them at unusual points."""
    unusual = comparison.unusual()
    rounded = [s for s in comparison.slopes.values() if s.error > atol + rtol * abs(s.value)]
    kinds = [s.kind for s in unusual.values()] + ["rounding"] * bool(rounded)
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
        at += f": a kink, left slope {_number(slope.left)}, right slope {_number(slope.right)}"
    else:
        at += f": {WORDS[slope.kind]}"
    return f"{at}, yours {_number(yours)}: fine"


def _number(x: Any) -> str:
    """Without a minus before 0, and without what differences leave of a whole number."""
    return number(round(float(x), 9) + 0.0)


def _place(name: str, where: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, where))}]" if where else name


# A mistake.


def _explained(
    subject: Subject, run: Run, weighted: Weighted, comparison: Comparison, rtol: float, atol: float
) -> GradientVerdict:
    """The verdict on a wrong gradient: where, by how much, by which rule, and like what."""
    worst = comparison.worst()
    assert worst is not None
    finding = finding_of(_steps(run))
    if not finding.operation and finding.unusual and _right_nearby(subject, rtol, atol):
        return _by_kinks(subject, comparison)
    mistake, words = _mistake(subject, run, weighted, comparison, finding)
    position, where = worst
    found, expected = comparison.found[position][where], comparison.expected[position][where]
    wrong = comparison.wrong[position]
    text = (
        f"the gradient of {subject.name} by {subject.names[position]} is wrong in {wrong.sum()} of "
        f"{wrong.size} numbers, most at {list(where)}: {found:.9g} {_way(run, position)}, {expected:.9g} by "
        f"differences{words and '; '}{words}"
    )
    relative = abs(found - expected) / max(abs(expected), 1e-300)
    agreeing = comparison.count - sum(int(w.sum()) for w in comparison.wrong)
    return GradientVerdict(
        "wrong", text, mistake, finding.operation, position, where, float(found), float(expected),
        float(relative), agreeing, comparison.count,
    )  # fmt: skip


def _by_kinks(subject: Subject, comparison: Comparison) -> GradientVerdict:
    """Every rule is right, and nearby so is the whole: only the slopes chosen at kinks differ from that of the sum."""
    count = comparison.count
    text = (
        f"{count:,} of {count:,} agree or lie at kinks: every operation of {subject.name} takes a slope between those "
        "of both sides, which need not add up to that of the whole"
    )
    return GradientVerdict("kink", text, agreeing=count, count=count)


def _right_nearby(subject: Subject, rtol: float, atol: float) -> bool:
    rng = np.random.default_rng(1)
    moved = [x + MOVED * np.maximum(1, np.abs(x)) * rng.uniform(0.5, 1, x.shape) for x in subject.arrays]
    run = subject.run(moved)
    weighted = Weighted(subject.value, moved, run.outputs, [_drawn(rng, y) for y in run.outputs])
    found = run.back(weighted.weights)
    return compared(weighted, weighted.quick(), found, rtol, atol).worst() is None


def _mistake(
    subject: Subject, run: Run, weighted: Weighted, comparison: Comparison, finding: Finding
) -> Likeness:
    """What is wrong, in a word and in a sentence."""
    if finding.operation and finding.mistake[0] != "unknown":
        mistake, words = finding.mistake
        return mistake, f"the rule of {finding.operation} for {finding.input} is wrong: {words}"
    if (kept := _kept(subject, weighted, comparison)) is not None:
        return kept
    if finding.operation:
        return "unknown", f"the rule of {finding.operation} for {finding.input} is wrong"
    position, _ = comparison.worst()  # type: ignore[misc]
    alike = likeness(comparison.found[position], comparison.expected[position])
    if isinstance(run, TensorRun) and finding.complete:
        return "missing path", _outside(run, alike)
    return alike


def _kept(subject: Subject, weighted: Weighted, comparison: Comparison) -> Likeness | None:
    """Whether the rules use what an earlier call left behind, or what is drawn anew."""
    fresh = subject.run(subject.arrays).back(weighted.weights)
    if _same(fresh, comparison.found):
        return None
    again = subject.run(subject.arrays).back(weighted.weights)
    if not _same(fresh, again):
        return "random", "the gradient is another one at each call"
    return "stale", "the backward pass uses what another call of the function left behind"


def _outside(run: TensorRun, alike: Likeness) -> str:
    """Where the graph ends, if every operation in it has a right rule."""
    cut = [y for y in run.results if not y.requires_grad]
    if cut:
        return f"nothing flows back: {cut[0].why_no_gradient()}"
    words = f"; {alike[1]}" if alike[1] else ""
    return (
        "every rule on the way is right, and a part of the function is outside the graph: look for detach(), .data, "
        f".item(), no_grad() or an array of NumPy{words}"
    )


def _way(run: Run, position: int) -> str:
    """`by the rules of exp and sum`: the operations through which a gradient flows back to an input."""
    if not isinstance(run, TensorRun):
        return "by backward()"
    users: dict[Any, None] = {}
    reached = {run.inputs[position]}
    for node in reversed(_nodes(run)):
        if any(y in reached for _, y in node.edges()):
            reached.add(node)
            users[node.operation.name] = None
    if not users:
        return "because no gradient flows back to it"
    *first, last = users
    return f"by the rules of {', '.join(first)} and {last}" if first else f"by the rule of {last}"


def _nodes(run: TensorRun) -> list[Any]:
    from_results = [y for y in run.results if y.operation is not None]
    return newest_first(*from_results)
