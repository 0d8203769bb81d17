"""Invertible functions of random variables, with the logarithm of how they stretch space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tinygrad_edu.distributions.distribution import summed
from tinygrad_edu.nn import functional as F  # noqa: N812 - PyTorch's name
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "ExpTransform",
    "PowerTransform",
    "SigmoidTransform",
    "SoftplusTransform",
    "TanhTransform",
    "Transform",
]


class Transform:
    """y = f(x): `t(x)`, `t.inv(y)`, and `t.log_abs_det_jacobian(x, y)` = log |dy / dx|.

    `event_dim`: how many of the last dimensions are one event; the logarithms are summed over them.
    """

    bijective = True
    event_dim = 0

    def __init__(self, cache_size: int = 0) -> None:
        self.cache_size = cache_size  # nothing is kept: an inverse is computed

    @property
    def inv(self) -> Transform:
        """The inverse function."""
        return _Inverse(self)

    def __call__(self, x: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no __call__")

    def _back(self, y: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no inverse")

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log |dy / dx|."""
        raise NotImplementedError(f"{type(self).__name__} has no log_abs_det_jacobian, for {x} and {y}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self.transform, self.event_dim = transform, transform.event_dim

    @property
    def inv(self) -> Transform:
        return self.transform

    def __call__(self, x: Tensor) -> Tensor:
        return self.transform._back(x)

    def _back(self, y: Tensor) -> Tensor:
        return self.transform(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -self.transform.log_abs_det_jacobian(y, x)


class AffineTransform(Transform):
    """y = loc + scale x."""

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self.event_dim = loc, scale, event_dim

    def __call__(self, x: Tensor) -> Tensor:
        return self.loc + self.scale * x

    def _back(self, y: Tensor) -> Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        return summed(x * 0 + (x * 0 + self.scale).abs().log(), self.event_dim)


class ExpTransform(Transform):
    """y = exp(x)."""

    def __call__(self, x: Tensor) -> Tensor:
        return x.exp()

    def _back(self, y: Tensor) -> Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        return x


class PowerTransform(Transform):
    """y = x^exponent, for positive x."""

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent

    def __call__(self, x: Tensor) -> Tensor:
        return x**self.exponent

    def _back(self, y: Tensor) -> Tensor:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return (self.exponent * y / x).abs().log()


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x))."""

    def __call__(self, x: Tensor) -> Tensor:
        return x.sigmoid()

    def _back(self, y: Tensor) -> Tensor:
        return y.logit()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        return -F.softplus(-x) - F.softplus(x)


class SoftplusTransform(Transform):
    """y = log(1 + exp(x))."""

    def __call__(self, x: Tensor) -> Tensor:
        return F.softplus(x)

    def _back(self, y: Tensor) -> Tensor:
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        return -F.softplus(-x)


class TanhTransform(Transform):
    """y = tanh(x)."""

    def __call__(self, x: Tensor) -> Tensor:
        return x.tanh()

    def _back(self, y: Tensor) -> Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        return 2 * (math.log(2) - x - F.softplus(-2 * x))


class AbsTransform(Transform):
    """y = |x|, which has two inverses; that of 0 or more is taken."""

    bijective = False

    def __call__(self, x: Tensor) -> Tensor:
        return x.abs()

    def _back(self, y: Tensor) -> Tensor:
        return y


class ComposeTransform(Transform):
    """The functions one after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = list(parts)
        self.event_dim = max((part.event_dim for part in self.parts), default=0)

    def __call__(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def _back(self, y: Tensor) -> Tensor:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        total: Any = 0
        for part in self.parts:
            y = part(x)
            stretch = part.log_abs_det_jacobian(x, y)
            total, x = total + summed(stretch, self.event_dim - part.event_dim), y
        return total
