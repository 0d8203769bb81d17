"""An example for a public name: made from the samples of the tests, or from the names of its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, product
from typing import Any

import numpy as np

from tinygrad_edu.docs.public_names import PublicName
from tinygrad_edu.docs.runs import Run, run
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing.cases import cases
from tinygrad_edu.testing.module_examples import EXAMPLES

CALLED = {"", "nn.functional", "linalg", "special"}  # whose functions take Tensors and change nothing else
UNTRIED = (
    "set_",
    "manual_seed",
    "seed",
    "save",
    "load",
    "from_file",
    "watch",
    "compile",
    "fork",
    "initial_seed",
)
ROW, MATRIX = "torch.tensor([0.5, 0.2, 0.9], requires_grad=True)", "torch.tensor([[2.0, 0.5], [0.5, 1.0]])"
TENSORS = (
    "input",
    "other",
    "x",
    "y",
    "target",
    "weight",
    "tensor1",
    "tensor2",
    "vec1",
    "vec2",
    "mat1",
    "mat2",
)
ARGUMENTS = {"dim": "0", "size": "(2, 3)", "shape": "(2, 3)", "n": "3", "k": "1", "dims": "(0,)"}
ANYTHING = ("x", "m", "i", "0", "1", "2", "(0, 1)", "[x, x]", "True", '"i,i->"')
SHAPES_PRINTED = (
    "for each in result if isinstance(result, tuple) else [result]:",
    "    print(getattr(each, 'shape', each))",
)
MAX_TRIES = 160


def example_of(name: PublicName) -> Run | None:
    """The example of a name, run; None if none could be made."""
    if name.page == "operations":
        return _first_run(_operation_codes(name.name))
    if name.page == "nn" and name.name in EXAMPLES:
        return _first_run(iter([_module_code(name.name)]))
    if name.page.startswith("optim") and isinstance(name.value, type):
        return _first_run(iter(_OPTIMIZER[name.page](name.name)))
    if name.page in CALLED and callable(name.value) and not name.name.startswith(UNTRIED):
        return None if isinstance(name.value, type) else _first_run(_call_codes(name))
    return None


def _first_run(codes: Iterator[str]) -> Run | None:
    for code in islice(codes, MAX_TRIES):
        try:
            return run(code)
        except Exception:
            continue
    return None


# Operations: on the sample of the tests.


def _operation_codes(name: str) -> Iterator[str]:
    for case in cases(name):
        letters = ["x", "y", "z", "u", "v", "w"][: len(case.inputs)]
        lines = [f"{letter} = {_made(each)}" for letter, each in zip(letters, case.inputs)]
        settings = "".join(f", {key}={value!r}" for key, value in case.settings.items())
        call = f'torch.OPERATIONS["{name}"]({", ".join(letters)}{settings})'
        lines += [f"result = {call}", "result.sum().backward()", "print(result)"]
        yield "\n".join([*lines, *(f'print("gradient of {x}:", {x}.grad)' for x in letters)])
        yield "\n".join([*lines[:-2], "print(result)"])


def _made(x: Any) -> str:
    """The call of `tensor` that makes an array, rounded to two decimals."""
    array = np.asarray(x)
    real = array.dtype.kind == "f"
    numbers = (np.round(array, 2) if real else array).tolist()
    return f"torch.tensor({numbers}{', requires_grad=True' if real else ''})"


# Modules and losses: as the tests make them.


def _module_code(name: str) -> str:
    manual_seed(0)
    make, inputs = EXAMPLES[name]
    given = inputs(np.random.default_rng(0))
    letters = ["x", "y", "z"][: len(given)]
    lines = ["torch.manual_seed(0)", f"layer = {_constructor(name, make)}"]
    lines += [f"{letter} = {_drawn(x)}" for letter, x in zip(letters, given)]
    lines += [f"result = layer({', '.join(letters)})", *SHAPES_PRINTED]
    return "\n".join(lines)


def _constructor(name: str, make: Any) -> str:
    if not isinstance(make, partial):
        layer = f"torch.nn.{name}Layer(4, nhead=2, dim_feedforward=6, dropout=0.0)"
        return f"torch.nn.{name}()" if isinstance(make, type) else f"torch.nn.{name}({layer}, 1)"
    arguments = [_argument(x) for x in make.args] + [f"{k}={_argument(v)}" for k, v in make.keywords.items()]
    return f"torch.nn.{name}({', '.join(arguments)})"


def _argument(x: Any) -> str:
    return f"torch.tensor({x.tolist()})" if isinstance(x, Tensor) else repr(x)


def _drawn(x: Tensor) -> str:
    array = np.asarray(x.detach())
    if array.dtype.kind != "f" or set(np.unique(array)) <= {-1.0, 1.0}:
        return f"torch.tensor({array.tolist()})"
    probabilities = (array > 0.39).all() and (array < 0.61).all()
    shape = ", ".join(map(str, array.shape))
    if probabilities:
        return f"0.4 + 0.2 * torch.rand({shape})"
    return f"torch.randn({shape}, requires_grad=True)"


# Optimizers and schedules: a few steps on a parabola.

_START = "w = torch.tensor([1.0, -2.0], requires_grad=True)"
_CLOSURE = (
    "def closure():\n    optimizer.zero_grad()\n    loss = (w**2).sum()\n    loss.backward()\n    return loss"
)
_SCHEDULE = {
    "LambdaLR": "lambda epoch: 0.9**epoch", "MultiplicativeLR": "lambda epoch: 0.9", "StepLR": "step_size=2",
    "MultiStepLR": "[1, 2]", "ExponentialLR": "gamma=0.5", "CosineAnnealingLR": "T_max=3",
    "OneCycleLR": "1.0, total_steps=5",
    "CosineAnnealingWarmRestarts": "T_0=2", "CyclicLR": "0.1, 1.0", "ReduceLROnPlateau": "patience=0",
}  # fmt: skip


def _optimizer_codes(name: str) -> list[str]:
    made = f"optimizer = torch.optim.{name}([w], lr=0.1)"
    step = "for _ in range(3):\n    print(optimizer.step(closure).item())\nprint(w)"
    return [
        "\n".join([_START, made, _CLOSURE, step]),
        "\n".join([_START.replace("[1.0, -2.0]", "[[1.0, -2.0]]"), made, _CLOSURE, step]),
    ]


def _schedule_codes(name: str) -> list[str]:
    argument = f", {_SCHEDULE[name]}" if name in _SCHEDULE else ""
    measure = "1.0" if name == "ReduceLROnPlateau" else ""
    lines = [
        _START,
        "optimizer = torch.optim.SGD([w], lr=0.1)",
        f"schedule = torch.optim.lr_scheduler.{name}(optimizer{argument})",
        f"for _ in range(4):\n    optimizer.step()\n    schedule.step({measure})",
        "    print(optimizer.param_groups[0]['lr'])",
    ]
    return ["\n".join(lines)]


_OPTIMIZER: dict[str, Callable[[str], list[str]]] = {
    "optim": _optimizer_codes,
    "optim.lr_scheduler": _schedule_codes,
}


# Functions: the first arguments that fit.


def _call_codes(name: PublicName) -> Iterator[str]:
    try:
        parameters = inspect.signature(name.value).parameters.values()
    except (TypeError, ValueError):
        return
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    several = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    choices = [
        (
            *filter(None, [ARGUMENTS.get(p.name)]),
            *(("x", "m", "i", "[x, x]") if p.name in TENSORS else ANYTHING),
        )
        for p in needed
    ]
    for arguments in product(*(choices or ([("x",), ("2", "3")] if several else [("",)]))):
        yield _call_code(name.path, arguments)


def _call_code(path: str, arguments: tuple[str, ...]) -> str:
    written = ", ".join(filter(None, arguments))
    made = {
        "x": f"x = {ROW}",
        "m": f"m = {MATRIX}",
        "i": "i = torch.tensor([0, 1, 1])",
    }
    lines = [
        line
        for letter, line in made.items()
        if letter in written.replace("[x, x]", "x").split(", ") or letter in arguments
    ]
    return "\n".join(["torch.manual_seed(0)", *lines, f"result = torch.{path}({written})", "print(result)"])
