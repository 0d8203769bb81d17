"""Distributions over whole numbers and classes. Samples carry no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.distributions.distribution import Distribution, scores_given, tensors
from tinygrad_edu.nn import functional as F  # noqa: N812 - PyTorch's name
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.creation import arange
from tinygrad_edu.tensor.draws import Draw
from tinygrad_edu.tensor.functions.sampling import poisson
from tinygrad_edu.tensor.random_tensors import rand
from tinygrad_edu.tensor.tensor import Tensor


class _OnOff(Distribution):
    """Distributions with one probability for each of a batch, given as `probs` or as `logits`, their log-odds."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._by_logits = scores_given(type(self).__name__, probs, logits)
        (self._given,) = tensors(logits if self._by_logits else probs)
        self.parameters = ("logits",) if self._by_logits else ("probs",)  # type: ignore[misc]
        super().__init__(self._given.shape, (), validate_args)
        if not self._by_logits:
            self._check(lambda: (self.probs >= 0) & (self.probs <= 1), "probs from 0 to 1", self.probs)

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._given.sigmoid() if self._by_logits else self._given

    @property
    def logits(self) -> Tensor:
        """log(p / (1 - p)), with probabilities kept away from 0 and 1 by the step of their dtype."""
        if self._by_logits:
            return self._given
        eps = float(np.finfo(self._given.dtype).eps)
        return self._given.clamp(eps, 1 - eps).logit()


class Bernoulli(_OnOff):
    """1 with probability p, else 0."""

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        p = self.probs
        return (p >= 0.5).to(p.dtype)

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p = self.probs.detach()
        return p.expand(*self._shape(sample_shape)).bernoulli()

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: (x == 0) | (x == 1), "values of 0 and 1", x)
        logits, x = tensors(self.logits, x)
        return -F.binary_cross_entropy_with_logits(logits, x.to(logits.dtype), reduction="none")

    def entropy(self) -> Tensor:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        x = arange(2, dtype=self._given.dtype).reshape(2, *[1] * len(self.batch_shape))
        return x.expand(2, *self.batch_shape) if expand else x


class Geometric(_OnOff):
    """The number of failures before the first success, each trial with probability p."""

    @property
    def mean(self) -> Tensor:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Tensor:
        return self.probs * 0

    @property
    def variance(self) -> Tensor:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p = self.probs.detach()
        u = 1 - rand(self._shape(sample_shape), dtype=p.dtype)
        return (u.log() / (-p).log1p()).floor()

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: x >= 0, "values of 0 or more", x)
        return x * (-self.probs).log1p() + self.probs.log()

    def entropy(self) -> Tensor:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


class Binomial(_OnOff):
    """The number of successes among `total_count` trials."""

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        self._given, self.total_count = tensors(self._given, total_count)
        self.batch_shape = tuple(self._given.shape)
        self.parameters = ("total_count", *self.parameters)  # type: ignore[misc]

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p, count = self.probs.detach(), self.total_count.detach()
        draw = Draw("binomial", draws.binomial, None, shape=self._shape(sample_shape), dtype=p.dtype)
        return draw.tensor(Tensor, count, p)

    def log_prob(self, value: Any) -> Tensor:
        x, n = self._value(value).to(self._given.dtype), self.total_count
        self._check(lambda: (x >= 0) & (x <= n), "values from 0 to total_count", x)
        ways = (n + 1).lgamma() - (x + 1).lgamma() - (n - x + 1).lgamma()
        return ways + x * F.logsigmoid(self.logits) + (n - x) * F.logsigmoid(-self.logits)


class Poisson(Distribution):
    """The number of events where `rate` are expected."""

    parameters = ("rate",)

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = tensors(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(lambda: self.rate >= 0, "rates of 0 or more", self.rate)

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return poisson(self.rate.detach().expand(*self._shape(sample_shape)))

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: (x >= 0) & (x == x.floor()), "whole values of 0 or more", x)
        x = x.to(self.rate.dtype)
        return x.xlogy(self.rate) - self.rate - (x + 1).lgamma()
