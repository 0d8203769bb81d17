"""Pickles read by a machine of our own, which can build lists, dicts, sets and plain values, and call nothing else.

Python's own unpickler imports what a pickle names and calls it. This one hands every name to `find`, which returns a
`Builder` for the few that are allowed, and runs nothing but these; no attribute is set, no method called.
"""

from __future__ import annotations

import pickletools
from collections import OrderedDict
from collections.abc import Callable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.io.archive import DamagedError

_MARK = object()
_KEYS = (str, int, float, bool, bytes, type(None))


class Builder:
    """A function that a pickle may call under a name."""

    def __init__(self, build: Callable[..., Any], name: str) -> None:
        self.build, self.name = build, name


class Unfinished:
    """An object that a pickle makes in two steps, the second of which is `finish(state)`."""

    def finish(self, state: Any) -> None:
        """Take the second step."""
        raise NotImplementedError


class Machine:
    """The stack and the memo of a pickle while it is read."""

    def __init__(self, find: Callable[[str, str], Any], persistent: Callable[[Any], Any]) -> None:
        self.find, self.persistent = find, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """The object of a pickle. Raises `DamagedError` for an instruction that no checkpoint has."""
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name == "STOP":
                return self.stack.pop()
            if opcode.name not in _STEPS:
                raise DamagedError(f"its pickle has the instruction {opcode.name}, which no checkpoint has")
            _STEPS[opcode.name](self, argument)
        raise DamagedError("its pickle has no end")

    def pop_to_mark(self) -> list[Any]:
        """What lies above the last mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise DamagedError("its pickle misses a mark")
        parts = self.stack[place + 1 :]
        del self.stack[place:]
        return parts

    def replace(self, count: int, make: Callable[[list[Any]], Any]) -> None:
        """Replace the last `count` objects by one."""
        parts = self.stack[len(self.stack) - count :]
        if len(parts) < count:
            raise DamagedError("its pickle takes more from the stack than there is")
        del self.stack[len(self.stack) - count :]
        self.stack.append(make(parts))


def _call(parts: list[Any]) -> Any:
    function, arguments = parts
    if not isinstance(function, Builder) or not isinstance(arguments, tuple):
        raise DamagedError(f"its pickle calls {short(function)}, which is no function")
    try:
        return function.build(*arguments)
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        raise DamagedError(f"it calls {function.name} with what that does not take ({error})") from error


def _state(parts: list[Any]) -> Any:
    """BUILD: the notes of a state_dict on its versions are not needed; a dtype is told its byte order."""
    target, state = parts
    if isinstance(target, OrderedDict):
        return target
    if isinstance(target, Unfinished):
        target.finish(state)
        return target
    raise DamagedError(f"its pickle sets attributes of {type(target).__name__}, which no checkpoint does")


def _appended(machine: Machine, parts: list[Any]) -> None:
    if type(machine.stack[-1]) is not list:
        raise DamagedError("its pickle appends to what is no list")
    machine.stack[-1].extend(parts)


def _set_items(machine: Machine, parts: list[Any]) -> None:
    if type(machine.stack[-1]) not in (dict, OrderedDict) or len(parts) % 2:
        raise DamagedError("its pickle puts items into what is no dict")
    for key, value in zip(parts[::2], parts[1::2]):
        machine.stack[-1][simple_key(key)] = value


def _add_items(machine: Machine, parts: list[Any]) -> None:
    if type(machine.stack[-1]) is not set:
        raise DamagedError("its pickle adds to what is no set")
    machine.stack[-1].update(map(simple_key, parts))


def simple_key(key: Any) -> Any:
    """A key, if its hash is known at once: plain values, and tuples of them."""
    if not all(type(part) in _KEYS for part in (key if type(key) is tuple else (key,))):
        raise DamagedError(f"a key of a dict is {short(key)}; plain values and tuples of them can be keys")
    return key


def _named(parts: list[Any], machine: Machine) -> Any:
    module, name = parts
    if type(module) is not str or type(name) is not str:
        raise DamagedError("its pickle names a function by what is no text")
    return machine.find(module, name)


def _tuple(count: int) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.replace(count, tuple)


def _new(make: Callable[[], Any]) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _ignore(_machine: Machine, _argument: Any) -> None:
    pass


def _put(machine: Machine, place: int) -> None:
    machine.memo[place] = machine.stack[-1]


def _push(machine: Machine, argument: Any) -> None:
    machine.stack.append(argument)


_STEPS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME"), _ignore),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"), _push),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), _push),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BINSTRING", "SHORT_BINSTRING"), _push),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(
        ("BINGET", "LONG_BINGET"), lambda machine, place: machine.stack.append(machine.memo[place])
    ),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda machine, _: machine.replace(2, _call)),
    "MEMOIZE": lambda machine, _: _put(machine, len(machine.memo)),
    "NONE": _new(lambda: None),
    "NEWTRUE": _new(lambda: True),
    "NEWFALSE": _new(lambda: False),
    "EMPTY_LIST": _new(list),
    "EMPTY_DICT": _new(dict),
    "EMPTY_SET": _new(set),
    "EMPTY_TUPLE": _new(tuple),
    "MARK": _new(lambda: _MARK),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.pop_to_mark())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "FROZENSET": lambda machine, _: machine.stack.append(frozenset(map(simple_key, machine.pop_to_mark()))),
    "APPEND": lambda machine, _: _appended(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine, _: _appended(machine, machine.pop_to_mark()),
    "SETITEM": lambda machine, _: _set_items(machine, [machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_to_mark()),
    "ADDITEMS": lambda machine, _: _add_items(machine, machine.pop_to_mark()),
    "GLOBAL": lambda machine, text: machine.stack.append(machine.find(*text.split(" ", 1))),
    "STACK_GLOBAL": lambda machine, _: machine.replace(2, lambda parts: _named(parts, machine)),
    "BINPERSID": lambda machine, _: machine.replace(1, lambda parts: machine.persistent(parts[0])),
    "BUILD": lambda machine, _: machine.replace(2, _state),
}
