"""What is said of wrong parameters and values, shapes, and samples that are what they are said to be."""

from __future__ import annotations

import math

import pytest

import tinygrad_edu as torch
from tinygrad_edu import distributions as D
from tinygrad_edu import ones, tensor, zeros

SAMPLED = {
    "Normal": D.Normal(1.0, 2.0),
    "Uniform": D.Uniform(-1.0, 3.0),
    "Laplace": D.Laplace(1.0, 0.5),
    "Gumbel": D.Gumbel(0.5, 2.0),
    "Exponential": D.Exponential(0.5),
    "Gamma": D.Gamma(3.0, 2.0),
    "Chi2": D.Chi2(4.0),
    "Beta": D.Beta(2.0, 3.0),
    "HalfNormal": D.HalfNormal(2.0),
    "LogNormal": D.LogNormal(0.1, 0.4),
    "Dirichlet": D.Dirichlet(tensor([1.0, 2.0, 3.0])),
    "Bernoulli": D.Bernoulli(0.3),
    "Geometric": D.Geometric(0.3),
    "Binomial": D.Binomial(5, 0.3),
    "Poisson": D.Poisson(4.0),
    "OneHotCategorical": D.OneHotCategorical(tensor([1.0, 2.0, 3.0])),
    "Multinomial": D.Multinomial(6, tensor([1.0, 2.0, 3.0])),
    "MultivariateNormal": D.MultivariateNormal(tensor([1.0, 2.0]), tensor([[2.0, 0.5], [0.5, 1.0]])),
    "Independent": D.Independent(D.Normal(zeros(2), ones(2)), 1),
    "MixtureSameFamily": D.MixtureSameFamily(
        D.Categorical(tensor([0.3, 0.7])), D.Normal(tensor([-1.0, 2.0]), tensor([1.0, 0.5]))
    ),
}


@pytest.mark.parametrize("name", SAMPLED)
def test_samples_have_the_mean_and_the_variance_of_their_distribution(name):
    torch.manual_seed(0)
    distribution = SAMPLED[name]

    x = distribution.sample((20_000,))

    assert tuple(x.shape) == (20_000, *distribution.batch_shape, *distribution.event_shape)
    error = 6 * (distribution.variance / 20_000).sqrt()
    assert bool(((x.mean(0) - distribution.mean).abs() <= error).all())
    assert bool(((x.var(0) / distribution.variance - 1).abs() < 0.2).all())


@pytest.mark.parametrize("name", [name for name, x in SAMPLED.items() if x.has_rsample])
def test_samples_are_reproducible(name):
    torch.manual_seed(1)
    first = SAMPLED[name].sample((3,))
    torch.manual_seed(1)

    assert SAMPLED[name].sample((3,)).tolist() == first.tolist()
    assert not first.requires_grad


def test_categorical_samples_come_as_often_as_they_should():
    torch.manual_seed(0)

    x = D.Categorical(logits=tensor([[0.0, math.log(3.0)], [1.0, 1.0]])).sample((10_000,))

    assert tuple(x.shape) == (10_000, 2)
    assert x.double().mean(0).tolist() == pytest.approx([0.75, 0.5], abs=0.02)
    assert tuple(D.Categorical(ones(4)).sample().shape) == ()
    assert tuple(D.Categorical(ones(4)).sample((0,)).shape) == (0,)


def test_gradients_pass_through_rsample():
    loc, scale = tensor(1.0, requires_grad=True), tensor(2.0, requires_grad=True)

    x = D.Normal(loc, scale).rsample((1000,))
    x.sum().backward()

    assert loc.grad.item() == 1000
    assert scale.grad.item() == pytest.approx(((x - loc) / scale).sum().item())


def test_straight_through_samples_are_one_hot_and_pass_the_gradient_of_the_probabilities():
    probs = tensor([0.2, 0.8], requires_grad=True)

    x = D.OneHotCategoricalStraightThrough(probs).rsample()
    (x * tensor([1.0, 3.0])).sum().backward()

    assert sorted(x.tolist()) == [0, 1]
    assert probs.grad.tolist() == pytest.approx([-1.6, 0.4])  # (c - Σ p c) / Σ p


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: D.Normal(0.0, -1.0), r"Normal needs scale above 0, got tensor\(-1.*\)"),
        (lambda: D.Uniform(1.0, 0.0), "Uniform needs low below high"),
        (lambda: D.Bernoulli(1.5), "Bernoulli needs probs from 0 to 1"),
        (D.Bernoulli, "Bernoulli needs probs or logits, and not both"),
        (lambda: D.Categorical(ones(2), ones(2)), "Categorical needs probs or logits, and not both"),
        (lambda: D.Categorical(tensor(1.0)), "Categorical needs scores in at least one dimension"),
        (lambda: D.Categorical(tensor([-1.0, 2.0])), "Categorical needs probs of 0 or more"),
        (lambda: D.Exponential(0.0), "Exponential needs rate above 0"),
        (lambda: D.Gamma(1.0, 0.0), "Gamma needs concentration and rate above 0"),
        (lambda: D.Beta(0.0, 1.0), "Beta needs concentrations above 0"),
        (lambda: D.Dirichlet(tensor(1.0)), "Dirichlet needs concentrations in at least one dimension"),
        (lambda: D.Dirichlet(tensor([0.0, 1.0])), "Dirichlet needs concentrations above 0"),
        (lambda: D.Poisson(-1.0), "Poisson needs rates of 0 or more"),
        (lambda: D.StudentT(0.0), "StudentT needs df and scale above 0"),
        (lambda: D.MultivariateNormal(zeros(2)), "MultivariateNormal needs loc as a vector, and one matrix"),
        (
            lambda: D.MultivariateNormal(zeros(2), scale_tril=-torch.eye(2)),
            "needs a diagonal of scale_tril above 0",
        ),
        (
            lambda: D.Independent(D.Normal(0.0, 1.0), 1),
            r"Independent needs from 0 to 0 of the dimensions \(\)",
        ),
        (
            lambda: D.MixtureSameFamily(D.Categorical(ones(3)), D.Normal(zeros(2), 1.0)),
            "MixtureSameFamily needs as many components as probabilities, 3",
        ),
        (lambda: D.Bernoulli(0.5).log_prob(0.5), "Bernoulli needs values of 0 and 1"),
        (lambda: D.Categorical(ones(3)).log_prob(3), "Categorical needs classes from 0 to 2"),
        (lambda: D.Exponential(1.0).log_prob(-1.0), "Exponential needs values of 0 or more"),
        (lambda: D.Uniform(0.0, 1.0).log_prob(2.0), "Uniform needs values from low to high"),
        (lambda: D.Beta(1.0, 1.0).log_prob(2.0), "Beta needs values from 0 to 1"),
        (lambda: D.Poisson(1.0).log_prob(0.5), "Poisson needs whole values of 0 or more"),
        (
            lambda: D.Normal(zeros(2), 1.0).log_prob(zeros(3)),
            r"Normal of shape \(2,\) needs values of that shape",
        ),
    ],
)
def test_wrong_parameters_and_values_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_checks_can_be_left_out():
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    D.Distribution.set_default_validate_args(False)
    try:
        assert D.Bernoulli(0.5).log_prob(0.5).item() == pytest.approx(math.log(0.5))
    finally:
        D.Distribution.set_default_validate_args(True)


@pytest.mark.parametrize("name", ["icdf", "cdf", "rsample", "enumerate_support"])
def test_what_a_distribution_does_not_have_names_itself(name):
    with pytest.raises(NotImplementedError, match=f"StudentT has no {name}"):
        getattr(D.StudentT(3.0), name)(tensor(0.5))


def test_a_pair_without_a_formula_says_what_to_do():
    with pytest.raises(NotImplementedError, match=r"no formula for Normal and Uniform; take the mean of"):
        D.kl_divergence(D.Normal(0.0, 1.0), D.Uniform(0.0, 1.0))


def test_a_formula_of_ones_own_is_used():
    class Mine(D.Normal):
        pass

    @D.register_kl(Mine, Mine)
    def formula(p, q):
        return tensor(7.0)

    assert D.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 1.0)).item() == 7


def test_a_batch_is_repeated():
    many = D.Independent(D.Normal(zeros(2), ones(2)), 1).expand((3,))

    assert (many.batch_shape, many.event_shape) == ((3,), (2,))
    assert tuple(many.log_prob(zeros(3, 2)).shape) == (3,)
    assert D.Categorical(logits=zeros(4)).expand((5,)).batch_shape == (5,)


def test_distributions_print_their_parameters():
    assert repr(D.Normal(tensor(0.0), 1.0)) == f"Normal(loc: {tensor(0.0)}, scale: {tensor(1.0)})"
    assert repr(D.Normal(zeros(2), 1.0)) == "Normal(loc: (2,), scale: (2,))"
