"""The names that `dir`, Tab and help show of a Tensor: those of PyTorch, and not the seams to the graph."""

from __future__ import annotations

from collections.abc import Iterable

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.tensor.methods import ABSENT, Methods

_OF_THE_GRAPH = {name for name in dir(Variable) if name[0] != "_"} - {"name", "requires_grad"}
_SEAMS = {
    *("admit", "around", "complaint", "copy_numbers_to", "described", "gradient_use", "holding", "holds"),
    *("grad_hooks", "overwrite", "promoted", "raw", "raw_grad", "result_kind", "shares_memory"),
}


def public(names: Iterable[str], kind: type) -> list[str]:
    """Those of `names` that are meant for users of a Tensor of the class `kind`."""
    others = [base for base in kind.__mro__ if base is not Methods]
    absent = {
        name
        for name, x in ABSENT.items()
        if vars(Methods).get(name) is x and not any(name in vars(base) for base in others)
    }
    return sorted(set(names) - _OF_THE_GRAPH - _SEAMS - absent)


class PublicNames(type):
    """The metaclass of Tensor, for `dir(Tensor)`."""

    def __dir__(cls) -> list[str]:
        return public(super().__dir__(), cls)
