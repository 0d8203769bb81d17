"""The readings of every operation by their source: stated beside the row, derived from the row, or missing."""

from __future__ import annotations

from collections.abc import Callable

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.examples import example
from tinygrad_edu.plan.codegen.jax.jax_kernels import jax_kernel
from tinygrad_edu.symbolic.writers.numpy_writer import line_of_numpy
from tinygrad_edu.symbolic.writers.page_instructions import javascript_kernel

STATED, DERIVED, ON_PAPER, MISSING = "stated", "derived", "on paper", "—"


def _formula(op: Operation) -> str:
    return STATED if op.readings.notation else ON_PAPER if op.readings.paper else "its name"


def _shape(op: Operation) -> str:
    return STATED if op.readings.shape else DERIVED if isinstance(op, Elementwise) else "tried out"


def _numpy(op: Operation) -> str:
    settings = example(op, 2)[1]
    if op.readings.numpy:
        return STATED
    return DERIVED if line_of_numpy(op, settings) else _on_paper(op)


def _jax(op: Operation) -> str:
    return STATED if op.readings.jax else DERIVED if jax_kernel(op) else "its kernel"


def _page(op: Operation) -> str:
    if op.readings.javascript:
        return STATED
    return DERIVED if javascript_kernel(op) else _on_paper(op)


def _scalars(op: Operation) -> str:
    if isinstance(op, Elementwise):
        return DERIVED
    return STATED if op.readings.scalars else _on_paper(op)


def _on_paper(op: Operation) -> str:
    return ON_PAPER if op.readings.paper else MISSING


READINGS: dict[str, Callable[[Operation], str]] = {
    "formula": _formula,
    "shape": _shape,
    "line of NumPy": _numpy,
    "JAX": _jax,
    "what-if in a page": _page,
    "single numbers": _scalars,
}


def readings_of(op: Operation) -> dict[str, str]:
    """The source of each reading of `op`: stated, derived, on paper (written in simpler operations), or missing."""
    return {name: found(op) for name, found in READINGS.items()}
