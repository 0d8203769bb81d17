"""Asking a thing for what it has under a name, and whether the answer is the same as before."""

from __future__ import annotations

import types
from typing import Any

from tinygrad_edu.optim import Optimizer
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor

NOTHING: Any = object()  # the answer where there is none
LIBRARY = (Tensor, Value, Optimizer)  # what is kept in these, plans know themselves
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def is_plain(value: Any) -> bool:
    """Whether a value can be told from another by its text."""
    return isinstance(value, _PLAIN)


def is_kept(owner: Any, found: Any) -> bool:
    """Whether what was found in a class under a name is the attribute itself, or its slot, and no way to compute it."""
    slot = isinstance(found, types.MemberDescriptorType) and not isinstance(owner, LIBRARY)
    return slot or not hasattr(type(found), "__get__")


def asked(owner: Any, key: str) -> Any:
    """What a dict holds under `key`, or an attribute."""
    if isinstance(owner, dict):
        return owner.get(key, NOTHING)
    try:
        return getattr(owner, key, NOTHING)
    except ValueError:  # a closure variable that is not set
        return NOTHING


def same(a: Any, b: Any) -> bool:
    """Whether two answers count as the same."""
    if a is b or type(a) is not type(b):
        return a is b
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, types.MethodType):  # bound anew whenever it is asked for
        return a.__self__ is b.__self__ and a.__func__ is b.__func__
    return isinstance(a, _PLAIN) and repr(a) == repr(b)
