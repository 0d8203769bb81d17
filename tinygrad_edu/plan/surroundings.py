"""What a step reads by name from the code around it: a program made for it is not taken when it is another."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinygrad_edu import arrays
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.bytecode import defaults, instructions
from tinygrad_edu.plan.compiled import Tests, compiled
from tinygrad_edu.scalar import Value
from tinygrad_edu.source import is_ours
from tinygrad_edu.tensor import Tensor

Key = tuple[int, str]  # of what (its id), and under which name

_NOTHING = object()
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_NO_NEWS = (types.ModuleType, types.BuiltinFunctionType, type)  # nobody replaces a module or a class
_SELF_KEPT = (Tensor, Value, Optimizer)  # what is written in these, plans know themselves


class Surroundings:
    """The global variables, closure variables and attributes that a step names, and what they were.

    Followed are names, `name.attribute` and so on: in the step, in the functions, methods and callable objects that it
    names, and in `forward` of the modules among them; also from an input that is an object, a default of a parameter,
    and another name for the same thing. Of modules and all inside them it is also `training`, of optimizers which
    groups and which state they have, of tensors that the step used whether they get a gradient.
    Two plain numbers or texts count as the same if they are equal and of one type, two tuples if their parts are the
    same, anything else if it is the very same object.
    Not seen are the contents of lists and dicts, slots and properties, and the library's own variables.
    """

    unchanged: Callable[[], bool]  # whether everything is as it was

    def __init__(self, step: Callable[..., Any], inputs: Sequence[Any] = ()) -> None:
        self._step, self._inputs = getattr(step, "__func__", step), inputs
        self._reads: dict[Key, tuple[str, Any, Any]] = {}  # how it is written, of what, and what it was
        self._written: set[Key] = set()  # those that the step does not read
        self._seen: set[Any] = set()
        self._meet(step, "step")
        self._read(vars(arrays), "_default_dtype", "the default dtype")  # what zeros() in the step depends on
        self.unchanged = self._test()

    def add(self, things: Iterable[Module | Optimizer], states: Iterable[Tensor]) -> None:
        """Modules and optimizers that the step turned out to call, and tensors that it used."""
        before = len(self._reads)
        for thing in things:
            self._meet(thing, type(thing).__name__)
        for tensor in states:
            self._read(tensor, "requires_grad", f"requires_grad of {tensor.described()}")
        if len(self._reads) > before:
            self.unchanged = self._test()

    def things(self) -> list[tuple[str, Any]]:
        """What was found, each by the name that the step uses."""
        return [(name, value) for name, _, value in self._reads.values()]

    def changes(self) -> dict[Key, Any]:
        """What is another one by now."""
        now = {key: _asked(owner, key[1]) for key, (_, owner, _) in self._reads.items()}
        return {key: value for key, value in now.items() if not _same(value, self._reads[key][2])}

    def accept(self, changes: dict[Key, Any]) -> dict[Key, Any]:
        """After the first run, which may prepare things: what it put where nobody reads stays; returns the others."""
        others = {}
        for key, value in changes.items():
            name, owner, before = self._reads[key]
            kept = isinstance(value, Tensor) and before is not _NOTHING
            if key not in self._written or kept or is_plain(value):
                others[key] = value
            else:
                self._reads[key] = name, owner, value
        if len(others) < len(changes):
            self.unchanged = self._test()
        return others

    def restore(self, changes: dict[Key, Any]) -> None:
        """Let things be what they were found to be in `changes`."""
        for key, value in changes.items():
            owner = self._reads[key][1]
            if isinstance(owner, dict):
                owner[key[1]] = value
            else:
                setattr(owner, key[1], value)

    def named(self, changes: dict[Key, Any]) -> dict[str, Any]:
        """The same by the names that the step uses: `net.training`."""
        return {self._reads[key][0]: value for key, value in changes.items()}

    def tests(self) -> Tests:
        """That everything is the very same: a change may still turn out to be none."""
        tests = Tests()
        for (_, key), (_, owner, value) in self._reads.items():
            if value is not _NOTHING:  # to be written by the step, or never
                tests.same(owner, key, value)
        return tests

    def _test(self) -> Callable[[], bool]:
        """The quickest way to see that everything is the very same; what is not is compared."""
        tests = self.tests()
        return compiled("unchanged", _TEST.format(tests=tests), {"changes": self.changes, **tests.scope})

    def _read(self, owner: Any, key: str, name: str) -> Any:
        """Note that `owner` is asked for `key`; returns the answer."""
        value = _asked(owner, key)
        library = isinstance(value, types.FunctionType) and is_ours(value.__code__)
        if value is not _NOTHING and not library and not isinstance(value, _NO_NEWS):
            self._reads.setdefault((id(owner), key), (name, owner, value))
            self._written.discard((id(owner), key))
            self._meet(value, name)
        return value

    def _write(self, owner: Any, key: str, name: str) -> None:
        """Note that `key` of `owner` is overwritten: a variable, or an attribute that is not computed."""
        if (id(owner), key) in self._reads or isinstance(owner, _SELF_KEPT):
            return
        variable = isinstance(owner, dict | types.CellType) or key in getattr(owner, "__dict__", ())
        static = _NOTHING if variable else inspect.getattr_static(owner, key, _NOTHING)
        if not hasattr(type(static), "__set__") or isinstance(static, types.MemberDescriptorType):
            self._reads[id(owner), key] = name, owner, _asked(owner, key)
            self._written.add((id(owner), key))

    def _read_attribute(self, owner: Any, key: str, name: str) -> Any:
        """The same for an attribute, unless it is computed; methods are followed."""
        value = inspect.getattr_static(owner, key, _NOTHING)
        if isinstance(owner, types.ModuleType) and not isinstance(value, _PLAIN):
            self._meet(value, name)
            return value
        if key in getattr(owner, "__dict__", ()) or isinstance(value, _PLAIN):
            return self._read(owner, key, name)
        if isinstance(value, types.FunctionType):
            self._meet(types.MethodType(value, owner), name)
        return _NOTHING

    def _meet(self, thing: Any, name: str) -> None:
        """Follow what a thing reads when it is called."""
        while isinstance(thing, functools.partial):
            thing = thing.func
        call = getattr(type(thing), "__call__", None)  # noqa: B004 - to be followed, not tested
        if isinstance(thing, Optimizer):
            self._read(thing, "param_groups", f"the groups of {name}")
            self._read(thing, "state", f"the state of {name}")
        elif isinstance(thing, Module):
            for path, module in thing.named_modules(name):
                self._read(module, "training", f"{path}.training")
                self._follow(module.forward, path)
        elif isinstance(thing, types.FunctionType | types.MethodType):
            self._follow(thing, name)
        elif isinstance(call, types.FunctionType):
            self._follow(types.MethodType(call, thing), name)

    def _follow(self, called: Callable[..., Any], name: str) -> None:
        """What a function reads, once."""
        function = inspect.unwrap(getattr(called, "__func__", called))
        owner = getattr(called, "__self__", _NOTHING)
        mark = (function, id(owner))
        if mark in self._seen or not isinstance(function, types.FunctionType):
            return
        self._seen.add(mark)
        code = function.__code__
        if not is_ours(code) or isinstance(owner, Module):
            first = [] if owner is _NOTHING else [owner]
            given = [*first, *self._inputs] if function is inspect.unwrap(self._step) else first
            own = {} if is_ours(code) else defaults(function)
            own |= {variable: (x, variable) for variable, x in zip(code.co_varnames, given)}
            own |= dict.fromkeys(code.co_varnames[: len(first)], (owner, name))
            for thing, variable in own.values():
                self._meet(thing, variable)
            self._follow_code(code, function, own)

    def _follow_code(
        self, code: types.CodeType, function: types.FunctionType, own: dict[str, tuple[Any, str]]
    ) -> None:
        """Every chain of names in a piece of code; `own` is what its variable `self` stands for, and its name."""
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        globals_ = {} if is_ours(code) else function.__globals__
        reached, name = _NOTHING, ""
        for what, key in instructions(code):
            if what in ("LOAD_GLOBAL", "LOAD_NAME") and key in globals_:
                reached, name = self._read(globals_, key, key), key
            elif what.startswith(("LOAD_FAST", "LOAD_DEREF")) and key in own:
                reached, name = own[key]
            elif what == "LOAD_DEREF" and key in cells:
                reached, name = self._read(cells[key], "cell_contents", key), key
            elif what in ("LOAD_ATTR", "LOAD_METHOD") and reached is not _NOTHING:
                name = f"{name}.{key}"
                reached = self._read_attribute(reached, key, name)
            elif what == "STORE_FAST" and reached is not _NOTHING:
                own[key], reached = (reached, name), _NOTHING
            elif what == "STORE_ATTR" and reached is not _NOTHING:
                self._write(reached, key, f"{name}.{key}")
                reached = _NOTHING
            elif what == "STORE_DEREF" and key in cells:
                self._write(cells[key], "cell_contents", key)
                reached = _NOTHING
            elif what == "STORE_GLOBAL" and not is_ours(code):
                self._write(globals_, key, key)
                reached = _NOTHING
            elif what not in ("EXTENDED_ARG", "COPY"):  # x.n += 1 copies x
                reached = _NOTHING
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                shared = {variable: it for variable, it in own.items() if variable in inner.co_freevars}
                self._follow_code(inner, function, shared)


_TEST = """
def unchanged():
    try:
        if {tests}:
            return True
    except Exception:
        pass
    return not changes()
"""


def is_plain(value: Any) -> bool:
    """Whether a value can be told from another by its text."""
    return isinstance(value, _PLAIN)


def _asked(owner: Any, key: str) -> Any:
    if isinstance(owner, dict):
        return owner.get(key, _NOTHING)
    try:
        return getattr(owner, key, _NOTHING)
    except ValueError:  # a closure variable that is not set
        return _NOTHING


def _same(a: Any, b: Any) -> bool:
    if a is b or type(a) is not type(b):
        return a is b
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, types.MethodType):  # bound anew whenever it is asked for
        return a.__self__ is b.__self__ and a.__func__ is b.__func__
    return isinstance(a, _PLAIN) and repr(a) == repr(b)
