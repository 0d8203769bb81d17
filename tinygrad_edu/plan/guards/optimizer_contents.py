"""What optimizers and hooks hold: which groups with which parameters, what is remembered of these, which functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.guards.compiled_guards import Tests
from tinygrad_edu.tensor.tensor import Tensor


class Contents:
    """The lists and dicts in optimizers, and those of hooks, as they are now: how long, and what is in every place.

    Not looked at are the other settings of a group, which a plan asks for itself; but a learning rate in a Tensor is
    in the memory of that Tensor.
    """

    def __init__(self, optimizers: Iterable[Optimizer] = (), hooked: Iterable[Module | Tensor] = ()) -> None:
        self._sizes: list[tuple[Any, int]] = []
        self._places: list[tuple[Any, Any, Any]] = []  # in what, at which index or key, and what it was
        for optimizer in optimizers:
            self._add(optimizer.param_groups, enumerate(optimizer.param_groups))
            for group in optimizer.param_groups:
                tensors = ["lr"] if isinstance(group.get("lr"), Tensor) else []
                self._places += [(group, key, group[key]) for key in ["params", *tensors]]
                self._add(group["params"], enumerate(group["params"]))
            self._add(optimizer.state, optimizer.state.items())
            for kept in optimizer.state.values():
                self._add(kept, kept.items())
        for owner in hooked:
            for table in _hook_tables(owner):
                self._add(table, table.items())

    def _add(self, thing: Any, places: Iterable[tuple[Any, Any]]) -> None:
        self._sizes.append((thing, len(thing)))
        self._places += [(thing, key, value) for key, value in places]

    def unchanged(self) -> bool:
        """Whether everything is the very same."""
        try:
            return all(len(thing) == size for thing, size in self._sizes) and all(
                thing[key] is value for thing, key, value in self._places
            )
        except LookupError:
            return False

    def add_to(self, tests: Tests) -> None:
        """The same question."""
        for thing, size in self._sizes:
            tests.that(f"len({{0}}) == {size}", thing)
        for place in self._places:
            tests.that("{0}[{1}] is {2}", *place)


def _hook_tables(owner: Module | Tensor) -> list[dict[int, Any]]:
    """The dicts in which hooks are registered: of a module those of all modules inside it, too."""
    if isinstance(owner, Tensor):
        return [hooks for hooks in (owner.hooks, owner.grad_hooks) if hooks is not None]
    with_hooks = [module._hooks for module in type(owner).modules(owner) if module._hooks is not None]
    return [table for hooks in with_hooks for table in vars(hooks).values()]
