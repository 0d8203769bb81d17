"""Normalisation over rows or columns: what is taken as a constant, and what is divided by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.explanation.diagnosis import Suspects
from tinygrad_edu.explanation.diagnosis.mistakes.normalization import norms

rng = np.random.default_rng(0)
X, T, GAMMA = rng.normal(size=(6, 5)), rng.normal(size=(6, 5)), rng.normal(size=5)
EPS = 0.01


@dataclass
class Norm:
    """A normalisation with its way back as lines of NumPy: `over` stands under the variance."""

    axis: int
    over: int

    def total(self, a):
        return a.sum(self.axis, keepdims=True)

    @property
    def centred(self):
        return X - X.mean(self.axis, keepdims=True)

    def scale(self, over):
        return np.sqrt(self.total(self.centred**2) / over + EPS)

    def upstream(self, y):
        return 2 * (y * GAMMA - T) * GAMMA / T.size

    def back(self, *, mean=True, variance=True, s=None, over=None, y=None):
        s = self.scale(self.over) if s is None else s
        y = self.centred / self.scale(self.over) if y is None else y
        g = self.upstream(y)
        through_mean = g.mean(self.axis, keepdims=True) if mean else 0
        through_variance = y * self.total(g * y) / (over or self.over) if variance else 0
        return (g - through_mean - through_variance) / s

    def over_everything(self, count, over):
        y = self.centred / self.scale(self.over)
        g = self.upstream(y)
        return (g - g.sum() / count - y * (g * y).sum() / over) / self.scale(self.over)

    def with_sums(self):
        y = self.centred / self.scale(self.over)
        g = self.upstream(y)
        return (g - self.total(g) - y * self.total(g * y)) / self.scale(self.over)

    @property
    def other(self):
        """N for N - 1, and N - 1 for N."""
        count = X.shape[self.axis]
        return 2 * count - 1 - self.over


def loss_of(x, norm, by=lambda centred, variance: centred / variance.sqrt()):
    variance = x.var(norm.axis, correction=X.shape[norm.axis] - norm.over, keepdim=True)
    y = by(x - x.mean(norm.axis, keepdim=True), variance + EPS)
    y.name = "y"
    return (y * tensor(GAMMA) - tensor(T)).square().mean()


MISTAKES = {
    "mean": (lambda n: n.back(mean=False), "mean-as-constant", "the mean taken as a constant"),
    "variance": (
        lambda n: n.back(variance=False),
        "variance-as-constant",
        "the variance taken as a constant",
    ),
    "both": (
        lambda n: n.back(mean=False, variance=False),
        "statistics-as-constants",
        "mean and variance taken as constants",
    ),
    "divisor in the root": (
        lambda n: n.back(s=n.scale(n.other)),
        "variance-divisor",
        "N and N - 1 confused under the variance",
    ),
    "sums over everything": (
        lambda n: n.over_everything(X.shape[n.axis], n.over),
        "norm-wrong-axis",
        "the sums taken over everything in place of one axis",
    ),
    "means over everything": (
        lambda n: n.over_everything(X.size, X.size),
        "norm-wrong-axis",
        "the means taken over everything in place of one axis",
    ),
    "divisor of the sum": (
        lambda n: n.back(over=n.other),
        "variance-divisor",
        "N and N - 1 confused under the variance",
    ),
    "both divisors": (
        lambda n: n.back(s=n.scale(n.other), over=n.other),
        "variance-divisor",
        "N and N - 1 confused under the variance",
    ),
    "forward": (
        lambda n: n.back(s=n.scale(n.other), y=n.centred / n.scale(n.other), over=X.shape[n.axis]),
        "variance-divisor",
        "N and N - 1 confused under the variance",
    ),
    "variance for deviation": (
        lambda n: n.back(s=n.scale(n.over) ** 2),
        "variance-for-deviation",
        "the variance for the standard deviation under the fraction",
    ),
    "sums": (
        lambda n: n.with_sums(),
        "sums-for-means",
        "sums in place of the means",
    ),
    "eps": (
        lambda n: n.back(s=np.sqrt(n.scale(n.over) ** 2 - EPS) + EPS),
        "eps-outside-the-root",
        "eps added to the root, not under it,",
    ),
}

every_norm = pytest.mark.parametrize(
    "norm",
    [Norm(0, 6), Norm(0, 5), Norm(1, 5), Norm(1, 4)],
    ids=["batch", "batch, N - 1", "layer", "layer, N - 1"],
)


@pytest.mark.slow
@every_norm
@pytest.mark.parametrize(("wrong", "mistake", "did"), MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_way_back_through_a_normalisation_is_named(wrong, mistake, did, norm):
    x = tensor(X, requires_grad=True, name="x")

    found = diagnose(loss_of(x, norm), x, np.round(wrong(norm), 6))

    number = 36 if mistake.startswith("eps") else 37
    assert [(e.mistake, e.catalogue) for e in found.explanations] == [(mistake, number)]
    assert f"It equals the true gradient with {did} at 'y'" in str(found)
    share = "mean(dy * y)" if norm.over == X.shape[norm.axis] else "sum(dy * y) / (N - 1)"
    assert str(found).endswith(f"It should be dx = (dy - mean(dy) - y * {share}) / s.")


def test_a_way_back_with_n_under_a_sum_over_n_minus_1_is_named_with_the_right_line():
    x, norm = tensor(X, requires_grad=True, name="x"), Norm(axis=0, over=5)

    (e,) = diagnose(loss_of(x, norm), x, np.round(norm.back(over=6), 6)).explanations

    assert e.mistake == "variance-divisor"
    assert e.fix == "dx = (dy - mean(dy) - y * sum(dy * y) / (N - 1)) / s"


@every_norm
def test_the_right_way_back_is_right(norm):
    x = tensor(X, requires_grad=True, name="x")

    assert diagnose(loss_of(x, norm), x, np.round(norm.back(), 6)).right


def test_a_normalisation_may_multiply_by_one_over_the_root():
    x, norm = tensor(X, requires_grad=True, name="x"), Norm(0, 6)
    loss = loss_of(x, norm, by=lambda centred, variance: centred * variance**-0.5)

    (e,) = diagnose(loss, x, np.round(norm.back(mean=False), 6)).explanations

    assert e.mistake == "mean-as-constant"


def test_a_normalisation_is_found_inside_a_network():
    w, norm = tensor(np.eye(6), requires_grad=True, name="W"), Norm(0, 6)
    loss = loss_of(w @ tensor(X), norm)

    (e,) = diagnose(loss, w, np.round(norm.back(mean=False, variance=False) @ X.T, 6)).explanations

    assert e.mistake == "statistics-as-constants"


def norms_of(y):
    return norms(Suspects((y * tensor(GAMMA) - tensor(T)).square().mean()).facts)


@every_norm
def test_a_normalisation_is_recognised_by_its_numbers(norm):
    x = tensor(X, requires_grad=True)
    (y,) = (y for y in newest_first(loss_of(x, norm)) if y.name == "y")

    (found,) = norms_of(y)

    assert (found.x, found.y, found.axis, found.over) == (x, y, norm.axis, norm.over)
    assert found.eps == pytest.approx(EPS)


def test_two_examples_are_too_few_to_recognise_a_normalisation():
    x = tensor(X[:2], requires_grad=True)
    y = centred(x) / (x.var(0, correction=0, keepdim=True) + EPS).sqrt()

    assert norms(Suspects((y * tensor(GAMMA)).square().mean()).facts) == []


NOT_NORMAL = {
    "not centred": lambda x: x / tensor(np.abs(X).sum(0)),
    "an eps that is no trifle": lambda x: centred(x) / tensor(np.sqrt(X.var(0) + 0.5)),
    "an eps below 0": lambda x: centred(x) / tensor(np.sqrt(X.var(0) - 0.05)),
    "an eps for every column": lambda x: centred(x) / tensor(np.sqrt(X.var(0) + 0.01 * np.arange(5))),
    "the sign turned": lambda x: centred(x) / tensor(-X.std(0)),
    "something added": lambda x: centred(x) + tensor(X.std(0)),
}


def centred(x):
    return x - x.mean(0, keepdim=True)


@pytest.mark.parametrize("y", NOT_NORMAL.values(), ids=NOT_NORMAL)
def test_what_is_divided_by_something_else_is_no_normalisation(y):
    assert norms_of(y(tensor(X, requires_grad=True))) == []
