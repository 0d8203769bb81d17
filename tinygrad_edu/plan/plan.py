"""Plan: a step that is followed, or replayed without its Python, once it has been recorded."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, overload

from tinygrad_edu.plan.codegen.c.main_function import write_dump
from tinygrad_edu.plan.codegen.c.source import CSource
from tinygrad_edu.plan.codegen.c.value_engine import compiled_replay
from tinygrad_edu.plan.codegen.c.value_source import ValueSource
from tinygrad_edu.plan.codegen.jax.jax_calls import JaxPure
from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, jax_engine, needed_jax
from tinygrad_edu.plan.codegen.jax.residents import RESIDENTS, all_leave
from tinygrad_edu.plan.codegen.program_source import Source
from tinygrad_edu.plan.codegen.value_program_source import ValueProgramSource
from tinygrad_edu.plan.engine_check import compared
from tinygrad_edu.plan.follow.follower import Follower
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pure import Pure
from tinygrad_edu.plan.pure_recording import NotPureError, pure_recording
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.plan.saved.plan_saving import save_program
from tinygrad_edu.plan.values import ValuePlan
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.verification import name_of
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.processes import PEERS

_SOURCES: dict[str, Any] = {"numpy": ValueProgramSource, "c": ValueSource}  # of steps on Values


class Plan:
    """`plan(*inputs)` does what `step(*inputs)` does, and after a few calls faster.

    The first call runs as written, as it often makes what the others find (what an optimizer remembers, say), unless
    `strict`. The second is recorded.

    Followed, unless `pure`: the step's Python runs in every call, on results that are not computed yet. Every operation
    is compared with those of earlier calls, and when the step returns, or reads a number, one program computes them
    all. So whatever the step reads, counts, prints or draws is what it is without a plan. Where a call differs from all
    before, what it did so far is computed as the library always does, it goes on so, and is recorded; a step that
    differs in every call is left alone, with a warning.

    With `pure`: the Python is skipped. You promise that what the step does depends on its inputs and on parameters,
    buffers and optimizers alone. What it reaches by names, attributes and containers is compared before each replay,
    and the replays 1, 2, 4, 8 and from then on each eighth are followed (with `check="sometimes"` 16, 32 and so on; or
    "never"). When one differs, its result is right, a warning says so, and the step is followed from then on.

    A step on Values (see `tinygrad_edu.plan.values`) is always pure: its Python is what takes the time. It is checked
    at the replays 1, 2, 4, 8, 16 and so on, in any case at the first of each program. Numbers that it keeps, a counter
    or averages, go on as if it ran.

    Results have no graph if `backward()` was called in the step; other results of a followed step get theirs when it is
    asked for, unless what the step read was overwritten meanwhile. What is in the memory of a Tensor is seen by the
    plan when the library changes it, not if somebody else does in the middle of a step (`x.raw`, or a NumPy array that
    shares it). Calls from several threads at once, and inside another plan, run as written. `strict`: raise
    `RuntimeError` where a step cannot be followed.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        pure: bool = False,
        strict: bool = False,
        check: str = "often",
        engine: str | JaxEngine = "numpy",
    ) -> None:
        if not isinstance(engine, JaxEngine) and engine not in ("numpy", "c", "jax"):
            raise ValueError(f"capture needs engine 'numpy', 'c', 'jax' or jax_engine(), got {engine!r}")
        if not callable(step):
            raise TypeError(f"capture needs a function, got {type(step).__name__} {step!r}")
        functools.update_wrapper(self, step)
        self._step = step
        self._options = (pure, strict, check, engine)
        self._follower = Follower(step, strict)
        if engine == "jax":
            needed_jax()
            engine = jax_engine() if PEERS.count > 1 else JaxEngine()
        self._on_jax = JaxPure(step, self._follower, check, engine) if isinstance(engine, JaxEngine) else None
        self._pure = self._on_jax or Pure(step, self._follower, check, str(engine))
        self._call = self._pure if pure or engine != "numpy" else self._follower
        self._on_values: ValuePlan | None = None
        self._free = Lock()

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        if not self._free.acquire(False):  # in another thread, or in itself
            return self._step(*inputs, **named)
        try:
            if self._on_jax is not None:
                returned = None if named else self._on_jax.at_once(inputs)
                if returned is not None:
                    return returned
            elif RESIDENTS:  # programs on NumPy and in C read arrays, and ask no Tensor
                all_leave()
            if self._on_values is not None:
                return self._on_values(inputs, named)
            returned = self._call(inputs, named)
            if self._follower.saw_nothing and any(isinstance(x, Value) for x in leaves(returned)):
                self._on_values = self._plan_on_values()
            return returned
        finally:
            self._free.release()

    def _plan_on_values(self) -> ValuePlan:
        _, strict, check, engine = self._options
        if self._on_jax is not None:
            words = f"{name_of(self._step)} works on Values, and engine='jax' is for Tensors; the plan runs on NumPy"
            warnings.warn(words, RuntimeWarning, stacklevel=3)
        return ValuePlan(self._step, strict, check, compiled_replay if engine == "c" else Replay)

    def __get__(self, owner: Any, kind: type | None = None) -> Plan:
        """The plan of the method of one object: each has its own, which it keeps among its attributes."""
        if owner is None or not inspect.isfunction(self._step):
            return self
        if not hasattr(owner, "__dict__"):
            raise TypeError(
                f"capture on a method needs objects that can keep a plan, but {type(owner).__name__} has __slots__; "
                'add "__dict__" to them'
            )
        kept, key = vars(owner), f"_plan of {self._step.__qualname__}"
        plan = kept.get(key)
        if plan is None or getattr(plan._step, "__self__", None) is not owner:  # that of what it is a copy of
            plan = kept[key] = Plan(self._step.__get__(owner), *self._options)
        return plan

    def __reduce__(self) -> Any:
        """A copy starts anew: the programs are for the memory of this one."""
        return Plan, (self._step, *self._options)

    @property
    def ready(self) -> bool:
        """True if calls like the last one are replayed."""
        if self._on_values is not None:
            return self._on_values.ready
        return self._follower.ending is not None

    @property
    def program(self) -> Program:
        """The program for calls like the last one. Raises `RuntimeError` if there is none."""
        if self._on_values is not None:
            raise RuntimeError(
                "program and source('jax') are for steps on Tensors, but this one is on Values; it has source() and "
                "source('c') once the plan is ready"
            )
        ending = self._follower.ending
        if ending is None:
            why = f"; the last call ran as written, as {self._follower.why}" if self._follower.why else ""
            raise RuntimeError(
                f"the plan has no program yet; call it with the same kind of inputs until plan.ready{why}"
            )
        try:
            return Program(pure_recording(ending))
        except NotPureError as error:
            raise RuntimeError(f"the step is no program by itself: {error}") from None

    def source(self, dialect: str = "numpy", *, blas: bool = False) -> str:
        """The program as a file of its own: for NumPy alone, as a pure function for JAX, or in C.

        See `Source` and `CSource`, for Values `ValueProgramSource` and `ValueSource`; `blas`: products of matrices in
        C by CBLAS.
        """
        if self._on_values is not None and self._on_values.program is not None and dialect in _SOURCES:
            return _SOURCES[dialect](self._on_values.program.layout).text
        if dialect == "c":
            return CSource(self.program, self._step, blas=blas).text
        return Source(self.program, self._step, dialect).text

    def dump(self, path: str | Path, batches: Iterable[Sequence[Any]]) -> None:
        """Write parameters, settings and batches, tuples of inputs, for the `main` of `source("c")` to train from."""
        source, positions = CSource(self.program, self._step), self.program.recording.positions
        write_dump(path, source, [[batch[i] for i in positions] for batch in batches])

    def save(self, path: Any) -> None:
        """Write the program for calls like the last one, with the numbers of now, to an npz file for `load_plan`.

        It can be run, and trained on, without the step and its classes. As with `pure` you promise that what the step
        does depends on its inputs, parameters, buffers and optimizers alone: what the last call did is written, one
        program, for inputs of its shapes and dtypes; a warning says if calls with such inputs did something else, too.
        Raises `RuntimeError` or `TypeError`, saying what to do, for what is no program by itself; nothing is written
        then.
        """
        if self._on_jax is not None:
            raise RuntimeError(
                "save writes programs for NumPy, but this plan runs on JAX; capture the step without engine, or save "
                "state dicts with save_checkpoint"
            )
        if self._on_values is not None:
            raise RuntimeError(
                "save is for steps on Tensors, but this one is on Values; save their data as a list"
            )
        save_program(path, self._step, self.program, self._follower)

    def check(self, *inputs: Any, **named: Any) -> dict[str, float]:
        """The largest differences between the engine and NumPy after one step from the numbers of now, by name.

        Both run on copies: nothing has changed afterwards. They are printed, too, the largest first. Raises
        `RuntimeError` if calls with such inputs are not replayed by an engine, or if the step draws random numbers.
        """
        return compared(self._pure, self._step, inputs, named)

    def __repr__(self) -> str:
        name = getattr(self._step, "__name__", type(self._step).__name__)
        state = repr(self._on_values) if self._on_values is not None else self._follower
        return f"<plan of {name}: {state if self.ready else 'not ready'}>"


@overload
def capture(
    step: Callable[..., Any],
    *example_inputs: Any,
    pure: bool = ...,
    strict: bool = ...,
    check: str = ...,
    engine: str | JaxEngine = ...,
) -> Plan: ...
@overload
def capture(
    *, pure: bool = ..., strict: bool = ..., check: str = ..., engine: str | JaxEngine = ...
) -> Callable[[Callable[..., Any]], Plan]: ...
def capture(
    step: Callable[..., Any] | None = None,
    *example_inputs: Any,  # noqa: ARG001 - other libraries need them
    pure: bool = False,
    strict: bool = False,
    check: str = "often",
    engine: str | JaxEngine = "numpy",
) -> Plan | Callable[[Callable[..., Any]], Plan]:
    """A plan of `step`, written on Tensors or on Values: call it as you would call the step. Also a decorator.

    Of a method it makes a plan for every object that has it. `@capture` and `@capture(pure=True)`: see `Plan`.
    With `engine="c"` the program is compiled by the C compiler of this machine, and the plan is pure; where there is
    none, or an operation has no C, a warning says that it runs on NumPy. With `engine="jax"`, or `jax_engine()` for
    many devices, XLA compiles it, the plan is pure, and parameters and what optimizers remember of them stay on the
    device until somebody reads them; random numbers are then drawn by `jax.random`, from keys that the library's
    generator makes, and are others than NumPy's. `example_inputs` are accepted and not needed.
    """
    if step is None:
        return lambda function: Plan(function, pure, strict, check, engine)
    return Plan(step, pure, strict, check, engine)
