"""Examples of public names: programs written from tables of arguments, run, and shown with what they print."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.docs.public_names import Entry, family
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.nn.module import Module
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.testing.module_examples import EXAMPLES
from tinygrad_edu.viz import draw

_START = "import tinygrad_edu as torch\nfrom tinygrad_edu import nn, optim, tensor\n\n"
X = "x = tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]], requires_grad=True)"
Y = "y = tensor([[0.2, 0.8, 1.2], [-0.4, 1.1, 0.6]], requires_grad=True)"
SQUARE = "x = tensor([[2.0, 0.5], [0.5, 1.0]], requires_grad=True)"
UNIT = "x = tensor([[0.5, 0.1, 0.2], [0.4, 0.3, 0.7]], requires_grad=True)"
_SETUPS = {X: "x", f"{X}\n{Y}": "x, y", SQUARE: "x", UNIT: "x"}
_EXTRA = ("", ", 1", ", 0, 1", ", 1, 0", ", (2, 3)", ", (3, 2)", ", 2.0", ", x > 0, 0.0")
_TRIED = ("", "nn.functional", "linalg", "special")  # modules of functions of tensors
_NOT_TRIED = {  # families that change settings or write files
    *("switches", "dtypes", "mixed_precision", "devices", "accelerators", "grad_mode", "saving", "loading"),
    *("saved_plan", "plan", "processes", "compilers", "coerce", "conversions", "tensor", "not_finite", "missing"),
    *("drawing", "explain", "diagnose", "orders", "summary", "func", "operation_table", "vocabulary", "words"),
    *("torch_version", "exercise", "scalar"),
}
_SEEDING = {"manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state", "empty", "empty_like"}
_MAX_LENGTH = 1500  # of what an example prints


@dataclass(frozen=True)
class Example:
    """A program, what it printed, and the picture of its graph, empty if there is none."""

    program: str
    printed: str
    picture: str


@functools.cache
def example_of(entry: Entry) -> Example | None:
    """The first program for `entry` that runs and prints; None if no table knows arguments."""
    if not callable(entry.value):
        return None
    for program in _programs(entry):
        found = run(program)
        if found is not None:
            return found
    return None


def run(program: str) -> Example | None:
    """The program with what it prints; None if it raises an error or warns."""
    manual_seed(0)
    space: dict[str, Any] = {}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(program, "<example>", "exec"), space)  # noqa: S102 - programs of this file
            picture = _picture(space)
    except Exception:  # arguments of a table that do not fit this function
        return None
    text = printed.getvalue()
    return Example(program, text, picture) if 0 < len(text) < _MAX_LENGTH else None


def _picture(space: dict[str, Any]) -> str:
    result = space.get("result")
    if getattr(result, "operation", None) is None:
        return ""
    names = {name: space[name] for name in ("x", "y", "result") if name in space}
    return str(draw(result, names=names).svg)


def _programs(entry: Entry) -> Iterator[str]:
    value = entry.value
    if isinstance(value, type) and issubclass(value, Module):
        yield from _of_module(entry)
    elif isinstance(value, type) and issubclass(value, Optimizer):
        yield from _of_optimizer(entry)
    elif entry.module in _TRIED and _is_function_of_tensors(entry):
        yield from _of_function(entry)


def _is_function_of_tensors(entry: Entry) -> bool:
    if entry.name in _SEEDING or entry.name.startswith(("set_", "empty")) or family(entry.value) in _NOT_TRIED:
        return False
    return isinstance(entry.value, Operation) or inspect.isfunction(entry.value)


def _of_function(entry: Entry) -> Iterator[str]:
    for (setup, inputs), extra in itertools.product(_SETUPS.items(), _EXTRA):
        call = f"result = {entry.full}({inputs}{extra})"
        gradients = [f'print("gradient of {x}:", {x}.grad)' for x in inputs.split(", ")]
        lines = [setup, call, "print(result)"]
        yield _START + "\n".join([*lines, "result.sum().backward()", *gradients])
    for (setup, inputs), extra in itertools.product(_SETUPS.items(), _EXTRA):
        yield _START + "\n".join([setup, f"print({entry.full}({inputs}{extra}))"])
    for arguments in ("2, 3", "(2, 3)", "3", "", "1.0, 2.0, 3", "(2, 3), 7.0"):
        yield _START + f"print({entry.full}({arguments}))"


def _of_module(entry: Entry) -> Iterator[str]:
    if entry.name not in EXAMPLES:
        return
    make, inputs = EXAMPLES[entry.name]
    arguments = [_plain(x) for x in getattr(make, "args", ())]
    arguments += [f"{name}={_plain(x)}" for name, x in getattr(make, "keywords", {}).items()]
    given = [_tensor_code(x) for x in inputs(np.random.default_rng(0))]
    module = f"module = {entry.full}({', '.join(arguments)})"
    call = [f"result = module({', '.join(given)})", "print(module)"]
    for last in ("print(result.shape)", "print(result[0].shape)"):
        yield _START + "\n".join(["torch.manual_seed(0)", module, *call, last])


def _plain(value: Any) -> str:
    return f"torch.tensor({value.tolist()})" if hasattr(value, "tolist") else repr(value)


def _tensor_code(x: Any) -> str:
    array = np.asarray(x)
    if array.dtype.kind == "f":
        positive = array.size and array.min() > 0
        return f"torch.{'rand' if positive else 'randn'}({', '.join(map(str, array.shape))})"
    return f"tensor({array.tolist()})"


def _of_optimizer(entry: Entry) -> Iterator[str]:
    setup = "w = tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)"
    step = "(w**2).sum().backward()\noptimizer.step()\nprint(w)"
    for arguments in ("[w], lr=0.1", "[w]"):
        yield _START + f"{setup}\noptimizer = {entry.full}({arguments})\n{step}"
    closure = "def closure():\n    optimizer.zero_grad()\n    loss = (w**2).sum()\n    loss.backward()\n    return loss"
    yield _START + f"{setup}\noptimizer = {entry.full}([w])\n\n\n{closure}\n\n\noptimizer.step(closure)\nprint(w)"
