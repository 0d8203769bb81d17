"""Batch and layer normalisation, composed of any operations: mean or variance taken as constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.elementwise import divide, multiply
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun


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


CUTS: list[tuple[str, str, Callable[[Norm, Array], Array]]] = [
    ("mean-as-constant", "the mean taken as a constant", lambda n, g: n.back(g, mean=False)),
    ("variance-as-constant", "the variance taken as a constant", lambda n, g: n.back(g, variance=False)),
    (
        "statistics-as-constants",
        "mean and variance taken as constants",
        lambda n, g: n.back(g, mean=False, variance=False),
    ),
    ("variance-divisor", "N and N - 1 confused under the variance", lambda n, g: n.back(g, s=_other(n))),
    (
        "variance-divisor",
        "N and N - 1 confused under the variance",
        lambda n, g: n.back(g, over=_other_count(n)),
    ),
    (
        "variance-divisor",
        "N and N - 1 confused under the variance",
        lambda n, g: n.back(g, s=_other(n), over=_other_count(n)),
    ),
    (
        "eps-outside-the-root",
        "eps added to the root, not under it,",
        lambda n, g: n.back(g, s=np.sqrt(n.s**2 - n.eps) + n.eps),
    ),
]


def _other_count(n: Norm) -> int:
    size = n.x.raw.shape[n.axis]
    return size - 1 if n.over == size else size


def _other(n: Norm) -> Array:
    return np.asarray(np.sqrt((n.s**2 - n.eps) * n.over / max(_other_count(n), 1) + n.eps))


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Every wrong way back through every normalisation."""
    for norm in norms(scene):
        for name, what, wrong in CUTS:
            number = 36 if name.startswith("eps") else 37
            mistake = Mistake(name, number, f"the true gradient with {what} at {{at}}", "", _full(norm))
            words = {
                "at": scene.names.node(norm.y),
                "x": scene.names.letter(norm.x, "x"),
                "y": scene.names.letter(norm.y, "y"),
            }
            yield Hypothesis(mistake, norm.y, {norm.x: _cut(norm, wrong)}, words)
            if name == "variance-divisor":
                for over in {norm.x.raw.shape[norm.axis], _other_count(norm)}:
                    yield Hypothesis(mistake, norm.y, {}, words, _computed_with(scene, norm, over))


def _computed_with(scene: Scene, n: Norm, over: int) -> Grads:
    """The whole computation with the other divisor under the variance, and `over` on the way back."""
    s = _other(n)
    y = (n.x.raw - n.x.raw.mean(axis=n.axis, keepdims=True)) / s
    copies = rerun(scene.tape.loss, {}, overwrite={n.y: y})
    again = Tape(copies[scene.tape.loss])
    other = replace(n, x=copies[n.x], y=copies[n.y], s=s, over=over)
    right = other.back(again.grads[other.y])
    walked = again.walk({other.x: replaced(right)})
    return {x: walked[copies[x]] - g for x, g in scene.tape.grads.items() if copies.get(x) in walked}


def _full(n: Norm) -> str:
    """The right way back, as it is to be written."""
    share = "mean(d{y} * {y})" if n.over == n.x.raw.shape[n.axis] else "sum(d{y} * {y}) / (N - 1)"
    return f"d{{x}} = (d{{y}} - mean(d{{y}}) - {{y}} * {share}) / s"


def _cut(norm: Norm, wrong: Callable[[Norm, Array], Array]) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[norm.y]
        return g - norm.back(upstream) + wrong(norm, upstream)

    return correction


def norms(scene: Scene) -> list[Norm]:
    """Every normalisation, recognised by its numbers."""
    found = []
    for y in scene.tape.nodes:
        if y.operation in (divide, multiply) and y.raw.ndim == 2 and y in scene.tape.grads:
            fitting = [norm for x in _ancestors(y) for axis in (0, 1) if (norm := _norm(x, y, axis))]
            found += fitting[-1:]  # the furthest: what is centred already would fit too
    return found


def _ancestors(y: Variable) -> Iterator[Variable]:
    waiting = list(y.inputs)
    for x in waiting[:12]:
        if isinstance(x, Variable) and x.requires_grad and x.raw.shape == y.raw.shape:
            yield x
            yield from (
                u
                for u in x.inputs
                if isinstance(u, Variable) and u.requires_grad and u.raw.shape == y.raw.shape
            )


def _norm(x: Variable, y: Variable, axis: int) -> Norm | None:
    size = x.raw.shape[axis]
    centred = x.raw - x.raw.mean(axis=axis, keepdims=True)
    if size < 3 or not (np.abs(y.raw) > 1e-12).all():
        return None
    s = (centred / y.raw).mean(axis=axis, keepdims=True)
    if not (s > 0).all() or not np.allclose(centred, y.raw * s, rtol=1e-7):
        return None
    for over in (size, size - 1):
        eps = s**2 - (centred**2).sum(axis=axis, keepdims=True) / over
        if np.ptp(eps) <= 1e-9 * s.max() ** 2 and -1e-9 <= eps.mean() < 0.1:
            return Norm(x, y, s, axis, over, max(float(eps.mean()), 0.0))
    return None
