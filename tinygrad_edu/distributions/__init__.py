"""Distributions of random variables, as `torch.distributions`: samples, log-probabilities, entropies, divergences."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.distributions import transforms
from tinygrad_edu.distributions.categorical import (
    Categorical,
    Multinomial,
    OneHotCategorical,
    OneHotCategoricalStraightThrough,
)
from tinygrad_edu.distributions.composed import (
    Independent,
    LogNormal,
    MixtureSameFamily,
    TransformedDistribution,
)
from tinygrad_edu.distributions.discrete import Bernoulli, Binomial, Geometric, Poisson
from tinygrad_edu.distributions.distribution import Distribution
from tinygrad_edu.distributions.divergences import kl_divergence, register_kl
from tinygrad_edu.distributions.location_scale import Cauchy, Gumbel, HalfNormal, Laplace, Normal, Uniform
from tinygrad_edu.distributions.multivariate_normal import MultivariateNormal
from tinygrad_edu.distributions.positive import (
    Beta,
    Chi2,
    Dirichlet,
    Exponential,
    Gamma,
    StudentT,
)
from tinygrad_edu.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    ComposeTransform,
    ExpTransform,
    PowerTransform,
    SigmoidTransform,
    SoftplusTransform,
    TanhTransform,
    Transform,
)
from tinygrad_edu.hints.missing_names import refusal as _refusal

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ComposeTransform",
    "Dirichlet",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfNormal",
    "Independent",
    "Laplace",
    "LogNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Poisson",
    "PowerTransform",
    "SigmoidTransform",
    "SoftplusTransform",
    "StudentT",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "kl_divergence",
    "register_kl",
    "transforms",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
