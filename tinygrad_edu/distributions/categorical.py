"""Distributions over classes: their numbers, their one-hot vectors, and counts of many draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.distributions.distribution import Distribution, scores_given
from tinygrad_edu.nn import functional as F  # noqa: N812 - PyTorch's name
from tinygrad_edu.tensor.creation import arange
from tinygrad_edu.tensor.functions.sampling import multinomial
from tinygrad_edu.tensor.tensor import Tensor


class Categorical(Distribution):
    """Class k with probability p_k: `probs` of any positive sum, or `logits`, log-probabilities up to a constant."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        by_logits = scores_given("Categorical", probs, logits)
        given = logits if by_logits else probs
        if given.ndim < 1:
            raise ValueError("Categorical needs scores in at least one dimension, got a single number")
        super().__init__(given.shape[:-1], (), validate_args)
        self.parameters = ("logits",) if by_logits else ("probs",)  # type: ignore[misc]
        if by_logits:
            self.logits = given - given.logsumexp(-1, keepdim=True)
            self.probs = F.softmax(given, dim=-1)
        else:
            self._check(lambda: (given >= 0) & (given.sum(-1, keepdim=True) > 0), "probs of 0 or more", given)
            self.probs = given / given.sum(-1, keepdim=True)
            eps = float(np.finfo(self.probs.dtype).eps)
            self.logits = self.probs.clamp(eps, 1 - eps).log()

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the scores."""
        return tuple(self.logits.shape)

    @property
    def mean(self) -> Tensor:
        return self.probs.detach().sum(-1) * math.nan  # classes are no numbers

    @property
    def variance(self) -> Tensor:
        return self.mean

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._shape(sample_shape)
        rows = self.probs.detach().reshape(-1, self.probs.shape[-1])
        count = int(np.prod(sample_shape, dtype=int))
        return (
            multinomial(rows, count, replacement=True).T.reshape(*shape)
            if count
            else arange(0).reshape(*shape)
        )

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        classes = self.logits.shape[-1]
        self._check(
            lambda: (x >= 0) & (x < classes) & (x == x.floor()), f"classes from 0 to {classes - 1}", x
        )
        shape = np.broadcast_shapes(x.shape, self.batch_shape)
        scores = self.logits.expand(*shape, classes)
        return scores.gather(-1, x.long().expand(*shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Tensor:
        least = float(np.finfo(self.logits.dtype).min)
        return -(self.logits.clamp(min=least) * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        classes = self.logits.shape[-1]
        x = arange(classes).reshape(classes, *[1] * len(self.batch_shape))
        return x.expand(classes, *self.batch_shape) if expand else x


class _OfClasses(Distribution):
    """Vectors with a number for each class of a `Categorical`."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._classes = Categorical(probs, logits, validate_args)
        self.parameters = self._classes.parameters  # type: ignore[misc]
        super().__init__(self._classes.batch_shape, self._classes.param_shape[-1:], validate_args)

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._classes.probs

    @property
    def logits(self) -> Tensor:
        """Their logarithms."""
        return self._classes.logits


class OneHotCategorical(_OfClasses):
    """One-hot vectors of the classes of `Categorical`."""

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    @property
    def mode(self) -> Tensor:
        return F.one_hot(self._classes.mode, self.event_shape[0]).to(self.probs.dtype)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        drawn = self._classes.sample(sample_shape)
        return F.one_hot(drawn, self.event_shape[0]).to(self.probs.dtype)

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(lambda: ((x == 0) | (x == 1)) & (x.sum(-1, keepdim=True) == 1), "one-hot vectors", x)
        return self._classes.log_prob(x.argmax(-1))

    def entropy(self) -> Tensor:
        return self._classes.entropy()


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """`OneHotCategorical` whose samples pass the gradient of the probabilities."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(_OfClasses):
    """How often each class came in `total_count` draws."""

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        self.total_count = total_count
        self.parameters = ("total_count", *self.parameters)  # type: ignore[misc]

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        drawn = self._classes.sample((self.total_count, *sample_shape))
        return F.one_hot(drawn, self.event_shape[0]).sum(0).to(self.probs.dtype)

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value)
        self._check(
            lambda: (x >= 0) & (x.sum(-1, keepdim=True) == self.total_count),
            f"counts that sum to {self.total_count}",
            x,
        )
        x = x.to(self.logits.dtype)
        ways = (x.sum(-1) + 1).lgamma() - (x + 1).lgamma().sum(-1)
        return ways + (x * self.logits).sum(-1)
