"""Batch and layer normalisation, composed of any operations: statistics as constants, other divisors, eps elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.elementwise import divide, multiply
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

DIVISOR = "variance-divisor"
MIN_SIZE = 3  # of the axis; two numbers are always normalised to -1 and 1
MAX_EPS = 0.1


@dataclass(frozen=True, eq=False)
class Norm:
    """`y = (x - mean(x)) / s` along `axis`, with s * s = var(x) + eps and `over` = N or N - 1 under the variance."""

    x: Variable
    y: Variable
    s: Array
    axis: int
    over: int
    eps: float

    def back(
        self, g: Array, *, mean: bool = True, variance: bool = True, s: Array | None = None, over: int = 0
    ) -> Array:
        """The gradient at x, with or without the paths through mean and variance."""
        scale = self.s if s is None else s
        y = self.y.raw
        through_mean = g.mean(axis=self.axis, keepdims=True) if mean else 0
        through_variance = (
            y * (g * y).sum(axis=self.axis, keepdims=True) / (over or self.over) if variance else 0
        )
        return np.asarray((g - through_mean - through_variance) / scale)


def _with_sums(n: Norm, g: Array) -> Array:
    through_mean, through_variance = (each.sum(axis=n.axis, keepdims=True) for each in (g, g * n.y.raw))
    return np.asarray((g - through_mean - n.y.raw * through_variance) / n.s)


# fmt: off
CONFUSED = "N and N - 1 confused under the variance"
WAYS_BACK: list[tuple[str, int, str, Callable[[Norm, Array], Array]]] = [
    ("mean-as-constant", 37, "the mean taken as a constant", lambda n, g: n.back(g, mean=False)),
    ("variance-as-constant", 37, "the variance taken as a constant", lambda n, g: n.back(g, variance=False)),
    ("statistics-as-constants", 37, "mean and variance taken as constants",
     lambda n, g: n.back(g, mean=False, variance=False)),
    (DIVISOR, 37, CONFUSED, lambda n, g: n.back(g, s=_other(n))),
    (DIVISOR, 37, CONFUSED, lambda n, g: n.back(g, over=_other_count(n))),
    (DIVISOR, 37, CONFUSED, lambda n, g: n.back(g, s=_other(n), over=_other_count(n))),
    ("norm-wrong-axis", 37, "the means taken along the other axis",
     lambda n, g: replace(n, axis=1 - n.axis, over=n.x.raw.shape[1 - n.axis]).back(g)),
    ("norm-wrong-axis", 37, "the sums taken over everything in place of one axis",
     lambda n, g: _over_everything(n, g, n.x.raw.shape[n.axis], n.over)),
    ("norm-wrong-axis", 37, "the means taken over everything in place of one axis",
     lambda n, g: _over_everything(n, g, g.size, g.size)),
    ("deviation-left-out", 37, "the division by the standard deviation left out", lambda n, g: n.back(g) * n.s),
    ("variance-for-deviation", 37, "the variance for the standard deviation under the fraction",
     lambda n, g: n.back(g, s=n.s**2)),
    ("sums-for-means", 37, "sums in place of the means", _with_sums),
    ("eps-outside-the-root", 36, "eps added to the root, not under it,",
     lambda n, g: n.back(g, s=np.sqrt(n.s**2 - n.eps) + n.eps)),
]
# fmt: on


def _over_everything(n: Norm, g: Array, count: int, over: int) -> Array:
    return np.asarray((g - g.sum() / count - n.y.raw * (g * n.y.raw).sum() / over) / n.s)


def _other_count(n: Norm) -> int:
    size = n.x.raw.shape[n.axis]
    return size - 1 if n.over == size else size


def _other(n: Norm) -> Array:
    """The root with N for N - 1 under the variance, or the other way round."""
    return np.asarray(np.sqrt((n.s**2 - n.eps) * n.over / max(_other_count(n), 1) + n.eps))


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong way back through every normalisation."""
    for norm in norms(facts):
        for name, number, what, wrong in WAYS_BACK:
            mistake = Mistake(name, number, f"the true gradient with {what} at {{at}}", "", _full(norm))
            words = {
                "at": facts.names.node(norm.y),
                "x": facts.names.letter(norm.x, "x"),
                "y": facts.names.letter(norm.y, "y"),
            }
            yield Hypothesis(mistake, norm.y, {norm.x: _instead(norm, wrong)}, words)
            if name == DIVISOR:
                for over in {norm.x.raw.shape[norm.axis], _other_count(norm)}:
                    yield Hypothesis(mistake, norm.y, {}, words, _computed_with(facts, norm, over))


def _computed_with(facts: GraphFacts, n: Norm, over: int) -> Grads:
    """The whole computation with the other divisor under the variance, and `over` on the way back."""
    s = _other(n)
    y = (n.x.raw - n.x.raw.mean(axis=n.axis, keepdims=True)) / s
    copies = rerun(facts.tape.loss, {}, overwrite={n.y: y})
    again = Tape(copies[facts.tape.loss])
    other = replace(n, x=copies[n.x], y=copies[n.y], s=s, over=over)
    right = other.back(again.grads[other.y])
    walked = again.walk({other.x: replaced(right)})
    return {x: walked[copies[x]] - g for x, g in facts.tape.grads.items() if copies.get(x) in walked}


def _full(n: Norm) -> str:
    """The line of the right way back."""
    share = "mean(d{y} * {y})" if n.over == n.x.raw.shape[n.axis] else "sum(d{y} * {y}) / (N - 1)"
    return f"d{{x}} = (d{{y}} - mean(d{{y}}) - {{y}} * {share}) / s"


def _instead(norm: Norm, wrong: Callable[[Norm, Array], Array]) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[norm.y]
        return g - norm.back(upstream) + wrong(norm, upstream)

    return correction


def norms(facts: GraphFacts) -> list[Norm]:
    """Every normalisation, recognised by its numbers."""
    found = []
    for y in facts.tape.nodes:
        if y.operation in (divide, multiply, standardize) and y.raw.ndim == 2 and y in facts.tape.grads:
            fitting = [norm for x in _ancestors(y) for axis in (0, 1) if (norm := _norm(x, y, axis))]
            found += fitting[-1:]  # the furthest: an input that is centred already would fit too
    return found


def _ancestors(y: Variable) -> Iterator[Variable]:
    """The inputs of `y` with its shape, each followed by its own."""
    for x in _inputs_alike(y):
        yield x
        yield from _inputs_alike(x)


def _inputs_alike(y: Variable) -> list[Variable]:
    inputs = (x for x in y.inputs if isinstance(x, Variable))
    return [x for x in inputs if x.requires_grad and x.raw.shape == y.raw.shape]


def _norm(x: Variable, y: Variable, axis: int) -> Norm | None:
    size = x.raw.shape[axis]
    centred = x.raw - x.raw.mean(axis=axis, keepdims=True)
    if size < MIN_SIZE or not (np.abs(y.raw) > 1e-12).all():
        return None
    s = (centred / y.raw).mean(axis=axis, keepdims=True)
    if not (s > 0).all() or not np.allclose(centred, y.raw * s, rtol=1e-7):
        return None
    for over in (size, size - 1):
        eps = s**2 - (centred**2).sum(axis=axis, keepdims=True) / over
        if np.ptp(eps) <= 1e-9 * s.max() ** 2 and -1e-9 <= eps.mean() < MAX_EPS:
            return Norm(x, y, s, axis, over, max(float(eps.mean()), 0.0))
    return None
