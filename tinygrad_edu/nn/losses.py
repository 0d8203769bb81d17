"""Losses as modules; the formulas, units and shapes stand with the functions they call."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.functional.regression_losses import mse_loss
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor


class _Loss(Module):
    """A function of prediction and target, with some of its arguments fixed."""

    function: ClassVar[Any]

    def __init__(self, **options: Any) -> None:
        super().__init__()
        if options["reduction"] not in ("mean", "sum", "none"):
            name, got = type(self).__name__, options["reduction"]
            raise ValueError(f"{name} needs reduction 'mean', 'sum' or 'none', got {got!r}")
        usual = {name: p.default for name, p in inspect.signature(self.function).parameters.items()}
        self.options = {name: given for name, given in options.items() if not _same(given, usual[name])}

    def forward(self, input: Tensor, target: Any) -> Tensor:  # noqa: A002 - PyTorch's name
        """The loss."""
        return self.function(input, target, **self.options)

    def extra_repr(self) -> str:
        """The arguments that differ from the defaults."""
        return ", ".join(f"{name}={given!r}" for name, given in self.options.items())


def _same(given: Any, usual: Any) -> bool:
    return given is usual or (isinstance(given, str | int | float) and given == usual)


class MSELoss(_Loss):
    """Mean squared error: see `functional.mse_loss`."""

    function = staticmethod(mse_loss)

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class BCELoss(_Loss):
    """Binary cross-entropy of probabilities, in nats: see `functional.binary_cross_entropy`."""

    function = staticmethod(functional.binary_cross_entropy)

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(weight=weight, reduction=reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of raw scores, in nats: see `functional.binary_cross_entropy_with_logits`."""

    function = staticmethod(functional.binary_cross_entropy_with_logits)

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(weight=weight, reduction=reduction, pos_weight=pos_weight)


class CCELoss(_Loss):
    """Categorical cross-entropy of probabilities, in nats or bits: see `functional.categorical_cross_entropy`."""

    function = staticmethod(functional.categorical_cross_entropy)

    def __init__(self, eps: float = 1e-10, unit: str = "nats", reduction: str = "mean") -> None:
        super().__init__(eps=eps, unit=unit, reduction=reduction)


class CrossEntropyLoss(_Loss):
    """Cross-entropy of raw scores, in nats: see `functional.cross_entropy`."""

    function = staticmethod(functional.cross_entropy)

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        weight = Tensor(weight) if isinstance(weight, np.ndarray) else weight  # so that a plan can follow it
        super().__init__(
            weight=weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
        )
