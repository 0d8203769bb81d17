"""A step on Values run by compiled C."""

from __future__ import annotations

import ctypes
import warnings

from tinygrad_edu.plan.codegen.c.compiler import shared_library
from tinygrad_edu.plan.codegen.c.engine import NO_COMPILER
from tinygrad_edu.plan.codegen.c.value_source import ValueSource
from tinygrad_edu.plan.values.memory_layout import Layout
from tinygrad_edu.plan.values.value_replay import Replay


def compiled_replay(layout: Layout) -> Replay:
    """What the step computes, compiled; by NumPy, with one warning, without a compiler or a kernel for an operation."""
    try:
        return CompiledReplay(layout)
    except NotImplementedError as error:
        words = f"engine='c' has no kernel for {error}"
    except (RuntimeError, OSError) as error:
        words = str(error)
    warnings.warn(f"{words}; the plan runs on NumPy", RuntimeWarning, stacklevel=2)
    return Replay(layout)


class CompiledReplay(Replay):
    """A replay whose numbers one function of C computes."""

    def _prepare(self) -> None:
        source = ValueSource(self.layout)
        library = shared_library(source.text)
        if library is None:
            raise RuntimeError(NO_COMPILER)
        address = self.numbers.__array_interface__["data"][0]
        self._arrays = [ctypes.c_void_p(address + 8 * start) for start in source.starts]
        self._function = ctypes.PyDLL(str(library)).step

    def run(self) -> None:
        """Compute everything from the present sources."""
        self._function(*self._arrays)
