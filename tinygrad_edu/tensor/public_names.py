"""The names that `dir`, Tab and help show of a Tensor: those of PyTorch, and not the seams to the graph."""

from __future__ import annotations

from collections.abc import Iterable

from tinygrad_edu.engine.graph import Variable

_OF_THE_GRAPH = {name for name in dir(Variable) if name[0] != "_"} - {"name", "requires_grad"}
_SEAMS = {
    *("admit", "around", "complaint", "copy_numbers_to", "described", "gradient_use", "holding", "holds"),
    *("grad_hooks", "overwrite", "promoted", "raw", "raw_grad", "result_kind", "shares_memory"),
}


def public(names: Iterable[str]) -> list[str]:
    """Those of `names` that are meant for users of a Tensor."""
    return sorted(set(names) - _OF_THE_GRAPH - _SEAMS)


class PublicNames(type):
    """The metaclass of Tensor, for `dir(Tensor)`."""

    def __dir__(cls) -> list[str]:
        return public(super().__dir__())
