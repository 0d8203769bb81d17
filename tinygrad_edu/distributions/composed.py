"""Distributions made of others: independent parts, functions of a variable, mixtures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.distributions.categorical import Categorical
from tinygrad_edu.distributions.distribution import Distribution, summed
from tinygrad_edu.distributions.location_scale import Normal
from tinygrad_edu.distributions.transforms import ComposeTransform, ExpTransform, Transform
from tinygrad_edu.tensor.tensor import Tensor


class Independent(Distribution):
    """The last `reinterpreted_batch_ndims` dimensions of a batch as one event: their log-probabilities are summed."""

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch, count = base_distribution.batch_shape, reinterpreted_batch_ndims
        if not 0 <= count <= len(batch):
            raise ValueError(
                f"Independent needs from 0 to {len(batch)} of the dimensions {batch}, got {count}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, count
        self.has_rsample = base_distribution.has_rsample
        split = len(batch) - count
        super().__init__(batch[:split], batch[split:] + base_distribution.event_shape, validate_args)

    @property
    def mean(self) -> Tensor:
        return self.base_dist.mean

    @property
    def mode(self) -> Tensor:
        return self.base_dist.mode

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Tensor:
        return summed(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Tensor:
        return summed(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def expand(self, batch_shape: Any) -> Independent:
        inner = self.base_dist.batch_shape[len(self.batch_shape) :]
        grown = self.base_dist.expand((*batch_shape, *inner))
        return Independent(grown, self.reinterpreted_batch_ndims, validate_args=False)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"


class TransformedDistribution(Distribution):
    """The distribution of f(x), for `transforms` f of a variable x."""

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        self._whole = ComposeTransform(self.transforms)
        more = max(self._whole.event_dim - len(base_distribution.event_shape), 0)
        self.base_dist = Independent(base_distribution, more) if more else base_distribution
        self.has_rsample = base_distribution.has_rsample
        super().__init__(self.base_dist.batch_shape, self.base_dist.event_shape, validate_args)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return self._whole(self.base_dist.sample(sample_shape)).detach()

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._whole(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Tensor:
        y = self._value(value)
        x = self._whole.inv(y)
        stretch = self._whole.log_abs_det_jacobian(x, y)
        return self.base_dist.log_prob(x) - summed(stretch, len(self.event_shape) - self._whole.event_dim)

    def cdf(self, value: Any) -> Tensor:
        return self.base_dist.cdf(self._whole.inv(self._value(value)))

    def icdf(self, value: Any) -> Tensor:
        return self._whole(self.base_dist.icdf(value))


class LogNormal(TransformedDistribution):
    """exp of N(loc, scale²)."""

    parameters = ("loc", "scale")

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args)
        self.loc, self.scale = base.loc, base.scale
        super().__init__(base, ExpTransform(), validate_args)

    @property
    def mean(self) -> Tensor:
        return (self.loc + self.scale**2 / 2).exp()

    @property
    def mode(self) -> Tensor:
        return (self.loc - self.scale**2).exp()

    @property
    def variance(self) -> Tensor:
        return (self.scale**2).expm1() * (2 * self.loc + self.scale**2).exp()

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() + self.loc


class MixtureSameFamily(Distribution):
    """A draw from the component that `mixture_distribution` chooses; components are the last batch dimension."""

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        self.mixture_distribution, self.component_distribution = mixture_distribution, component_distribution
        batch, events = component_distribution.batch_shape, component_distribution.event_shape
        if not batch or batch[-1] != mixture_distribution.param_shape[-1]:
            raise ValueError(
                f"MixtureSameFamily needs as many components as probabilities, "
                f"{mixture_distribution.param_shape[-1]}, got a batch of shape {batch}"
            )
        super().__init__(batch[:-1], events, validate_args)

    def _over_components(self, x: Tensor) -> Tensor:
        """The mean over components, each with its probability."""
        count = len(self.event_shape)
        p = self.mixture_distribution.probs
        return (x * p.reshape(*p.shape, *[1] * count)).sum(-1 - count)

    @property
    def mean(self) -> Tensor:
        return self._over_components(self.component_distribution.mean)

    @property
    def variance(self) -> Tensor:
        inside = self._over_components(self.component_distribution.variance)
        centre = self.mean.unsqueeze(-1 - len(self.event_shape))
        return inside + self._over_components((self.component_distribution.mean - centre) ** 2)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        chosen = self.mixture_distribution.sample(sample_shape)
        drawn = self.component_distribution.sample(sample_shape)
        count = len(self.event_shape)
        index = chosen.reshape(*chosen.shape, 1, *[1] * count).expand(*chosen.shape, 1, *self.event_shape)
        return drawn.gather(-1 - count, index).squeeze(-1 - count)

    def log_prob(self, value: Any) -> Tensor:
        x = self._value(value).unsqueeze(-1 - len(self.event_shape))
        return (self.component_distribution.log_prob(x) + self.mixture_distribution.logits).logsumexp(-1)

    def cdf(self, value: Any) -> Tensor:
        x = self._value(value).unsqueeze(-1)
        return (self.component_distribution.cdf(x) * self.mixture_distribution.probs).sum(-1)
