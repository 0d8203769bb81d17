"""Distributions have PyTorch's log-probabilities, moments, entropies, divergences, and gradients of all of them."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as ours
from tinygrad_edu import distributions as D

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
T = torch.distributions

ROWS = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
COVARIANCE = np.array([[2.0, 0.5], [0.5, 1.0]])
# name: parameters, values of which the log-probability is taken
CASES = {
    "Normal": ({"loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, -3.0]]),
    "Laplace": ({"loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, -3.0]]),
    "Cauchy": ({"loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, -3.0]]),
    "Gumbel": ({"loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, -3.0]]),
    "Uniform": ({"low": [0.3, -1.0], "high": [0.5, 2.0]}, [[0.4, 0.2], [0.45, -0.5]]),
    "LogNormal": ({"loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, 3.0]]),
    "HalfNormal": ({"scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, 3.0]]),
    "Exponential": ({"rate": [0.5, 2.0]}, [[0.1, 0.2], [1.5, 3.0]]),
    "Gamma": ({"concentration": [0.5, 2.0], "rate": [1.5, 0.7]}, [[0.1, 0.2], [1.5, 3.0]]),
    "Chi2": ({"df": [1.5, 4.0]}, [[0.1, 0.2], [1.5, 3.0]]),
    "Beta": ({"concentration1": [0.5, 2.0], "concentration0": [1.5, 0.7]}, [[0.1, 0.2], [0.5, 0.9]]),
    "StudentT": ({"df": [3.5, 4.0], "loc": [0.3, -1.0], "scale": [0.5, 2.0]}, [[0.1, 0.2], [1.5, 3.0]]),
    "Dirichlet": ({"concentration": [[0.5, 2.0, 1.0], [3.0, 1.0, 2.0]]}, ROWS),
    "Bernoulli": ({"probs": [0.2, 0.7]}, [[0.0, 1.0], [1.0, 1.0]]),
    "Bernoulli logits": ({"logits": [0.2, -0.7]}, [[0.0, 1.0], [1.0, 1.0]]),
    "Geometric": ({"probs": [0.2, 0.7]}, [[0.0, 1.0], [4.0, 2.0]]),
    "Binomial": ({"total_count": [5.0, 3.0], "probs": [0.2, 0.7]}, [[0.0, 1.0], [4.0, 2.0]]),
    "Poisson": ({"rate": [0.5, 4.0]}, [[0.0, 1.0], [4.0, 2.0]]),
    "Categorical": ({"probs": ROWS}, [0, 2]),
    "Categorical logits": ({"logits": ROWS * 4}, [[0, 2], [1, 1]]),
    "OneHotCategorical": ({"probs": ROWS}, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
    "Multinomial": ({"total_count": 4, "probs": ROWS}, [[1.0, 1.0, 2.0], [4.0, 0.0, 0.0]]),
    "MultivariateNormal": ({"loc": [0.3, -1.0], "covariance_matrix": COVARIANCE}, [[0.1, 0.2], [1.5, -3.0]]),
    "MultivariateNormal precision": ({"loc": [0.3, -1.0], "precision_matrix": COVARIANCE}, [0.1, 0.2]),
    "MultivariateNormal scale": (
        {"loc": [0.3, -1.0], "scale_tril": [[2.0, 0.0], [0.5, 1.0]]},
        [[0.1, 0.2], [1.5, -3.0]],
    ),
}
LACKING = {  # of which PyTorch has some
    *(("Dirichlet", "mode"), ("Beta", "mode"), ("Binomial", "mode"), ("Multinomial", "mode")),
    *(("Binomial", "entropy"), ("Multinomial", "entropy"), ("Poisson", "entropy")),
}
NUMBERS = ("mean", "variance", "stddev", "mode")
DIVERGENT = {
    **{
        name: CASES[name][0]
        for name in CASES
        if name not in ("Cauchy", "Gumbel", "StudentT", "Binomial", "Multinomial")
    },
    "Uniform": {"low": [-0.3, -2.0], "high": [0.7, 3.0]},
}


def made(library, module, name, given):
    """A distribution, and its parameters that require a gradient."""
    parameters = {
        key: x if isinstance(x, int) else library.tensor(np.asarray(x, float), requires_grad=True)
        for key, x in given.items()
    }
    leaves = [x for x in parameters.values() if not isinstance(x, int)]
    return getattr(module, name.split()[0])(**parameters), leaves


def same(mine, theirs, my_leaves, their_leaves):
    """Equal values, and equal gradients of their sum."""
    np.testing.assert_allclose(mine.numpy(force=True), theirs.detach().numpy(), rtol=1e-10, atol=1e-12)
    if not theirs.requires_grad or not bool(torch.isfinite(theirs).all()):
        return
    mine.sum().backward()
    theirs.sum().backward()
    for x, y in zip(my_leaves, their_leaves, strict=True):
        if y.grad is not None:
            np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_log_probabilities_and_their_gradients(name):
    given, value = CASES[name]
    mine, my_leaves = made(ours, D, name, given)
    theirs, their_leaves = made(torch, T, name, given)

    assert (mine.batch_shape, mine.event_shape) == (tuple(theirs.batch_shape), tuple(theirs.event_shape))
    assert mine.has_rsample <= theirs.has_rsample
    same(
        mine.log_prob(ours.tensor(value)),
        theirs.log_prob(torch.tensor(np.asarray(value))),
        my_leaves,
        their_leaves,
    )


@pytest.mark.parametrize("number", [*NUMBERS, "entropy"])
@pytest.mark.parametrize("name", CASES)
def test_moments_and_entropies(name, number):
    given, _ = CASES[name]
    mine, my_leaves = made(ours, D, name, given)
    theirs, their_leaves = made(torch, T, name, given)
    if name == "Binomial" and number == "entropy":
        pytest.skip("PyTorch has it for equal counts only")
    try:
        x = getattr(mine, number)
        x = x() if callable(x) else x
    except NotImplementedError:
        assert (name, number) in LACKING
        return
    y = getattr(theirs, number)

    same(x, y() if callable(y) else y, my_leaves, their_leaves)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name in ("Normal", "Laplace", "Cauchy", "Gumbel")]
)
def test_cumulative_probabilities_and_their_inverses(name):
    given, value = CASES[name]
    mine, my_leaves = made(ours, D, name, given)
    theirs, their_leaves = made(torch, T, name, given)

    same(mine.cdf(ours.tensor(value)), theirs.cdf(torch.tensor(np.asarray(value))), my_leaves, their_leaves)
    levels = [[0.1, 0.9], [0.5, 0.3]]
    np.testing.assert_allclose(
        mine.icdf(ours.tensor(levels)).numpy(force=True),
        theirs.icdf(torch.tensor(np.asarray(levels))).detach().numpy(),
        rtol=1e-6,
    )


@pytest.mark.parametrize("name", DIVERGENT)
def test_divergences(name):
    other = {key: np.asarray(x) * 1.1 if not isinstance(x, int) else x for key, x in DIVERGENT[name].items()}
    if "probs" in other and name.split()[0] in ("Categorical", "OneHotCategorical"):
        other["probs"] = ROWS[::-1].copy()
    mine, my_leaves = made(ours, D, name, CASES[name][0])
    theirs, their_leaves = made(torch, T, name, CASES[name][0])
    my_other, _ = made(ours, D, name, other)
    their_other, _ = made(torch, T, name, other)

    same(D.kl_divergence(mine, my_other), T.kl_divergence(theirs, their_other), my_leaves, their_leaves)


def test_functions_of_a_variable():
    value = np.array([0.2, 0.7])

    def density(library, module):
        base = module.Normal(library.zeros(2), library.ones(2) * 1.5)
        chain = [module.AffineTransform(0.5, 2.0), module.SigmoidTransform()]
        x = library.tensor(value)
        transforms = [module.ExpTransform(), module.TanhTransform(), module.PowerTransform(2.0)]
        inverse = [t.inv(x) for t in transforms]
        stretch = [t.log_abs_det_jacobian(i, x) for t, i in zip(transforms, inverse, strict=True)]
        mixture = module.MixtureSameFamily(
            module.Categorical(library.tensor([0.3, 0.7])),
            module.Normal(library.tensor([-1.0, 2.0]), library.tensor([1.0, 0.5])),
        )
        independent = module.Independent(base, 1)
        wide = module.TransformedDistribution(independent, [module.ExpTransform()])
        return [
            module.TransformedDistribution(base, chain).log_prob(x),
            wide.log_prob(x),
            mixture.log_prob(x),
            mixture.mean,
            mixture.variance,
            mixture.cdf(x),
            independent.log_prob(x),
            independent.entropy(),
            *inverse,
            *stretch,
        ]

    torch.set_default_dtype(torch.float64)
    try:
        expected = [x.numpy() for x in density(torch, T)]
    finally:
        torch.set_default_dtype(torch.float32)

    for x, y in zip(density(ours, D), expected, strict=True):
        np.testing.assert_allclose(x.numpy(), y, rtol=1e-10)
