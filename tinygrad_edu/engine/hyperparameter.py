"""Hyperparameter: a number of an optimizer that may change between steps, such as a learning rate."""

from __future__ import annotations

from typing import Any


class Hyperparameter(float):
    """The number `owner[key]`, as a float that knows where it came from: a recorded step reads it anew.

    `index`: its place, where `owner[key]` has several, as `betas`.
    """

    owner: dict[str, Any]
    key: str
    index: int | None

    def __new__(cls, owner: dict[str, Any], key: str, index: int | None = None) -> Hyperparameter:
        number = super().__new__(cls, owner[key] if index is None else owner[key][index])
        number.owner, number.key, number.index = owner, key, index
        return number

    @property
    def place(self) -> str:
        """Where it stands in its owner, in Python: `['lr']`, `['betas'][0]`."""
        return f"[{self.key!r}]" + ("" if self.index is None else f"[{self.index}]")

    @property
    def name(self) -> str:
        """Its name: `lr`, `betas_0`."""
        return self.key if self.index is None else f"{self.key}_{self.index}"

    def enter(self, known: dict[str, Hyperparameter]) -> str:
        """Its name among these, of which it becomes one: `lr`, and `lr_2` for that of the next parameter group."""
        name, number = self.name, 1
        while name in known and known[name].owner is not self.owner:
            number += 1
            name = f"{self.name}_{number}"
        known[name] = self
        return name

    def read(self) -> float:
        """The present value."""
        value = self.owner[self.key]
        return float(value if self.index is None else value[self.index])
