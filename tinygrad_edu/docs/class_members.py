"""The methods and properties of a public class, each with its call and its first sentence."""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any, NamedTuple

from tinygrad_edu.docs.public_names import PublicName, call_of
from tinygrad_edu.nn.module import Module
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor

PACKAGE = "tinygrad_edu"
PROPERTIES = (property, functools.cached_property)


class Member(NamedTuple):
    """A method or property: its call, `step(closure=None)`, and what the first sentence of its docstring says."""

    call: str
    words: str


def members(name: PublicName) -> list[Member]:
    """The public methods and properties of a class that our own code defines.

    Those of `Module` stand at `Module` alone, those of `Tensor` and `Value` on their pages.
    """
    kind = name.value
    if not isinstance(kind, type):
        return []
    listed_elsewhere = (Tensor, Value) if kind is Module else (Tensor, Value, Module)
    bases = [base for base in kind.__mro__ if base.__module__.startswith(PACKAGE)]
    bases = [base for base in bases if not any(issubclass(other, base) for other in listed_elsewhere)]
    found: dict[str, Any] = {}
    for base in bases:
        for member, value in vars(base).items():
            if member[0] != "_" and _is_method_or_property(value):
                found.setdefault(member, value)
    return [_member(kind, member, value) for member, value in sorted(found.items())]


def _is_method_or_property(value: Any) -> bool:
    return inspect.isroutine(value) or isinstance(value, (*PROPERTIES, classmethod, staticmethod))


def _member(kind: type, name: str, value: Any) -> Member:
    call = name if isinstance(value, PROPERTIES) else call_of(name, getattr(kind, name)) or f"{name}()"
    texts = (inspect.getdoc(vars(base)[name]) for base in kind.__mro__ if name in vars(base))
    return Member(call, first_sentence(next(filter(None, texts), "")))


def first_sentence(text: str) -> str:
    """The first sentence of a docstring, on one line."""
    words = " ".join(text.partition("\n\n")[0].split())
    return re.sub(";$", ".", re.split(r"(?<=[.;]) (?=[A-Z`])", words)[0])
