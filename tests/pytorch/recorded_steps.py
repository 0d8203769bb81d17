"""Where PyTorch 2.13's optimizers arrived, in `recorded_steps.json`: a test needs no PyTorch then.

`python tests/pytorch/recorded_steps.py` records it anew, for every configuration of PyTorch's own table.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.pytorch.recorded import as_read, as_written
from tinygrad_edu import optim, tensor

FILE = Path(__file__).with_suffix(".json")
SHAPES = [(3, 4), (2, 3), (4,), (2, 2, 3)]
STEPS = 12
RECORDED: list[Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else []


def waves(shape: tuple[int, ...], start: int) -> np.ndarray:
    """Numbers between -1 and 1 without any order that a rule could share."""
    return np.sin(1.7 * np.arange(start, start + int(np.prod(shape))) + 0.01 * start).reshape(shape)


def arrived(library: Any, made: Any, name: str, settings: Any, parameters: list[Any]) -> None:
    """Take `STEPS` steps of an optimizer of `library`, whose tensors are `made`, with given gradients."""
    optimizer = getattr(library, name)(parameters, **settings)
    for i in range(STEPS):
        if name != "LBFGS":
            for k, p in enumerate(parameters):
                p.grad = made(waves(tuple(p.shape), 100 * i + 7 * k + 5))
            optimizer.step()
            continue

        def closure() -> Any:
            optimizer.zero_grad()
            losses = [(p - made(waves(tuple(p.shape), k + 50))) ** 2 for k, p in enumerate(parameters)]
            loss = sum((x + 0.1 * x * x).sum() for x in losses)
            loss.backward()
            return loss

        optimizer.step(closure)


def starts(name: str) -> list[np.ndarray]:
    """The parameters at the start: matrices alone for Muon, which takes no others."""
    return [waves(shape, 20 * k) for k, shape in enumerate(SHAPES) if name != "Muon" or len(shape) == 2]


def ours_after(name: str, settings: Any) -> list[np.ndarray]:
    """Where an optimizer of this library arrives."""
    parameters = [tensor(x, requires_grad=True) for x in starts(name)]
    arrived(optim, tensor, name, settings, parameters)
    return [p.numpy(force=True) for p in parameters]


def main() -> None:
    """Record every configuration, one in a line."""
    import torch  # noqa: PLC0415 - nothing else here needs it
    from torch.testing._internal.common_optimizers import optim_db  # noqa: PLC0415

    torch.set_default_dtype(torch.float64)
    torch.Tensor.bfloat16 = lambda x: x  # in which Muon of PyTorch computes, and NumPy has not
    lines = []
    for entry in optim_db:
        name = entry.optim_cls.__name__
        for given in entry.optim_inputs_func(device="cpu") if hasattr(optim, name) else []:
            settings = {k: x.item() if isinstance(x, torch.Tensor) else x for k, x in given.kwargs.items()}
            try:
                written = as_written(settings)
            except TypeError as error:
                print(f"{name} {given.desc}: {error}")
                continue
            parameters = [torch.nn.Parameter(torch.tensor(x)) for x in starts(name)]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                arrived(torch.optim, torch.tensor, name, as_read(written), parameters)
            ends = [as_written(p.detach().numpy()) for p in parameters]
            lines.append(json.dumps([f"{name} {given.desc}", name, written, ends]))
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
