"""Layers that zero numbers, or whole channels, at random while training."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.hints.training_mode import warn_training_mode
from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import probability
from tinygrad_edu.nn.function_modules import RandomFunctionModule
from tinygrad_edu.tensor import draws

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(RandomFunctionModule):
    """Raises `ValueError` if `p` is not in [0, 1]."""

    shows = "p={p}, inplace={inplace}"

    def __init__(self, **options: Any) -> None:
        probability(type(self).__name__, options["p"])
        super().__init__(**options)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The input with gaps, or after `eval()` as it is."""
        if self.training and self.p:
            warn_training_mode(type(self).__name__, f"it zeroes each number with probability {self.p}")
        return super().forward(*inputs, **named)


class Dropout(_Dropout):
    """Each number zeroed with probability `p` and the others divided by 1 - p; after `eval()` nothing is changed.

    Drawn from `generator`, or from the default one, behind `manual_seed`.
    Raises `ValueError` if `p` is not in [0, 1].
    """

    function = staticmethod(functional.dropout)

    def __init__(self, p: float = 0.5, inplace: bool = False, *, generator: Any = None) -> None:
        draws.chosen_generator("Dropout", generator)
        super().__init__(p=p, inplace=inplace, generator=generator)


class Dropout1d(_Dropout):
    """`Dropout` of whole channels of (N, C, L): see `functional.dropout1d`."""

    function = staticmethod(functional.dropout1d)


class Dropout2d(_Dropout):
    """`Dropout` of whole channels of (N, C, H, W): see `functional.dropout2d`."""

    function = staticmethod(functional.dropout2d)


class Dropout3d(_Dropout):
    """`Dropout` of whole channels of (N, C, D, H, W): see `functional.dropout3d`."""

    function = staticmethod(functional.dropout3d)


class AlphaDropout(_Dropout):
    """`Dropout` for networks of `SELU`, which keeps mean 0 and variance 1: see `functional.alpha_dropout`."""

    function = staticmethod(functional.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels: see `functional.feature_alpha_dropout`."""

    function = staticmethod(functional.feature_alpha_dropout)
