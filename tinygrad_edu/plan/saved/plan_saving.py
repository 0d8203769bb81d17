"""`plan.save`: from the last call of a step to a file that `load_plan` reads."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.io import save
from tinygrad_edu.nn import Parameter
from tinygrad_edu.optim.settings import SCHEDULED
from tinygrad_edu.plan.codegen.state_names import model_states, optimizer_names, state_names
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.follower import Follower
from tinygrad_edu.plan.optimize import resolved
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pytree import leaves, structure
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.plan.saved.blueprint import Argument, Blueprint, State, plain_text
from tinygrad_edu.plan.saved.rebuilt_program import RebuiltProgram
from tinygrad_edu.tensor.tensor import Tensor


def save_program(path: Any, step: Callable[..., Any], program: Program, follower: Follower) -> None:
    """Write `program`, of calls of `step` like the last one that was followed.

    Raises `RuntimeError` or `TypeError`, saying what to do, for what a file cannot hold; nothing is written then.
    """
    ending = follower.ending
    assert ending is not None
    _check(ending, program, follower.was_read)
    _warn_of_others(follower, ending)
    inputs, named = follower.arguments
    for event in ending.updates:
        for group in event.groups:
            event.shadows[id(group)].update({key: group[key] for key in SCHEDULED if key in group})
    arguments = [_argument(name, x) for name, x in _named_arguments(step, inputs, named)]
    form = _plain(structure(inputs, named))
    name = plain_text(getattr(step, "__name__", type(step).__name__))
    content = Blueprint(program, name, form, arguments, _states(step, ending, program)).content
    try:
        RebuiltProgram(content, float("inf"))
    except Exception as error:
        raise RuntimeError(
            f"save needs a program that runs on any numbers, as load_plan tries it on made-up ones, but {error}; "
            "do that part outside of the step"
        ) from error
    save(content, path)


def _check(ending: Ending, program: Program, was_read: bool) -> None:
    """Raise `RuntimeError` for a step that does more than its program."""
    if was_read:
        raise RuntimeError(
            "save needs a step that is one program, but this one reads numbers of its results, to print or to decide; "
            "return them instead"
        )
    if not all(info.is_as_recorded(ending.given_before.get(info.number)) for info in ending.free):
        raise RuntimeError(
            "save needs a step that is one program, but its Python makes other numbers or arrays in every call; hand "
            "them in as inputs"
        )
    others = [x for x in leaves(ending.returned) if not isinstance(x, Slot) and x is not None]
    if others:
        raise RuntimeError(
            f"save needs a step that returns Tensors, but this one returns {short(others[0])}, too, which no "
            "operation of it makes; leave it out"
        )
    kinds = {slot.tensor: slot.kind for call in program.recording.calls for slot in call.slots()}
    kinds |= {slot.tensor: slot.kind for slot in program.recording.inputs}
    if any(kinds.get(leaf, "state") != "state" for leaf, _ in program.recording.gradients):
        raise RuntimeError(
            "save needs gradients of parameters, but the step leaves that of an input, or of a Tensor that it makes; "
            "return it, as grad() gives it"
        )


def _warn_of_others(follower: Follower, ending: Ending) -> None:
    """Warn if calls with inputs like those of the last one did something else, too."""
    ways = [each for each in follower.endings() if each.ran and _form(each) == _form(ending)]
    if len(ways) > 1:
        warnings.warn(
            f"save writes what the last call did, which is one of {len(ways)} ways that calls with such inputs took; "
            "capture a step for each",
            stacklevel=4,
        )


def _form(ending: Ending) -> Any:
    """The shapes and dtypes of the inputs that a call worked with."""
    given = [info for info in ending.free if isinstance(info.source, int)]
    return {(info.source, info.place.shape, info.place.dtype) for info in given}


# Inputs.


def _named_arguments(
    step: Callable[..., Any], inputs: Any, named: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Every argument in the order of `flat`, with its name: `x`, `batch['labels']`."""
    try:
        names = list(inspect.signature(step).parameters)
    except (ValueError, TypeError):  # not written in Python
        names = []
    names += [f"input {i + 1}" for i in range(len(names), len(inputs))]
    for name, x in zip(names, inputs):
        yield from _inside(name, x)
    for name in sorted(named, key=repr):
        yield from _inside(name, named[name])


def _inside(name: str, x: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(x, dict):
        for key in sorted(x, key=repr):
            yield from _inside(f"{name}[{key!r}]", x[key])
    elif isinstance(x, list | tuple):
        for i, item in enumerate(x):
            yield from _inside(f"{name}[{i}]", item)
    else:
        yield plain_text(name), x


def _argument(name: str, x: Any) -> Argument:
    if isinstance(x, Tensor | np.ndarray):
        return Argument(name, x.raw if isinstance(x, Tensor) else x)
    argument = Argument(name, value=x)
    try:
        argument.entry()
    except TypeError as error:
        raise TypeError(
            f"save needs inputs that are arrays, Tensors or plain values, but {name} is {error}; let the step find "
            "it by name"
        ) from None
    return argument


def _plain(tree: Any) -> Any:
    """The same with plain tuples and dicts in place of those of other classes."""
    if isinstance(tree, dict):
        return {key: _plain(item) for key, item in tree.items()}
    if isinstance(tree, tuple | list):
        return (list if isinstance(tree, list) else tuple)(map(_plain, tree))
    return tree


# States.


def _states(step: Callable[..., Any], ending: Ending, program: Program) -> list[State]:
    """What the program reads and moves, and all that the modules of these have in their `state_dict`."""
    used, paths = _used(program), state_names(step)
    modules = [module for module in model_states(step) if used.keys() & set(map(id, module.values()))]
    of_model = {name: x for module in modules for name, x in module.items()}
    remembered = {id(x) for e in ending.updates for memory in e.memories.values() for x in memory.values()}
    remembered |= optimizer_names(step).keys()
    taken, states = set(of_model), []
    for x in ({id(x): x for x in of_model.values()} | used).values():
        names = [name for name, y in of_model.items() if y is x]
        model_kind = "parameter" if isinstance(x, Parameter) else "buffer"
        kind = model_kind if names else "optimizer" if id(x) in remembered else "other"
        states.append(State(x, names or [_free(paths.get(id(x)) or x.name or "state", taken)], kind))
    return states


def _used(program: Program) -> dict[int, Tensor]:
    """The states of a program, by id: those of its calls and results, and those whose gradients it leaves."""
    recording = program.recording
    slots = [slot for call in program.calls for slot in (*call.slots(), call.result)]
    slots += [resolved(slot, program.stands_for) for slot in recording.results()]
    used = [slot.tensor for slot in slots if slot.kind == "state" and not slot.frozen]
    return {id(x): x for x in (*used, *(leaf for leaf, _ in recording.gradients), *recording.cleared)}


def _free(wish: str, taken: set[str]) -> str:
    """A name that no other state has."""
    wish = name = plain_text(wish)
    number = 1
    while name in taken:
        number += 1
        name = f"{wish}_{number}"
    taken.add(name)
    return name
