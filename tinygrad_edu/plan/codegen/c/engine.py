"""A program run by compiled C: on the very arrays of the parameters, with the same entries and results as by NumPy."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.plan.codegen.c.argument_layout import Argument
from tinygrad_edu.plan.codegen.c.compiler import shared_library
from tinygrad_edu.plan.codegen.c.source import CSource
from tinygrad_edu.plan.compiled import compiled
from tinygrad_edu.plan.optimize import resolved, slots_in
from tinygrad_edu.plan.program import Program
from tinygrad_edu.tensor.draws import DRAW

NO_COMPILER = "engine='c' needs a C compiler (cc, gcc or clang), and there is none"
Run = Callable[[Sequence[Any]], Sequence[np.ndarray]]


def c_run(program: Program, step: Callable[..., Any]) -> Run | None:
    """What `program.run` does, compiled; None, with one warning, if there is no compiler or no kernel for a call."""
    try:
        source = CSource(program, step, alone=False)
        library = shared_library(source.text)
    except (RuntimeError, OSError) as error:
        warnings.warn(f"{error}; the plan runs on NumPy", RuntimeWarning, stacklevel=2)
        return None
    if library is None:
        warnings.warn(f"{NO_COMPILER}; the plan runs on NumPy", RuntimeWarning, stacklevel=2)
        return None
    return _entered(program, source, library)


def _entered(program: Program, source: CSource, library: Path) -> Run:
    """The function that copies the inputs to their places, calls the library, and leaves the gradients."""
    # PyDLL keeps the interpreter's lock: what a step computes on its way stands in memory that all calls share.
    function = ctypes.PyDLL(str(library)).run
    places = [_place(argument) for argument in source.arguments]
    layout = type("Arrays", (ctypes.Structure,), {"_fields_": _fields(source)})
    given = layout()
    for argument, place in zip(source.arguments, places):
        setattr(given, argument.name, place.__array_interface__["data"][0])
    scope: dict[str, Any] = {"call": function, "given": given, "pointer": ctypes.byref(given), "kept": places}
    lines: list[str] = []

    def named(thing: Any) -> str:
        name = f"a{len(scope)}"
        scope[name] = thing
        return name

    recording = program.recording
    place_of: dict[Any, np.ndarray] = {}
    for argument, place in zip(source.arguments, places):
        place_of.setdefault((argument.role, argument.slot), place)
    for i, slot in zip(recording.positions, recording.inputs):
        lines.append(f"{named(place_of['input', slot])}[...] = inputs[{i}]")
    for call in program.calls:
        if call.operation is DRAW:
            numbers = ", ".join(map(named, call.arguments))
            lines.append(
                f"{named(place_of['draw', call.result])}[...] = {named(call.settings['draw'])}({numbers})"
            )
    lines += [f"given.{name} = {named(x.owner)}{x.place}" for name, x in source.settings.items()]
    if source.checks:
        scope |= {"checks": source.checks, "IndexError": IndexError}
        lines += ["wrong = call(pointer)", "if wrong:", "    raise IndexError(checks[wrong - 1])"]
    else:
        lines.append("call(pointer)")

    def left(slot: Any) -> str:
        whole = resolved(slot, program.stands_for)
        found = place_of.get(("gradient", whole), place_of.get(("result", whole)))
        return f"copied({named(found)})"

    scope["copied"] = np.array
    lines += [f"{named(tensor)}._grad = {left(slot)}" for tensor, slot in recording.gradients]
    lines += [f"{named(tensor)}._grad = None" for tensor in recording.cleared]
    returned = "".join(f"{left(slot)}, " for slot in slots_in(recording.result))
    lines.append(f"return ({returned})")
    return compiled(
        "run", "def run(inputs, kept=kept):\n" + "".join(f"    {line}\n" for line in lines), scope
    )


def _fields(source: CSource) -> list[tuple[str, Any]]:
    pointers = [(argument.name, ctypes.c_void_p) for argument in source.arguments]
    return [*pointers, *((name, ctypes.c_double) for name in source.settings)]


def _place(argument: Argument) -> np.ndarray:
    """The array that an argument stands for: that of the parameter itself, or one made for it."""
    if argument.role == "state":
        return argument.slot.tensor.raw
    if argument.role == "constant":
        return argument.slot.example
    if argument.copied:
        return np.empty(argument.slot.example.shape, argument.slot.example.dtype)
    return np.empty_like(argument.slot.example, subok=False)
