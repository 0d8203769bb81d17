"""What PyTorch 2.13 returned for some arguments of each case, in `recorded.json`: a test needs no PyTorch then.

`python tests/pytorch/recorded.py` records it anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.pytorch.case import CASES, Constant, Word
from tests.pytorch.function_run import Run, numbers

FILE = Path(__file__).with_suffix(".json")
EXAMPLES = 3  # of each function
TRIED = 16
LARGEST = 60  # numbers in the arguments of an example
RECORDED: dict[str, list[Any]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


@dataclass
class Example:
    """Arguments, with what the function returned, and the gradients of a weighted sum of that (None: not compared)."""

    args: Any
    kwargs: Any
    results: list[Any]
    gradients: list[Any] | None

    @classmethod
    def read(cls, written: Any) -> Example:
        """The example as it stands in the file."""
        return cls(*(as_read(x) for x in written))


def as_written(x: Any) -> Any:
    """Arguments and results as JSON can hold them, with nine digits of each number."""
    if isinstance(x, np.ndarray):
        order = "F" if x.ndim > 1 and x.flags.f_contiguous and not x.flags.c_contiguous else "C"
        data = [float(f"{y:.9g}") if x.dtype.kind == "f" else y for y in x.ravel().tolist()]
        return {"array": [x.dtype.name, order, list(x.shape), data]}
    if isinstance(x, Word):
        return {"word": x.name}
    if isinstance(x, Constant):
        return {"constant": as_written(x.array)}
    if isinstance(x, tuple):
        return {"tuple": [as_written(part) for part in x]}
    if isinstance(x, list):
        return [as_written(part) for part in x]
    if isinstance(x, dict):
        return {"dict": {key: as_written(part) for key, part in x.items()}}
    if isinstance(x, np.generic):
        return x.item()
    if x is not None and not isinstance(x, bool | int | float | str):
        raise TypeError(f"an example holds numbers, words and arrays, got {x!r}")
    return x


def as_read(x: Any) -> Any:
    """The same again."""
    if isinstance(x, list):
        return [as_read(part) for part in x]
    if not isinstance(x, dict):
        return x
    ((kind, held),) = x.items()
    if kind == "array":
        dtype, order, shape, data = held
        return np.asarray(np.array(data, dtype).reshape(shape), order=order)
    if kind == "word":
        return Word(held)
    if kind == "dict":
        return {key: as_read(part) for key, part in held.items()}
    return Constant(as_read(held)) if kind == "constant" else tuple(as_read(part) for part in held)


def rounded(x: Any) -> Any:
    """Arguments with four decimals, which are few digits in the file."""
    if isinstance(x, np.ndarray):
        return np.asarray(np.round(x, 4), order="K") if x.dtype.kind == "f" else x
    if isinstance(x, Constant):
        return Constant(rounded(x.array))
    if isinstance(x, list | tuple):
        return type(x)(rounded(part) for part in x)
    return {key: rounded(part) for key, part in x.items()} if isinstance(x, dict) else x


def size(x: Any) -> int:
    """How many numbers there are in arguments; many in those that are empty."""
    if isinstance(x, np.ndarray):
        return x.size or LARGEST
    if isinstance(x, Constant):
        return size(x.array)
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, list | tuple) else ()
    return sum(map(size, parts))


def kind_of(x: Any) -> str:
    """Arguments without their numbers: two examples of a function shall not be of one kind."""
    if isinstance(x, list | tuple):
        return f"[{','.join(map(kind_of, x))}]"
    if isinstance(x, dict):
        return ",".join(f"{key}={kind_of(part)}" for key, part in sorted(x.items()))
    return f"{x.dtype}{x.ndim}" if isinstance(x, np.ndarray) else repr(x)


def drawn(name: str) -> list[Any]:
    """Arguments of a case, rounded: few numbers each, and of as many kinds as there are."""
    found: dict[str, Any] = {}

    @given(data=st.data())
    @settings(
        max_examples=TRIED, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def collect(data: Any) -> None:
        arguments = rounded(CASES[name].draw(data.draw))
        old = found.setdefault(kind_of(arguments), arguments)
        if abs(size(arguments) - 12) < abs(size(old) - 12):
            found[kind_of(arguments)] = arguments

    collect()
    return sorted(found.values(), key=lambda x: abs(size(x) - 12))


def recorded(torch: Any, name: str) -> list[Any]:
    """The examples of a function, with PyTorch's results."""
    written: list[Any] = []
    for args, kwargs in drawn(name):
        try:
            arguments = as_written(list(args)), as_written(kwargs)
            run = Run(torch, name, *map(as_read, arguments), CASES[name].of)
            written.append([*arguments, *as_written(outcome(torch, name, run))])
        except (TypeError, RuntimeError, ValueError, IndexError) as error:
            print(f"{name}: {error}")  # what no file can hold, or what PyTorch refuses once it is rounded
        if len(written) == EXAMPLES:
            break
    return written


def outcome(torch: Any, name: str, run: Run) -> list[Any]:
    """What a function returned, and the gradients of that."""
    results = [
        numbers(x) if isinstance(x, torch.Tensor) else str(x).removeprefix("torch.") for x in run.results
    ]
    if not CASES[name].derivatives or CASES[name].random:
        return [results, None]
    found = run.gradients(run.floating, 1)
    return [results, [None if g is None else numbers(g) for g in found]]


def main() -> None:
    """Record every case, one in a line."""
    import torch  # noqa: PLC0415 - nothing else here needs it

    torch.set_default_dtype(torch.float64)
    lines = [f"{json.dumps(name)}: {json.dumps(recorded(torch, name))}" for name in sorted(CASES)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
