"""A step on Values run by compiled C."""

from __future__ import annotations

import ctypes
import warnings
from pathlib import Path

import numpy as np

from tinygrad_edu.plan.codegen.c.compiler import shared_library
from tinygrad_edu.plan.codegen.c.engine import NO_COMPILER
from tinygrad_edu.plan.codegen.c.value_source import ValueSource
from tinygrad_edu.plan.values.levels import Items
from tinygrad_edu.plan.values.memory_layout import Group, Layout
from tinygrad_edu.plan.values.value_replay import Parameters, Replay
from tinygrad_edu.scalar import Value


def compiled_replay(items: Items, layout: Layout, kind: type | None, goes_back: bool) -> Replay:
    """What the step computes, compiled; by NumPy, with one warning, without a compiler or a kernel for an operation."""
    try:
        source = ValueSource(items, layout.inputs)
        library = shared_library(source.text)
        words = NO_COMPILER
    except NotImplementedError as error:
        library, words = None, f"engine='c' has no kernel for {error}"
    except (RuntimeError, OSError) as error:
        library, words = None, str(error)
    if library is None:
        warnings.warn(f"{words}; the plan runs on NumPy", RuntimeWarning, stacklevel=2)
        return Replay(items, layout, kind, goes_back)
    return _CompiledReplay(items, layout, kind, goes_back, source, library)


class _CompiledReplay(Replay):
    """A replay whose numbers and derivatives two functions of C compute."""

    def __init__(
        self,
        items: Items,
        layout: Layout,
        kind: type | None,
        goes_back: bool,
        source: ValueSource,
        library: Path,
    ) -> None:
        super().__init__(items, layout, kind, goes_back)
        count = len(source.parameters)
        w, v = np.zeros(max(1, count)), np.zeros(max(1, source.size))
        d, self._derivatives = np.zeros_like(v), np.zeros_like(w)
        whole = Group(None, 0, ())
        whole.stop = count
        self._parameters = [Parameters(source.parameters, whole, w, np.zeros(0))]
        self._arrays = self._inputs, w, v, d, self._derivatives  # keeps the memory
        x_w_v_d_dw = [ctypes.c_void_p(a.__array_interface__["data"][0]) for a in self._arrays]
        functions = ctypes.PyDLL(str(library))
        self._call = functions.forward, x_w_v_d_dw[:3]
        self._call_back = functions.backward, x_w_v_d_dw
        memory = {"x": self._inputs, "w": w, "v": v}
        self._found = [
            (memory[array], place) if array in memory else (np.array([float(array)]), 0)
            for array, place in source.results
        ]

    def _forward(self) -> list[float]:
        function, arrays = self._call
        function(*arrays)
        return [array.item(place) for array, place in self._found]

    def _backward(self) -> list[tuple[list[Value], list[float]]]:
        function, arrays = self._call_back
        function(*arrays)
        return [(self._parameters[0].values(), self._derivatives.tolist())]
