"""A program as a readable file: the backward pass one would have written by hand, for NumPy alone."""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.shape import permute
from tinygrad_edu.ops.special_functions import Special
from tinygrad_edu.plan.codegen.jax.jax_kernels import jax_kernel
from tinygrad_edu.plan.codegen.jax.jax_samplers import jax_sampler
from tinygrad_edu.plan.codegen.kernel_source import kernels
from tinygrad_edu.plan.codegen.literal import literal
from tinygrad_edu.plan.codegen.state_names import state_names
from tinygrad_edu.plan.optimize import slots_in
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.tensor.draws import DRAW
from tinygrad_edu.text.identifiers import free_name


class Source:
    """The text of a program, and what its names stand for.

    `text` defines `step(inputs..., state, settings)`: it returns what the captured step returned, as a tuple of arrays
    in order, overwrites the arrays in `state`, and leaves gradients in `state` under `grad of NAME`. Random numbers
    are drawn from `state["generator"]`, a `np.random.Generator` (see `generators` for others). In the dialect
    "jax" it is a pure function, to be compiled by `jax.jit`, that returns the results and the new state, and
    `state["generator"]` is a key of `jax.random`, whose numbers are others than NumPy's; with `alone` it switches JAX
    to 64 bits.
    Raises `ValueError` for another dialect, `RuntimeError` for what cannot be written down.
    """

    def __init__(
        self, program: Program, step: Callable[..., Any], dialect: str = "numpy", *, alone: bool = True
    ) -> None:
        if dialect not in ("numpy", "jax"):
            raise ValueError(f"source needs 'numpy', 'jax' or 'c', got {dialect!r}")
        self._pure = dialect == "jax"
        self._program = program
        self._names: dict[Slot, str] = {}
        self._overwritten = {x.arguments[0].root for x in program.calls if x.operation is ASSIGN}
        self._stale: set[Slot] = set()  # views of what a pure function has put a new array in the place of
        self._taken: set[str] = {"np", "jax", "step", "state", "settings", "generator", *dir(builtins)}
        self._draws = 0
        called: list[Any] = [_called(call) for call in program.calls if call.operation is not ASSIGN]
        self._functions: dict[Any, str] = {
            op: _name_of(op) for op in called if OPERATIONS.get(_name_of(op)) is op
        }
        self._taken |= {*self._functions.values()}
        others = dict.fromkeys(op for op in called if op not in self._functions)
        self._functions |= {op: free_name(_name_of(op), self._taken) for op in others}
        self._paths = state_names(step)
        self.states: dict[str, Slot] = {}
        self.generators: dict[str, np.random.Generator | None] = {}  # None for the default one
        self.constants: dict[str, np.ndarray] = {}
        self.settings: dict[str, Hyperparameter] = {}
        self.inputs = self._input_names(step)
        for tensor, slot in program.recording.gradients:
            self._names.setdefault(self._resolved(slot), self._free(f"grad_{self.path(tensor)}"))
        body = [self._line(call) for call in program.calls]
        if self._pure and (
            missing := [x.name for x in called if isinstance(x, Special) and not jax_kernel(x)]
        ):
            raise RuntimeError(f"source('jax') needs functions that JAX has, too, got {missing[0]}")
        imports, definitions = kernels(
            ((name, op) for op, name in self._functions.items() if not self._draws_by_jax(op)), jax=self._pure
        )
        definitions += [
            jax_sampler(op, name) for op, name in self._functions.items() if self._draws_by_jax(op)
        ]
        constants = [f"{name} = {literal(array)}" for name, array in self.constants.items()]
        results = ", ".join(self._name(self._resolved(slot)) for slot in slots_in(program.recording.result))
        self.text = "\n".join(
            [
                f'"""Written by tinygrad_edu: a step as {"a pure JAX function" if self._pure else "plain NumPy"}."""',
                "",
                *(_jax_imports(imports, alone) if self._pure else imports),
                *(f"\n\n{definition}" for definition in definitions),
                *("\n", *constants, "\n"),
                f"def step({', '.join([*self.inputs, 'state', 'settings'])}):",
                *(f"    {line}" for line in self._body(body, f"({results},)" if results else "()")),
                "",
            ]
        )

    def _body(self, lines: list[str], results: str) -> list[str]:
        """The lines of `step`, from reading the state to returning the results."""
        loads = [f'{self._names[slot]} = state["{path}"]' for path, slot in self.states.items()]
        loads += [f'{name} = state["{name}"]' for name in self.generators]
        gradients = {
            f"grad of {self.path(tensor)}": self._name(self._resolved(slot))
            for tensor, slot in self._program.recording.gradients
        }
        if not self._pure:
            kept = [f'state["{path}"] = {name}' for path, name in gradients.items()]
            return [*loads, *lines, *kept, f"return {results}"]
        new = gradients | {path: self._names[slot] for path, slot in self.states.items()}
        new |= {name: f"jax.random.fold_in({name}, 0)" for name in self.generators}
        return [*loads, *lines, f"return {results}, {{{', '.join(f'{k!r}: {v}' for k, v in new.items())}}}"]

    def _resolved(self, slot: Slot) -> Slot:
        return self._program.stands_for.get(slot, slot)

    def _input_names(self, step: Callable[..., Any]) -> list[str]:
        """The names of the step's own parameters, for the inputs that are arrays."""
        parameters = list(inspect.signature(step).parameters)
        names = []
        recording = self._program.recording
        for i, slot in zip(recording.positions, recording.inputs):
            name = self._free(parameters[i] if i < len(parameters) else f"input_{i}")
            self._names[slot] = name
            names.append(name)
        return names

    def _free(self, wish: str) -> str:
        return free_name(wish, self._taken)

    def path(self, tensor: Any) -> str:
        """The name of a state: its path in a module, or its own, made different from all others."""
        if id(tensor) not in self._paths:
            path = tensor.name or "state"
            while path in self._paths.values():
                path += "'"
            self._paths[id(tensor)] = path
        return self._paths[id(tensor)]

    def _name(self, slot: Slot) -> str:
        if slot in self._stale:
            raise RuntimeError(
                "source('jax') cannot read a part of a tensor, such as x[0] or x.T, that was taken before the tensor "
                "was overwritten; take it afterwards, or clone() it"
            )
        if slot not in self._names:
            if slot.kind == "state" and not slot.frozen:
                path = self.path(slot.tensor)
                self.states[path] = slot
                self._names[slot] = self._free(path)
            elif slot.kind in ("constant", "state"):
                self._names[slot] = self._free("constant")
                self.constants[self._names[slot]] = slot.example
            else:
                self._names[slot] = self._free(slot.tensor.name or "v")
        return self._names[slot]

    def _line(self, call: Call) -> str:
        arguments = [self._written(x) for x in call.arguments]
        if call.operation is ASSIGN:
            target, value = call.arguments
            if self._pure and target.view_of is not None:
                raise RuntimeError(
                    f"source('jax') cannot overwrite a part of a tensor, as at {call.line}; use where"
                )
            if not self._pure:
                return f"{arguments[0]}[...] = {arguments[1]}"
            self._stale |= {slot for slot in self._names if slot.root is target and slot is not target}
            if not isinstance(value, Slot):
                return f"{arguments[0]} = np.full_like({arguments[0]}, {arguments[1]})"
            cast = (
                ""
                if value.example.dtype == target.example.dtype
                else f".astype(np.{target.example.dtype.name})"
            )
            return f"{arguments[0]} = {arguments[1]}{cast}"
        forward, settings = call.operation.forward, call.settings
        own = getattr(np, forward.__name__, None) is forward
        function = f"np.{forward.__name__}" if own else self._functions[_called(call)]
        sign = SIGNS.get(forward)
        if call.operation is DRAW:
            arguments, settings = [self._source_of_numbers(call), *arguments], call.settings["draw"].settings
        if sign is not None:
            expression = f" {sign} ".join(f"({x})" if x.startswith("-") else x for x in arguments)
        elif call.operation is permute and call.settings["dims"] == (1, 0):
            expression = f"{arguments[0]}.T"
        else:
            arguments += [f"{key}={literal(value)}" for key, value in settings.items()]
            expression = f"{function}({', '.join(arguments)})"
        if not self._pure and call.result.root in self._overwritten and not call.result.example.ndim:
            expression = f"np.asarray({expression})"  # a single number of NumPy cannot be overwritten
        self._names.setdefault(call.result, self._free(call.result.tensor.name or call.operation.name))
        return f"{self._names[call.result]} = {expression}  # {call.line}"

    def _draws_by_jax(self, called: Any) -> bool:
        return self._pure and inspect.isfunction(called)

    def _source_of_numbers(self, call: Call) -> str:
        """The generator that a call draws from; in JAX a key of its own made from that of the generator."""
        name = self._generator(call)
        if not self._pure:
            return name
        self._draws += 1
        return f"jax.random.fold_in({name}, {self._draws})"

    def _generator(self, call: Call) -> str:
        """The name of the generator that a call draws from."""
        given, name, number = call.settings["draw"].given, "generator", 1
        while name in self.generators and self.generators[name] is not given:
            number += 1
            name = f"generator_{number}"
        self.generators[name] = given
        return name

    def _written(self, x: Any) -> str:
        if isinstance(x, Slot):
            return self._name(x)
        if isinstance(x, Hyperparameter):
            name = x.enter(self.settings)
            return f'settings["{name}"]' if x.key == "lr" else f'settings.get("{name}", {float(x)!r})'
        if isinstance(x, tuple) and any(isinstance(y, Slot) for y in x):
            return f"({', '.join(map(self._written, x))},)"
        return literal(x)


def _jax_imports(imports: list[str], alone: bool) -> list[str]:
    others = [line for line in imports if line != "import numpy as np"]
    switch = ["", 'jax.config.update("jax_enable_x64", True)'] if alone else []
    return [*others, "import jax", "import jax.numpy as np", *switch]


SIGNS: dict[Any, str] = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.true_divide: "/", operator.pow: "**",
    np.greater: ">", np.less: "<", np.equal: "==",
}  # fmt: skip


def _called(call: Call) -> Any:
    """What is called: an operation, or the function that draws random numbers."""
    return call.settings["draw"].sampler if call.operation is DRAW else call.operation


def _name_of(called: Any) -> str:
    return called.__name__ if inspect.isfunction(called) else called.name
