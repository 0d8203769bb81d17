"""The base of all distributions: shapes, samples, and what follows from a mean, a variance and a log-density."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.tensor import Tensor, tensor

Shape = tuple[int, ...]


class Distribution:
    """A batch of distributions: `batch_shape` counts them, `event_shape` is that of one draw.

    A sample of `sample_shape` has the shape `sample_shape + batch_shape + event_shape`.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    has_rsample = False
    _validate = True

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self.batch_shape: Shape = tuple(batch_shape)
        self.event_shape: Shape = tuple(event_shape)
        if validate_args is not None:
            self._validate = validate_args

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Say whether parameters and values are checked where `validate_args` is not given."""
        Distribution._validate = bool(value)

    # What each distribution states.

    @property
    def mean(self) -> Tensor:
        """The expected value."""
        raise self._lacks("mean")

    @property
    def variance(self) -> Tensor:
        """The expected square of the distance from the mean."""
        raise self._lacks("variance")

    @property
    def mode(self) -> Tensor:
        """The most probable value."""
        raise self._lacks("mode")

    def rsample(self, sample_shape: Any = ()) -> Tensor:  # noqa: ARG002 - that of the distributions that have it
        """A sample through which gradients reach the parameters."""
        raise self._lacks("rsample")

    def log_prob(self, value: Any) -> Tensor:  # noqa: ARG002
        """The logarithm of the density, or of the probability, at a value."""
        raise self._lacks("log_prob")

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        raise self._lacks("entropy")

    def cdf(self, value: Any) -> Tensor:  # noqa: ARG002
        """The probability of a draw up to a value."""
        raise self._lacks("cdf")

    def icdf(self, value: Any) -> Tensor:  # noqa: ARG002
        """The value up to which a draw has a probability."""
        raise self._lacks("icdf")

    def enumerate_support(self, expand: bool = True) -> Tensor:  # noqa: ARG002
        """All values, along a new first dimension."""
        raise self._lacks("enumerate_support")

    # What follows.

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, the square root of the variance."""
        return self.variance.sqrt()

    def perplexity(self) -> Tensor:
        """exp of the entropy."""
        return self.entropy().exp()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """A sample without a gradient."""
        with no_grad():
            return self.rsample(sample_shape).detach()

    def sample_n(self, n: int) -> Tensor:
        """`n` samples."""
        return self.sample((n,))

    def expand(self, batch_shape: Any) -> Self:
        """The same distributions, repeated to fill a larger batch."""
        shape, old = tuple(batch_shape), len(self.batch_shape)
        given = {name: getattr(self, name) for name in self.parameters}
        grown = {
            name: x.expand(*shape, *x.shape[old:]) if isinstance(x, Tensor) else x
            for name, x in given.items()
        }
        return type(self)(**grown, validate_args=False)

    def __repr__(self) -> str:
        given = {name: getattr(self, name) for name in self.parameters}
        written = (
            f"{name}: {x if x.numel() == 1 else tuple(x.shape)}"
            for name, x in given.items()
            if isinstance(x, Tensor)
        )
        return f"{type(self).__name__}({', '.join(written)})"

    def _lacks(self, name: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} has no {name}")

    def _shape(self, sample_shape: Any) -> Shape:
        """The shape of a sample."""
        return (*sample_shape, *self.batch_shape, *self.event_shape)

    def _check(self, fine: Callable[[], Any], need: str, got: Any) -> None:
        """Raise `ValueError` unless a condition on parameters or values holds everywhere, if they are checked."""
        if self._validate and not bool(np.all(fine().raw)):
            raise ValueError(f"{type(self).__name__} needs {need}, got {got}")

    def _value(self, value: Any) -> Tensor:
        """A value as a Tensor whose shape goes with those of the distributions. Raises `ValueError`."""
        x = value if isinstance(value, Tensor) else tensor(value)
        if not self._validate:
            return x
        own = (*self.batch_shape, *self.event_shape)
        try:
            np.broadcast_shapes(x.shape, own)
        except ValueError:
            raise ValueError(
                f"{type(self).__name__} of shape {own} needs values of that shape, with more dimensions before it if "
                f"there are several, got shape {tuple(x.shape)}"
            ) from None
        return x


def tensors(*given: Any) -> list[Tensor]:
    """Numbers and Tensors as Tensors of one shape; numbers take the dtype of the Tensors, or the default one."""
    kinds = [x.dtype for x in given if isinstance(x, Tensor) and x.dtype.kind == "f"]
    dtype = kinds[0] if kinds else get_default_dtype()
    made = [x if isinstance(x, Tensor) else tensor(x, dtype=dtype) for x in given]
    shape = np.broadcast_shapes(*[x.shape for x in made])
    return [x if tuple(x.shape) == shape else x.expand(*shape) for x in made]


def scores_given(call: str, probs: Any, logits: Any) -> bool:
    """True if `logits` are given and `probs` are not. Raises `ValueError` for both or none."""
    if (probs is None) == (logits is None):
        raise ValueError(f"{call} needs probs or logits, and not both; leave one out")
    return logits is not None


def summed(x: Tensor, count: int) -> Tensor:
    """The sum over the last `count` dimensions."""
    return x.sum(tuple(range(-count, 0))) if count else x
