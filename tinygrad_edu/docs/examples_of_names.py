"""An example for a public name: written by hand, or made from the samples of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.docs.public_names import PublicName
from tinygrad_edu.docs.runs import Run, empty_folder, run
from tinygrad_edu.docs.written_examples import written_example
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing.cases import cases
from tinygrad_edu.testing.module_examples import EXAMPLES

SHAPES_PRINTED = (
    "for each in result if isinstance(result, tuple) else [result]:",
    "    print(getattr(each, 'shape', each))",
)


def example_of(name: PublicName) -> Run | None:
    """The example of a name, run; None if it has none."""
    if code := written_example(name.page, name.name):
        return _run_if_installed(code)
    if name.page == "operations":
        return _first_run(_operation_codes(name.name))
    if name.page == "nn" and name.name in EXAMPLES:
        return _first_run(iter([_module_code(name.name)]))
    if name.page in _OPTIMIZER and isinstance(name.value, type):
        return _first_run(iter(_OPTIMIZER[name.page](name.name)))
    return None


def _run_if_installed(code: str) -> Run:
    try:
        with empty_folder():  # some examples save files
            return run(code)
    except ImportError:  # the example needs an extra, matplotlib say
        return Run(code, "", {})


def _first_run(codes: Iterator[str]) -> Run | None:
    for code in codes:
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
