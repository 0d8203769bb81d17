"""What a step reads by name from the code around it: a program made for it is not taken when it is another."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.guards.bytecode import defaults, instructions
from tinygrad_edu.plan.guards.call_profile import Frame
from tinygrad_edu.plan.guards.compiled_guards import Tests, quickly
from tinygrad_edu.plan.guards.identity import LIBRARY, NOTHING, asked, is_kept, is_plain, same
from tinygrad_edu.tensor import coerce
from tinygrad_edu.tensor.tensor import Tensor

Key = tuple[int, str]  # of what (its id), and under which name
_NONE: dict[str, Any] = {}
_NO_NEWS = (types.ModuleType, types.BuiltinFunctionType, type)  # nobody replaces a module or a class


class Surroundings:
    """The global variables, closure variables and attributes that a step names, and what they were.

    Followed are names, `name.attribute` and so on, read or written: in the step, in the functions, methods and callable
    objects that it names, and in `forward` of the modules among them; also from an input that is an object, an argument
    that is bound by `partial`, a default of a parameter, and another name for the same thing. In a step on Tensors it
    is also every function that is called while it is watched, with what its variables stand for at its beginning and
    end, if it is not of an installed package. Of modules and all inside them it is also `training`, of optimizers which
    groups and which state they have, of tensors that the step used whether they get a gradient, and hooks.
    Plain numbers and texts are the same if they are equal and of one type, tuples if their parts are, all else if it is
    one object. Not seen are the contents of lists and dicts, attributes of what has no name (`configs[0].rate`,
    `chosen().rate`), asked for by `getattr` or computed, methods put in the place of others, and the library's own.
    """

    unchanged: Callable[[], bool]  # whether everything is as it was

    def __init__(self, step: Callable[..., Any], inputs: Sequence[Any] = ()) -> None:
        self._reads: dict[Key, tuple[str, Any, Any]] = {}  # how it is written, of what, and what it was
        self._written: set[Key] = set()  # those that the step does not read
        self._seen: set[Any] = set()
        self._passing: set[Key] = set()  # found while the step ran: may be of things that it makes anew
        self._objects: dict[int, Any] | None = None  # what variables have stood for in every run
        self._meet(step, "step", inputs)
        self._read(vars(coerce), "_default_dtype", "the default dtype")  # what zeros() in the step depends on
        self.unchanged = self._slowly

    def add(
        self, things: Iterable[Module | Optimizer], states: Iterable[Tensor], frames: Iterable[Frame] = ()
    ) -> None:
        """Modules and optimizers that the step turned out to call, tensors that it used, and functions that ran."""
        before = self._reads.copy()
        for thing in things:
            self._meet(thing, type(thing).__name__)
        for tensor in states:
            for key in ("requires_grad", "hooks", "grad_hooks")[: 3 if tensor.requires_grad else 1]:
                self._read(tensor, key, f"{key} of {tensor.described()}")
        self._add_frames(list(frames))
        if before.keys() != self._reads.keys():
            self.unchanged = self._slowly

    def _add_frames(self, frames: list[Frame]) -> None:
        """What variables stand for: in the first run of everything, later of what is not made anew in every run."""
        objects = {id(thing): thing for _, _, variables in frames for thing in variables.values()}
        last = objects if self._objects is None else self._objects
        gone = last.keys() - objects.keys()
        for key in [key for key in self._passing if key[0] in gone]:
            del self._reads[key]
            self._passing.discard(key)
        known = self._reads.copy()
        followed = set()
        for code, globals_, variables in frames:
            lasting = {x: (thing, x) for x, thing in variables.items() if id(thing) in last}
            mark = (code, *((x, id(thing)) for thing, x in lasting.values()))
            if mark not in followed:
                followed.add(mark)
                self._follow_code(code, globals_, {}, lasting)
        self._passing |= self._reads.keys() - known.keys()
        self._objects = {number: thing for number, thing in objects.items() if number in last}

    def things(self) -> list[tuple[str, Any]]:
        """What was found, each by the name that the step uses."""
        return [(name, value) for name, _, value in self._reads.values()]

    def changes(self) -> dict[Key, Any]:
        """What is another one by now."""
        now = {key: asked(owner, key[1]) for key, (_, owner, _) in self._reads.items()}
        return {key: value for key, value in now.items() if not same(value, self._reads[key][2])}

    def accept(self, changes: dict[Key, Any]) -> dict[Key, Any]:
        """After the first run, which may prepare things: what it put where nobody reads stays; returns the others."""
        others = {}
        for key, value in changes.items():
            name, owner, before = self._reads[key]
            kept = isinstance(value, Tensor) and before is not NOTHING
            if key not in self._written or kept or is_plain(value):
                others[key] = value
            else:
                self._reads[key] = name, owner, value
        if len(others) < len(changes):
            self.unchanged = self._slowly
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
            if value is not NOTHING:  # to be written by the step, or never
                tests.same(owner, key, value)
        return tests

    def _slowly(self) -> bool:
        """The first answer, as there may be only one; who asks again is answered quickly."""
        self.unchanged = self._from_now_on
        return not self.changes()

    def _from_now_on(self) -> bool:
        """The quickest way to see that everything is the very same; what is not is compared."""
        self.unchanged = quickly(self.tests(), lambda: not self.changes())
        return self.unchanged()

    def _read(self, owner: Any, key: str, name: str) -> Any:
        """Note that `owner` is asked for `key`; returns the answer."""
        value = asked(owner, key)
        library = isinstance(value, types.FunctionType) and is_own(value.__code__)
        if value is not NOTHING and not library and not isinstance(value, _NO_NEWS):
            self._reads.setdefault((id(owner), key), (name, owner, value))
            self._written.discard((id(owner), key))
            self._meet(value, name)
        return value

    def _write(self, owner: Any, key: str, name: str) -> None:
        """Note that `key` of `owner` is overwritten: a variable, or an attribute that is not computed."""
        variable = isinstance(owner, dict | types.CellType) or key in getattr(owner, "__dict__", ())
        static = NOTHING if variable else inspect.getattr_static(owner, key, NOTHING)
        if (id(owner), key) not in self._reads and is_kept(owner, static) and not isinstance(owner, LIBRARY):
            self._reads[id(owner), key] = name, owner, asked(owner, key)
            self._written.add((id(owner), key))

    def _read_attribute(self, owner: Any, key: str, name: str) -> Any:
        """The same for an attribute, unless it is computed; methods are followed."""
        value = inspect.getattr_static(owner, key, NOTHING)
        if isinstance(owner, types.ModuleType) and not is_plain(value):
            self._meet(value, name)
            return value
        if isinstance(value, types.FunctionType) and key not in getattr(owner, "__dict__", ()):
            self._meet(types.MethodType(value, owner), name)
        elif isinstance(value, staticmethod | classmethod):
            self._meet(getattr(owner, key), name)
        elif key in getattr(owner, "__dict__", ()) or is_kept(owner, value):
            return self._read(owner, key, name)
        return NOTHING

    def _meet(self, thing: Any, name: str, given: Sequence[Any] = ()) -> None:
        """Follow what a thing reads when it is called, with `given` as far as that is known."""
        keywords: dict[str, Any] = {}
        while isinstance(thing, functools.partial):
            given, keywords, thing = (*thing.args, *given), {**thing.keywords, **keywords}, thing.func
        call = getattr(type(thing), "__call__", None)  # noqa: B004 - to be followed, not tested
        if isinstance(thing, Optimizer):
            self._read(thing, "param_groups", f"the groups of {name}")
            self._read(thing, "state", f"the state of {name}")
        elif isinstance(thing, Module):
            for path, module in type(thing).named_modules(thing, prefix=name):
                self._read(module, "training", f"{path}.training")
                self._read(module, "_hooks", f"{path}._hooks")
                self._follow(module.forward, path)
        elif isinstance(thing, types.FunctionType | types.MethodType):
            self._follow(thing, name, given, keywords)
        elif isinstance(call, types.FunctionType):
            self._follow(types.MethodType(call, thing), name, given, keywords)

    def _follow(
        self, called: Callable[..., Any], name: str, given: Sequence[Any] = (), keywords: Any = _NONE
    ) -> None:
        """What a function reads, once."""
        function = inspect.unwrap(getattr(called, "__func__", called))
        owner = getattr(called, "__self__", NOTHING)
        mark = (function, id(owner), *map(id, given), *map(id, keywords.values()))
        if mark in self._seen or not isinstance(function, types.FunctionType):
            return
        self._seen.add(mark)
        code = function.__code__
        if not is_own(code) or isinstance(owner, Module):
            first = [] if owner is NOTHING else [owner]
            own = {} if is_own(code) else defaults(function)
            own |= {variable: (x, variable) for variable, x in zip(code.co_varnames, [*first, *given])}
            own |= {variable: (x, variable) for variable, x in keywords.items()}
            own |= dict.fromkeys(code.co_varnames[: len(first)], (owner, name))
            for thing, variable in own.values():
                self._meet(thing, variable)
            cells = dict(zip(code.co_freevars, function.__closure__ or ()))
            self._follow_code(code, {} if is_own(code) else function.__globals__, cells, own)

    def _follow_code(
        self,
        code: types.CodeType,
        globals_: dict[str, Any],
        cells: dict[str, types.CellType],
        own: dict[str, tuple[Any, str]],
    ) -> None:
        """Every chain of names in a piece of code; `own` is what its variable `self` stands for, and its name."""
        before = ""
        reached, name = NOTHING, ""
        for what, key in instructions(code):
            if what in ("LOAD_GLOBAL", "LOAD_NAME") and key in globals_:
                reached, name = self._read(globals_, key, key), key
            elif what.startswith(("LOAD_FAST", "LOAD_DEREF")) and key in own:
                reached, name = own[key]
            elif what == "LOAD_DEREF" and key in cells:
                reached, name = self._read(cells[key], "cell_contents", key), key
            elif what in ("LOAD_ATTR", "LOAD_METHOD") and reached is not NOTHING:
                name = f"{name}.{key}"
                reached = self._read_attribute(reached, key, name)
            elif what == "STORE_FAST" and reached is not NOTHING:
                own[key] = reached, name
                reached = reached if before == "COPY" else NOTHING
            elif what == "STORE_ATTR" and reached is not NOTHING:
                self._write(reached, key, f"{name}.{key}")
                reached = NOTHING
            elif what == "STORE_DEREF" and key in cells:
                self._write(cells[key], "cell_contents", key)
                reached = NOTHING
            elif what == "STORE_GLOBAL" and not is_own(code):
                self._write(globals_, key, key)
                reached = NOTHING
            elif what not in ("EXTENDED_ARG", "COPY"):  # x.n += 1 copies x
                reached = NOTHING
            before = what
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                shared = {variable: it for variable, it in own.items() if variable in inner.co_freevars}
                self._follow_code(inner, globals_, cells, shared)
