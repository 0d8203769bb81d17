"""The Kullback-Leibler divergence KL(p || q) in nats, for the pairs of which there is a formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu import linalg
from tinygrad_edu.distributions.categorical import Categorical, OneHotCategorical
from tinygrad_edu.distributions.composed import Independent, LogNormal, TransformedDistribution
from tinygrad_edu.distributions.discrete import Bernoulli, Geometric, Poisson
from tinygrad_edu.distributions.distribution import Distribution, summed
from tinygrad_edu.distributions.location_scale import HalfNormal, Laplace, Normal, Uniform
from tinygrad_edu.distributions.multivariate_normal import MultivariateNormal
from tinygrad_edu.distributions.positive import Beta, Dirichlet, Exponential, Gamma
from tinygrad_edu.nn import functional as F  # noqa: N812 - PyTorch's name
from tinygrad_edu.tensor.tensor import Tensor

Formula = Callable[[Any, Any], Tensor]
_FORMULAS: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """Make a function of two distributions the divergence of these two classes."""

    def register(formula: Formula) -> Formula:
        _FORMULAS[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p || q) = E_p[log p - log q]. Raises `NotImplementedError` for a pair without a formula."""
    pairs = ((a, b) for a in type(p).__mro__ for b in type(q).__mro__)
    formula = next((_FORMULAS[pair] for pair in pairs if pair in _FORMULAS), None)
    if formula is None:
        raise NotImplementedError(
            f"kl_divergence has no formula for {type(p).__name__} and {type(q).__name__}; take the mean of "
            "p.log_prob(x) - q.log_prob(x) over x = p.sample((n,))"
        )
    return formula(p, q)


@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log())


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: HalfNormal, q: HalfNormal) -> Tensor:
    return _normal(p._base, q._base)


@register_kl(LogNormal, LogNormal)
@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> Tensor:
    if [type(x) for x in p.transforms] != [type(x) for x in q.transforms]:
        raise NotImplementedError("kl_divergence needs the same transforms of both distributions")
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _laplace(p: Laplace, q: Laplace) -> Tensor:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> Tensor:
    result = ((q.high - q.low) / (p.high - p.low)).log()
    return result.masked_fill((q.low > p.low) | (q.high < p.high), float("inf"))


@register_kl(Exponential, Exponential)
def _exponential(p: Exponential, q: Exponential) -> Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Gamma, Gamma)
def _gamma(p: Gamma, q: Gamma) -> Tensor:
    a, b = p.concentration, q.concentration
    levels = b * (p.rate / q.rate).log() + b.lgamma() - a.lgamma()
    return levels + (a - b) * a.digamma() + (q.rate - p.rate) * (a / p.rate)


@register_kl(Beta, Beta)
def _beta(p: Beta, q: Beta) -> Tensor:
    return _dirichlet(p._dirichlet, q._dirichlet)


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Dirichlet, q: Dirichlet) -> Tensor:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    levels = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return levels + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    yes = p.probs * (F.softplus(-q.logits) - F.softplus(-p.logits))
    return yes + (1 - p.probs) * (F.softplus(q.logits) - F.softplus(p.logits))


@register_kl(Geometric, Geometric)
def _geometric(p: Geometric, q: Geometric) -> Tensor:
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _poisson(p: Poisson, q: Poisson) -> Tensor:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Categorical, Categorical)
def _categorical(p: Categorical, q: Categorical) -> Tensor:
    parts = p.probs * (p.logits - q.logits)
    parts = parts.masked_fill((q.probs == 0).expand(*parts.shape), float("inf"))
    return parts.masked_fill((p.probs == 0).expand(*parts.shape), 0.0).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p: OneHotCategorical, q: OneHotCategorical) -> Tensor:
    return _categorical(p._classes, q._classes)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    if p.event_shape != q.event_shape:
        raise ValueError(f"kl_divergence needs events of one shape, got {p.event_shape} and {q.event_shape}")
    levels = q._diagonal().log().sum(-1) - p._diagonal().log().sum(-1)
    lower = q.scale_tril.tril()
    spread = (linalg.solve(lower, p.scale_tril) ** 2).sum((-2, -1))
    shift = (linalg.solve(lower, (q.loc - p.loc).unsqueeze(-1)) ** 2).sum((-2, -1))
    return levels + 0.5 * (spread + shift - p.event_shape[0])


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence needs the same number of dimensions in both Independent")
    return summed(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)
