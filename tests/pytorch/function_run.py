"""A function of PyTorch's or ours, called with the arguments of a case."""

from __future__ import annotations

import importlib
import warnings
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as ours
from tests.pytorch.case import Constant, Word
from tinygrad_edu import Tensor

for file in sorted(Path(__file__).parent.glob("cases/*.py")):
    importlib.import_module(f"tests.pytorch.cases.{file.stem}")


def function_of(library: Any, name: str) -> Any:
    """`softmax`, `linalg.det`, or `.view`, the method."""
    if name.startswith("."):
        return getattr(library.Tensor, name[1:])
    return reduce(getattr, name.split("."), library)


def translated(x: Any, library: Any, tensor: Any) -> Any:
    """Arrays as Tensors, words as dtypes of a library, in whatever holds them."""
    if isinstance(x, np.ndarray):
        return tensor(x)
    if isinstance(x, Word):
        return getattr(library, x.name)
    if isinstance(x, Constant):
        return library.tensor(x.array)
    if isinstance(x, list | tuple):
        return type(x)(translated(part, library, tensor) for part in x)
    if isinstance(x, dict):
        return {key: translated(part, library, tensor) for key, part in x.items()}
    return x


class Run:
    """A call of one library: its leaves, and its results one after the other."""

    def __init__(self, library: Any, name: str, args: Any, kwargs: Any, of: Any) -> None:
        self.leaves: list[Any] = []
        self.library = library
        args = translated(args, library, self.tensor)
        kwargs = translated(kwargs, library, self.tensor)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.results = list(flat(of(function_of(library, name)(*args, **kwargs))))

    def tensor(self, array: np.ndarray) -> Any:
        x: Any = Tensor(array) if self.library is ours else self.library.from_numpy(array.copy(order="K"))
        if array.dtype.kind == "f":
            x.requires_grad_()
            self.leaves.append(x)
        return x

    @property
    def floating(self) -> list[Any]:
        """The results that can have derivatives."""
        return [x for x in self.results if hasattr(x, "detach") and numbers(x).dtype.kind == "f"]

    def gradients(self, results: list[Any], seed: int) -> Any:
        """The gradients of a weighted sum of results, or None."""
        rng = np.random.default_rng(seed)
        total: Any = 0
        for x in results:
            weight = rng.normal(size=tuple(x.shape))
            total = total + (x * self.library.tensor(weight, dtype=x.dtype)).sum()
        if not results or not total.requires_grad:
            return [None] * len(self.leaves)
        return self.library.autograd.grad(total, self.leaves, create_graph=True, allow_unused=True)


def flat(result: Any) -> list[Any]:
    """The parts of lists and tuples, one after the other."""
    return [part for each in result for part in flat(each)] if isinstance(result, list | tuple) else [result]


def numbers(x: Any) -> np.ndarray:
    """The numbers of a tensor of either library."""
    return x.detach().numpy(force=True)
