"""Hyperparameter: a number of an optimizer that may change between steps, such as a learning rate."""

from __future__ import annotations

from typing import Any


class Hyperparameter(float):
    """The number `owner[key]`, as a float that knows where it came from: a recorded step reads it anew."""

    owner: dict[str, Any]
    key: str

    def __new__(cls, owner: dict[str, Any], key: str) -> Hyperparameter:
        number = super().__new__(cls, owner[key])
        number.owner, number.key = owner, key
        return number

    def read(self) -> float:
        """The present value."""
        return float(self.owner[self.key])
