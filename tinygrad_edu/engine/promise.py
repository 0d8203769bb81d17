"""Promises: gradients that are not computed yet, in the place of the gradient of a leaf."""

from __future__ import annotations

from typing import Any


class Promise:
    """The gradient that a followed step is going to compute; `.grad` makes a Tensor of it when somebody reads it."""

    __slots__ = ()

    def kept(self) -> Any:
        """The Tensor that will have its numbers."""
        raise NotImplementedError
