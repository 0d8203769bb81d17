"""Saved plans: the program of a step in a file, to be run where the step and its classes do not exist."""

from __future__ import annotations

import inspect
from reprlib import repr as short
from threading import Lock
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN, note_overwritten
from tinygrad_edu.io import load, save
from tinygrad_edu.io.archive import DamagedError
from tinygrad_edu.plan.codegen.c.source import CSource
from tinygrad_edu.plan.codegen.program_source import Source
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pytree import flat, mapped, structure
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.plan.saved.blueprint import Argument, Blueprint
from tinygrad_edu.plan.saved.rebuilt_program import RebuiltProgram, tensors_of
from tinygrad_edu.plan.watched_places import same
from tinygrad_edu.tensor.tensor import Tensor, around
from tinygrad_edu.text.identifiers import free_name


class SavedPlan:
    """A program from a file: `plan(*inputs)` returns and changes what the step did, with the same bits.

    Inputs are arrays or Tensors of the recorded shapes and dtypes; other values must be those of the record. Results
    have no graph. Each call overwrites the states, and leaves in their `.grad` the gradients of this call alone.
    Random numbers come from generators of its own, which go on where those of the saved plan were.

    `hyperparameters`: the numbers that are read anew in every call, such as `lr`, which may be set.
    """

    def __init__(self, rebuilt: RebuiltProgram) -> None:
        self.__name__ = rebuilt.name
        self.hyperparameters = rebuilt.settings
        self.program = Program(rebuilt.recording, copies=True)
        self._structure, self._arguments, self._states = rebuilt.structure, rebuilt.arguments, rebuilt.states
        self._result = rebuilt.recording.result
        moved = {call.result.root.tensor for call in self.program.calls if call.operation is ASSIGN}
        self._moved = [state.tensor for state in rebuilt.states if state.tensor in moved]
        self._free = Lock()
        taken: set[str] = set()
        names = [free_name(argument.name, taken) for argument in self._arguments]
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        arrays = self._arrays(inputs, named)
        with self._free:  # what is computed on the way stands in memory that all calls share
            results = iter(self.program.run(arrays))
            if self._moved:
                note_overwritten(self._moved)
        return mapped(lambda x: around(next(results)) if isinstance(x, Slot) else x, self._result)

    def _arrays(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """The arguments as the program takes them. Raises `TypeError` and `ValueError` if they are others."""
        given = flat(inputs, named)
        if structure(inputs, named) != self._structure or len(given) != len(self._arguments):
            wanted = ", ".join(argument.name for argument in self._arguments)
            raise TypeError(
                f"{self.__name__} was saved with the inputs ({wanted}), got {short((*inputs, *named.items()))}; "
                "call it with the same, positional or by name as then"
            )
        return [self._array(argument, x) for argument, x in zip(self._arguments, given)]

    def _array(self, argument: Argument, x: Any) -> Any:
        wanted = argument.example
        if wanted is None:
            if not same(x, argument.value):
                raise ValueError(
                    f"{self.__name__} was saved with {argument.name} = {argument.value!r}, got {short(x)}; save a plan "
                    "for each value"
                )
            return x
        array = x.raw if isinstance(x, Tensor) else x
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"{self.__name__} needs {argument.name} as an array or Tensor, got {type(x).__name__} {short(x)}"
            )
        if array.shape != wanted.shape or array.dtype != wanted.dtype:
            raise ValueError(
                f"{self.__name__} was saved with {argument.name} of shape {wanted.shape} and {wanted.dtype}, got shape "
                f"{array.shape} and {array.dtype}; save a plan for each shape"
            )
        return array

    def state_dict(self, of: str | None = None) -> dict[str, Tensor]:
        """The states by name: the Tensors themselves, which later calls change.

        With `of="net"` the parameters and buffers of the module that the step called `net`, by their paths in it, as
        `load_state_dict` takes them; with `of=""` of a module that was the step itself, or whose method it was.
        """
        if of is None:
            return tensors_of(self._states)
        start = f"{of}." if of else ""
        every = tensors_of([state for state in self._states if state.kind in ("parameter", "buffer")])
        found = {name.removeprefix(start): x for name, x in every.items() if name.startswith(start)}
        if not found:
            raise ValueError(
                f"{self.__name__} has no states of {of!r}, but {', '.join(every) or 'none at all'}"
            )
        return found

    def source(self, dialect: str = "numpy", *, blas: bool = False) -> str:
        """The program as a file of its own, as `Plan.source` writes it: for NumPy alone, for JAX, or in C."""
        if dialect == "c":
            return CSource(self.program, self, blas=blas).text
        return Source(self.program, self, dialect).text

    def save(self, path: Any) -> None:
        """Write the plan with the numbers of now, for `load_plan`."""
        with self._free:
            parts = (self.program, self.__name__, self._structure, self._arguments, self._states)
            save(Blueprint(*parts).content, path)

    def __repr__(self) -> str:
        return f"<saved plan of {self.__name__}: {len(self.program.calls)} calls>"


def load_plan(path: Any, *, max_bytes: int = 2**32) -> SavedPlan:
    """The plan that `plan.save(path)` wrote; no code of the file is run.

    `path` may be a file that is open for reading in binary. All arrays that the program computes may take `max_bytes`,
    by default 4 GiB, beside those in the file.
    Raises `ValueError` for a file that is damaged, holds something else, or asks for more.
    """
    try:
        content = load(path)
        if not isinstance(content, dict) or "plan" not in content:
            raise DamagedError(f"it holds a {type(content).__name__}; load reads it")
        return SavedPlan(RebuiltProgram(content, max_bytes))
    except OSError:
        raise
    except Exception as error:
        name = getattr(path, "name", path)
        why = f"it has no entry {error}" if isinstance(error, KeyError) else error
        raise ValueError(
            f"load_plan needs a file that plan.save wrote, but {name!r} is none: {why}"
        ) from error
