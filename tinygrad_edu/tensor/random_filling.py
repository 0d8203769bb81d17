"""Random numbers in place: `x.uniform_(-1, 1)`, `x.normal_()`, as an initialization writes them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_edu.tensor import samplers
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.inplace import InPlace


class RandomFilling(InPlace[R]):
    """The methods of Tensor that overwrite all numbers with random ones; a gradient does not pass through these."""

    def uniform_(self, from_: float = 0, to: float = 1, *, generator: Any = None) -> Self:
        """Numbers from U(from, to)."""
        return self._filled("uniform_", samplers.uniform, generator, from_, to)

    def normal_(self, mean: float = 0, std: float = 1, *, generator: Any = None) -> Self:
        """Numbers from N(mean, std^2)."""
        return self._filled("normal_", samplers.normal, generator, mean, std)

    def log_normal_(self, mean: float = 1, std: float = 2, *, generator: Any = None) -> Self:
        """exp of numbers from N(mean, std^2)."""
        return self._filled("log_normal_", samplers.log_normal, generator, mean, std)

    def cauchy_(self, median: float = 0, sigma: float = 1, *, generator: Any = None) -> Self:
        """Numbers from the Cauchy distribution."""
        return self._filled("cauchy_", samplers.cauchy, generator, median, sigma)

    def exponential_(self, lambd: float = 1, *, generator: Any = None) -> Self:
        """Numbers from the exponential distribution with mean 1 / lambd."""
        return self._filled("exponential_", samplers.exponential, generator, lambd)

    def geometric_(self, p: float, *, generator: Any = None) -> Self:
        """The numbers of trials up to the first success, each of probability `p`."""
        return self._filled("geometric_", samplers.geometric, generator, p, whole=True)

    def bernoulli_(self, p: Any = 0.5, *, generator: Any = None) -> Self:
        """1 with probability `p`, a number or a Tensor that broadcasts to this shape, else 0."""
        return self._filled("bernoulli_", samplers.bernoulli, generator, p, whole=True)

    def random_(self, from_: int | None = None, to: int | None = None, *, generator: Any = None) -> Self:
        """Whole numbers from 0 to the last that the dtype holds exactly, or with `random_(from, to)` below `to`."""
        if from_ is not None and to is None:
            from_, to = 0, from_
        low = 0 if from_ is None else from_
        high = _beyond(self.raw.dtype) if to is None else to
        return self._filled("random_", samplers.integers, generator, low, high, whole=True)

    def _filled(self, call: str, sampler: Any, generator: Any, *parameters: Any, whole: bool = False) -> Self:
        dtype = self.raw.dtype if whole else floating(call, self.raw.dtype)
        draw = Draw(call, sampler, generator, shape=self.raw.shape, dtype=dtype)
        return self._copied(call, draw.tensor(self.result_kind, *parameters))


def _beyond(dtype: np.dtype[Any]) -> int:
    """The first whole number, counted from 0, that is none of those of a dtype."""
    if dtype.kind == "f":
        return 2 ** (np.finfo(dtype).nmant + 1) + 1
    return 2 if dtype.kind == "b" else int(np.iinfo(dtype).max) + 1
