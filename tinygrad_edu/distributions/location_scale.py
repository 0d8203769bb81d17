"""Distributions with a location and a scale: each sample is a simple function of one without parameters."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.distributions.distribution import Distribution, tensors
from tinygrad_edu.tensor.creation import empty
from tinygrad_edu.tensor.random_tensors import rand, randn
from tinygrad_edu.tensor.tensor import Tensor

EULER = 0.57721566490153286  # the mean of the standard Gumbel distribution


class _LocationScale(Distribution):
    """Parameters `loc` and `scale` above 0."""

    parameters = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = tensors(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)
        self._check(lambda: self.scale > 0, "scale above 0", self.scale)

    def standard(self, value: Any) -> Tensor:
        """(value - loc) / scale."""
        return (self._value(value) - self.loc) / self.scale

    def _uniform(self, sample_shape: Any) -> Tensor:
        """U(0, 1), and never 0."""
        return 1 - rand(self._shape(sample_shape), dtype=self.loc.dtype)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc


class Normal(_LocationScale):
    """N(loc, scale²)."""

    @property
    def variance(self) -> Tensor:
        return self.scale**2

    @property
    def stddev(self) -> Tensor:
        return self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.loc + self.scale * randn(self._shape(sample_shape), dtype=self.loc.dtype)

    def log_prob(self, value: Any) -> Tensor:
        return -0.5 * self.standard(value) ** 2 - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def entropy(self) -> Tensor:
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    def cdf(self, value: Any) -> Tensor:
        return 0.5 * (1 + (self.standard(value) / math.sqrt(2)).erf())

    def icdf(self, value: Any) -> Tensor:
        return self.loc + self.scale * (2 * self._value(value) - 1).erfinv() * math.sqrt(2)


class Laplace(_LocationScale):
    """exp(-|x - loc| / scale) / (2 scale)."""

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = self._uniform(sample_shape) - 0.5
        return self.loc - self.scale * u.sign() * (-2 * u.abs()).log1p()

    def log_prob(self, value: Any) -> Tensor:
        return -self.standard(value).abs() - (2 * self.scale).log()

    def entropy(self) -> Tensor:
        return 1 + (2 * self.scale).log()

    def cdf(self, value: Any) -> Tensor:
        z = self.standard(value)
        return 0.5 - 0.5 * z.sign() * (-z.abs()).expm1()

    def icdf(self, value: Any) -> Tensor:
        term = self._value(value) - 0.5
        return self.loc - self.scale * term.sign() * (-2 * term.abs()).log1p()


class Cauchy(_LocationScale):
    """1 / (π scale (1 + z²)), z = (x - loc) / scale; without a mean (nan), of infinite variance."""

    @property
    def mean(self) -> Tensor:
        return self.loc * math.nan

    @property
    def variance(self) -> Tensor:
        return self.scale * math.inf

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.icdf(self._uniform(sample_shape))

    def log_prob(self, value: Any) -> Tensor:
        return -math.log(math.pi) - self.scale.log() - (self.standard(value) ** 2).log1p()

    def entropy(self) -> Tensor:
        return math.log(4 * math.pi) + self.scale.log()

    def cdf(self, value: Any) -> Tensor:
        return self.standard(value).atan() / math.pi + 0.5

    def icdf(self, value: Any) -> Tensor:
        return (math.pi * (self._value(value) - 0.5)).tan() * self.scale + self.loc


class Gumbel(_LocationScale):
    """The greatest of many: cdf exp(-exp(-(x - loc) / scale))."""

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * EULER

    @property
    def variance(self) -> Tensor:
        return (math.pi**2 / 6) * self.scale**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        exponential = empty(self._shape(sample_shape), dtype=self.loc.dtype).exponential_()
        return self.loc - self.scale * exponential.log()

    def log_prob(self, value: Any) -> Tensor:
        z = -self.standard(value)
        return z - z.exp() - self.scale.log()

    def entropy(self) -> Tensor:
        return self.scale.log() + 1 + EULER

    def cdf(self, value: Any) -> Tensor:
        return (-(-self.standard(value)).exp()).exp()

    def icdf(self, value: Any) -> Tensor:
        return self.loc - self.scale * (-self._value(value).log()).log()


class Uniform(Distribution):
    """U(low, high)."""

    parameters = ("low", "high")
    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = tensors(low, high)
        super().__init__(self.low.shape, (), validate_args)
        self._check(lambda: self.low < self.high, "low below high", f"{self.low} and {self.high}")

    @property
    def mean(self) -> Tensor:
        return (self.low + self.high) / 2

    @property
    def mode(self) -> Tensor:
        return self.high * math.nan

    @property
    def variance(self) -> Tensor:
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.low + (self.high - self.low) * rand(self._shape(sample_shape), dtype=self.low.dtype)

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: (x >= self.low) & (x <= self.high), "values from low to high", x)
        inside = ((x >= self.low) & (x < self.high)).to(self.low.dtype)
        return inside.log() - (self.high - self.low).log()

    def entropy(self) -> Tensor:
        return (self.high - self.low).log()

    def cdf(self, value: Any) -> Tensor:
        return ((self._value(value) - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: Any) -> Tensor:
        return self._value(value) * (self.high - self.low) + self.low


class HalfNormal(Distribution):
    """|N(0, scale²)|."""

    parameters = ("scale",)
    has_rsample = True

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self.scale,) = tensors(scale)
        super().__init__(self.scale.shape, (), validate_args)
        self._base = Normal(self.scale * 0, self.scale, validate_args)

    @property
    def mean(self) -> Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def mode(self) -> Tensor:
        return self.scale * 0

    @property
    def variance(self) -> Tensor:
        return self.scale**2 * (1 - 2 / math.pi)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._base.rsample(sample_shape).abs()

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: x >= 0, "values of 0 or more", x)
        return self._base.log_prob(x) + math.log(2)

    def entropy(self) -> Tensor:
        return self._base.entropy() - math.log(2)

    def cdf(self, value: Any) -> Tensor:
        return 2 * self._base.cdf(value) - 1

    def icdf(self, value: Any) -> Tensor:
        return self._base.icdf((self._value(value) + 1) / 2)
