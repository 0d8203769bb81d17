"""The normal distribution of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu import linalg
from tinygrad_edu.distributions.distribution import Distribution
from tinygrad_edu.tensor.random_tensors import randn
from tinygrad_edu.tensor.tensor import Tensor


class MultivariateNormal(Distribution):
    """N(loc, Σ) with Σ = `covariance_matrix`, the inverse of `precision_matrix`, or L Lᵀ for `scale_tril` L."""

    parameters = ("loc", "scale_tril")
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = [x for x in (covariance_matrix, precision_matrix, scale_tril) if x is not None]
        if len(given) != 1 or loc.ndim < 1 or given[0].ndim < 2:
            raise ValueError(
                "MultivariateNormal needs loc as a vector, and one matrix out of covariance_matrix, precision_matrix "
                f"and scale_tril, got {len(given)} and loc of shape {tuple(loc.shape)}"
            )
        if covariance_matrix is not None:
            scale_tril = linalg.cholesky(covariance_matrix)
        elif precision_matrix is not None:
            scale_tril = linalg.cholesky(linalg.inv(precision_matrix))
        assert scale_tril is not None
        batch = np.broadcast_shapes(loc.shape[:-1], scale_tril.shape[:-2])
        self.loc = loc.expand(*batch, loc.shape[-1])
        self.scale_tril = scale_tril.expand(*batch, *scale_tril.shape[-2:])
        super().__init__(batch, loc.shape[-1:], validate_args)
        self._check(lambda: self._diagonal() > 0, "a diagonal of scale_tril above 0", self.scale_tril)

    def _diagonal(self) -> Tensor:
        return self.scale_tril.diagonal(0, -2, -1)

    @property
    def covariance_matrix(self) -> Tensor:
        """Σ = L Lᵀ."""
        return self.scale_tril @ self.scale_tril.mT

    @property
    def precision_matrix(self) -> Tensor:
        """The inverse of Σ."""
        return linalg.inv(self.covariance_matrix)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return (self.scale_tril**2).sum(-1)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        normal = randn(self._shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + (self.scale_tril @ normal.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Any) -> Tensor:
        difference = self._value(value) - self.loc
        shape = np.broadcast_shapes(difference.shape[:-1], self.batch_shape)
        lower = self.scale_tril.tril().expand(*shape, *self.scale_tril.shape[-2:])
        z = linalg.solve(lower, difference.expand(*shape, *self.event_shape).unsqueeze(-1)).squeeze(-1)
        constant = 0.5 * self.event_shape[0] * math.log(2 * math.pi)
        return -0.5 * (z**2).sum(-1) - self._diagonal().log().sum(-1) - constant

    def entropy(self) -> Tensor:
        return self._diagonal().log().sum(-1) + 0.5 * self.event_shape[0] * (1 + math.log(2 * math.pi))
