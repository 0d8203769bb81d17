"""Distributions of positive numbers, and those made of gamma variables."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from tinygrad_edu.distributions.distribution import Distribution, tensors
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.creation import empty
from tinygrad_edu.tensor.draws import Draw
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.random_tensors import randn
from tinygrad_edu.tensor.tensor import Tensor


def gamma_sample(concentration: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Gamma variables of rate 1, without a gradient."""
    draw = Draw("gamma", draws.gamma, None, shape=shape, dtype=concentration.dtype)
    return draw.tensor(Tensor, concentration.detach())


class Exponential(Distribution):
    """rate exp(-rate x)."""

    parameters = ("rate",)
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = tensors(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(lambda: self.rate > 0, "rate above 0", self.rate)

    @property
    def mean(self) -> Tensor:
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate * 0

    @property
    def variance(self) -> Tensor:
        return self.rate**-2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return empty(self._shape(sample_shape), dtype=self.rate.dtype).exponential_() / self.rate

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: x >= 0, "values of 0 or more", x)
        return self.rate.log() - self.rate * x

    def entropy(self) -> Tensor:
        return 1 - self.rate.log()

    def cdf(self, value: Any) -> Tensor:
        return 1 - (-self.rate * self._value(value)).exp()

    def icdf(self, value: Any) -> Tensor:
        return -(-self._value(value)).log1p() / self.rate


class Gamma(Distribution):
    """rate^a x^(a - 1) exp(-rate x) / Γ(a), a = concentration. Samples carry no gradient."""

    parameters: ClassVar[tuple[str, ...]] = ("concentration", "rate")

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = tensors(concentration, rate)
        super().__init__(self.concentration.shape, (), validate_args)
        self._check(
            lambda: (self.concentration > 0) & (self.rate > 0),
            "concentration and rate above 0",
            f"{self.concentration} and {self.rate}",
        )

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate**2

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return gamma_sample(self.concentration, self._shape(sample_shape)) / self.rate.detach()

    def log_prob(self, value: Any) -> Tensor:
        x, a = self._value(value), self.concentration
        self._check(lambda: x >= 0, "values of 0 or more", x)
        return a.xlogy(self.rate) + (a - 1).xlogy(x) - self.rate * x - a.lgamma()

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1 - a) * a.digamma()


class Chi2(Gamma):
    """The sum of `df` squares of standard normal variables."""

    parameters: ClassVar[tuple[str, ...]] = ("df",)

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (half,) = tensors(df)
        super().__init__(half * 0.5, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The number of squares."""
        return self.concentration * 2


class Dirichlet(Distribution):
    """Probabilities that sum to 1: ∏ x_i^(a_i - 1) Γ(Σa) / ∏Γ(a_i). Samples carry no gradient."""

    parameters = ("concentration",)

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ValueError("Dirichlet needs concentrations in at least one dimension, got a single number")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)
        self._check(lambda: self.concentration > 0, "concentrations above 0", self.concentration)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total**2 * (total + 1))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        drawn = gamma_sample(self.concentration, self._shape(sample_shape))
        return drawn / drawn.sum(-1, keepdim=True)

    def log_prob(self, value: Any) -> Tensor:
        x, a = self._value(value), self.concentration
        self._check(
            lambda: (x >= 0) & ((x.sum(-1, keepdim=True) - 1).abs() < 1e-4), "values that sum to 1", x
        )
        return (a - 1).xlogy(x).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> Tensor:
        a, total, k = self.concentration, self.concentration.sum(-1), self.concentration.shape[-1]
        spread = (k - total) * total.digamma() + ((a - 1) * a.digamma()).sum(-1)
        return a.lgamma().sum(-1) - total.lgamma() - spread


class Beta(Distribution):
    """x^(a - 1) (1 - x)^(b - 1) Γ(a + b) / (Γ(a) Γ(b)). Samples carry no gradient."""

    parameters = ("concentration1", "concentration0")

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = tensors(concentration1, concentration0)
        super().__init__(self.concentration1.shape, (), validate_args)
        both = stack([self.concentration1, self.concentration0], -1)
        self._check(lambda: both > 0, "concentrations above 0", both)
        self._dirichlet = Dirichlet(both, validate_args=False)

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return self._dirichlet.sample(sample_shape)[..., 0]

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: (x >= 0) & (x <= 1), "values from 0 to 1", x)
        return self._dirichlet.log_prob(stack([x, 1 - x], -1))

    def entropy(self) -> Tensor:
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """Student's t with `df` degrees of freedom. Samples carry no gradient."""

    parameters = ("df", "loc", "scale")

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = tensors(df, loc, scale)
        super().__init__(self.df.shape, (), validate_args)
        self._check(lambda: (self.df > 0) & (self.scale > 0), "df and scale above 0", f"{self.df}")

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._shape(sample_shape)
        squares = 2 * gamma_sample(self.df / 2, shape)
        normal = randn(shape, dtype=self.df.dtype)
        return self.loc.detach() + self.scale.detach() * normal * (squares / self.df.detach()).rsqrt()

    def log_prob(self, value: Any) -> Tensor:
        z, df = (self._value(value) - self.loc) / self.scale, self.df
        return -0.5 * (df + 1) * (z**2 / df).log1p() - self._constant()

    def _constant(self) -> Tensor:
        df = self.df
        return self.scale.log() + 0.5 * (df * math.pi).log() + (df / 2).lgamma() - ((df + 1) / 2).lgamma()

    @property
    def mean(self) -> Tensor:
        return self.loc.masked_fill(self.df <= 1, math.nan)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        finite = self.scale**2 * self.df / (self.df - 2)
        return finite.masked_fill(self.df <= 2, math.inf).masked_fill(self.df <= 1, math.nan)

    def entropy(self) -> Tensor:
        half = (self.df + 1) / 2
        return half * (half.digamma() - (self.df / 2).digamma()) + self._constant()
