"""The verdict on a wrong gradient: where, by how much, by which rule, and like what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays, Comparison, Weighted, compared, drawn, same
from tinygrad_edu.checks.engine_subject import EngineRun
from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.checks.likeness import UNKNOWN, Likeness, likeness
from tinygrad_edu.checks.rule_likeness import Step, likeness_of_rule
from tinygrad_edu.checks.rules import FEW, Finding, finding_of, seen_again
from tinygrad_edu.checks.subject import Run, Subject, TensorRun

MOVED = 1e-2  # how far from a kink the rules are tried once more, relative
CALLS = 6  # others, at which a mistake in few numbers is looked at again


def explained(
    subject: Subject, run: Run, weighted: Weighted, comparison: Comparison, rtol: float, atol: float
) -> GradientVerdict:
    """The verdict on a wrong gradient: where, by how much, by which rule, and like what."""
    worst = comparison.worst()
    assert worst is not None
    finding = finding_of(run.steps())
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
        (finding.step, finding.place[1]) if finding.step else None,
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
    weighted = Weighted(subject.value, moved, run.outputs, [drawn(rng, y) for y in run.outputs])
    found = run.back(weighted.weights)
    return compared(weighted, weighted.quick(), found, rtol, atol).worst() is None


def _moved(subject: Subject) -> Iterator[Arrays]:
    """The inputs of other calls, at which a function mostly takes the same way."""
    rng = np.random.default_rng(2)
    for _ in range(CALLS):
        yield [np.asarray(x * rng.uniform(0.7, 1.3, x.shape)) for x in subject.arrays]


def _elsewhere(subject: Subject) -> Iterator[Run]:
    """Other calls of the function."""
    for arrays in _moved(subject):
        try:
            yield subject.run(arrays)
        except Exception:  # whatever a function raises for numbers that it was not given
            return


def _mistake(
    subject: Subject, run: Run, weighted: Weighted, comparison: Comparison, finding: Finding
) -> Likeness:
    """What is wrong, in a word and in a sentence."""
    if isinstance(run, EngineRun) and not finding.operation:
        order = _of_order(subject, weighted, comparison)
        if order is not None:
            return order
    if (kept := _kept(subject, weighted, comparison)) is not None:
        return kept
    if finding.operation:
        mistake, words = seen_again(finding, [list(run.steps()) for run in _elsewhere(subject)])
        return mistake, f"the rule of {finding.operation} for {finding.input} is wrong{words and ': '}{words}"
    position, _ = comparison.worst()  # type: ignore[misc]
    alike = _alike(subject, position, comparison)
    if isinstance(run, TensorRun) and finding.complete:
        return "missing path", _outside(run, alike)
    if alike == UNKNOWN and len(run.outputs) == 1:
        found, expected = comparison.found[position], comparison.expected[position]
        return likeness_of_rule(_whole(subject, run), position, weighted.weights[0], found, expected)
    return alike


def _whole(subject: Subject, run: Run) -> Step:
    """The whole function as one operation."""
    positions = range(len(subject.arrays))
    arrays, names = subject.arrays, subject.names
    return Step(subject.name, names, arrays, positions, run.outputs[0], lambda xs: subject.value(xs)[0])


def _of_order(subject: Subject, weighted: Weighted, comparison: Comparison) -> Likeness | None:
    """Whether the rules are right, and only run in a wrong order."""
    fresh = subject.run(subject.arrays)
    assert isinstance(fresh, EngineRun)
    try:
        ordered = fresh.by_chain_rule(weighted.weights)
    except (AttributeError, TypeError, ValueError):  # of an engine with another walk
        return None
    if all(np.allclose(g, e, 1e-6, 1e-7) for g, e in zip(ordered, comparison.expected)):
        return (
            "walk",
            "the rules are right, but run in a wrong order: a number must come after all that use it",
        )
    return None


def _alike(subject: Subject, position: int, comparison: Comparison) -> Likeness:
    """What the gradient of one input is like, of few numbers at this call and at others."""
    if comparison.count > FEW:
        return likeness(comparison.found[position], comparison.expected[position])
    found, expected = [], []
    for arrays in [subject.arrays, *_moved(subject)]:
        try:
            run = subject.run(arrays)
            weighted = Weighted(
                subject.value, arrays, run.outputs, [drawn(np.random.default_rng(3), y) for y in run.outputs]
            )
            found.append(run.back(weighted.weights)[position])
            expected.append(weighted.quick()[position])
        except Exception:  # whatever a function raises for numbers that it was not given
            break
    return likeness(np.stack(found), np.stack(expected))


def _kept(subject: Subject, weighted: Weighted, comparison: Comparison) -> Likeness | None:
    """Whether the rules use what an earlier call left behind, or what is drawn anew."""
    fresh = subject.run(subject.arrays).back(weighted.weights)
    if same(fresh, comparison.found):
        return None
    again = subject.run(subject.arrays).back(weighted.weights)
    if not same(fresh, again):
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
    for node in reversed(run.nodes()):
        if any(y in reached for _, y in node.edges()):
            reached.add(node)
            users[node.operation.name] = None
    if not users:
        return "because no gradient flows back to it"
    *first, last = users
    return f"by the rules of {', '.join(first)} and {last}" if first else f"by the rule of {last}"
