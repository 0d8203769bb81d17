"""A program compiled by XLA: one function of buffers, keys, settings and inputs, whose state is donated."""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, needed_jax
from tinygrad_edu.plan.codegen.jax.packing import Packing
from tinygrad_edu.plan.codegen.program_source import Source
from tinygrad_edu.plan.optimize import resolved, slots_in
from tinygrad_edu.plan.program import Program

FILE = "<plan in JAX>"


def xla_step(program: Program, step: Callable[..., Any], engine: JaxEngine) -> XlaStep | None:
    """The program compiled by XLA; None, with one warning that names the operation, if JAX cannot run it."""
    try:
        return XlaStep(program, step, engine)
    except Exception as error:
        warnings.warn(f"engine='jax' {_why(error)}; the plan runs on NumPy", RuntimeWarning, stacklevel=2)
        return None


def _why(error: Exception) -> str:
    """What JAX cannot do: the line of the program at which it failed."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE and trace.tb_frame.f_code.co_name == "step":
            line = linecache.getline(FILE, trace.tb_lineno).strip()
        trace = trace.tb_next
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return f"cannot run {line!r}: {reason}" if line else f"cannot run the step: {reason}"


class XlaStep:
    """`compiled(*moving, *keys, *still, *settings, *inputs)` returns results, and `moving` and `keys` anew.

    `moving` are the buffers (see `Packing`) of `moved` states, which the step overwrites, and of gradients; `still` the
    states that it only reads, `fixed`.
    """

    def __init__(self, program: Program, step: Callable[..., Any], engine: JaxEngine) -> None:
        jax, recording = needed_jax(), program.recording
        source = Source(program, step, "jax", alone=False)
        overwritten = {call.result.root for call in program.calls if call.operation is ASSIGN}
        if any(x.view_of is not None and x.root in overwritten for x in source.states.values()):
            raise RuntimeError("it overwrites a tensor of which another one is a part")
        self.moved = {path: slot for path, slot in source.states.items() if slot in overwritten}
        self.fixed = {path: slot for path, slot in source.states.items() if slot not in overwritten}
        self.gradients = {source.path(leaf): leaf for leaf, _ in recording.gradients}
        self.keys, self.settings = source.generators, source.settings
        self.results = [resolved(slot, program.stands_for).example for slot in slots_in(recording.result)]
        self.inputs = [slot.example for slot in recording.inputs]
        self.moving = [slot.example for slot in self.moved.values()]
        self.moving += [leaf.form for leaf in self.gradients.values()]
        self.packing = Packing(self.moving, together=engine.mesh is None)
        linecache.cache[FILE] = (len(source.text), None, source.text.splitlines(keepends=True), FILE)
        scope: dict[str, Any] = {}
        with jax.enable_x64(True):
            exec(compile(source.text, FILE, "exec"), scope)
            self.compiled = self._compiled(jax, engine, self._function(scope["step"], jax.numpy))

    def _function(self, step: Callable[..., Any], xp: Any) -> Callable[..., Any]:
        """The step with all that it reads and makes as arguments and results, one after the other."""
        counts = len(self.packing.groups), len(self.keys), len(self.fixed), len(self.settings)

        def run(*given: Any) -> tuple[Any, ...]:
            rest = iter(given)
            moving, keys, still, settings = ([next(rest) for _ in range(n)] for n in counts)
            state = {**dict(zip(self.moved, self.packing.unpacked(moving))), **dict(zip(self.fixed, still))}
            state |= dict(zip(self.keys, keys))
            results, new = step(*rest, state, dict(zip(self.settings, settings)))
            kept = [new[path].astype(slot.example.dtype) for path, slot in self.moved.items()]
            slopes = [new[f"grad of {path}"].astype(x.dtype) for path, x in self.gradients.items()]
            return (
                *(xp.asarray(r, x.dtype) for r, x in zip(results, self.results)),
                *self.packing.packed([*kept, *slopes], xp),
                *(new[name] for name in self.keys),
            )

        return run

    def _compiled(self, jax: Any, engine: JaxEngine, run: Callable[..., Any]) -> Any:
        moving = self.packing.packed([np.empty(x.shape, x.dtype) for x in self.moving], np)
        given = [
            *map(_shape(jax), moving),
            *(jax.random.PRNGKey(0) for _ in self.keys),
            *(_shape(jax)(slot.example) for slot in self.fixed.values()),
            *map(float, self.settings.values()),
            *map(_shape(jax), self.inputs),
        ]
        donated = range(len(moving) + len(self.keys))
        options = {} if engine.mesh is None else self._shardings(engine, [x.shape for x in moving])
        return jax.jit(run, donate_argnums=donated, keep_unused=True, **options).lower(*given).compile()

    def _shardings(self, engine: JaxEngine, moving: list[Any]) -> dict[str, tuple[Any, ...]]:
        """How what is given and what is made is divided over the devices; neither settings nor results are."""
        state, whole = list(map(engine.of_state, moving)), engine.of_rows(())
        fixed = [engine.of_state(slot.example.shape) for slot in self.fixed.values()]
        rows = [engine.of_rows(x.shape) for x in self.inputs]
        keys, settings = [whole] * len(self.keys), [whole] * len(self.settings)
        return {
            "in_shardings": (*state, *keys, *fixed, *settings, *rows),
            "out_shardings": (*[whole] * len(self.results), *state, *keys),
        }


def _shape(jax: Any) -> Callable[[np.ndarray], Any]:
    return lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype)
