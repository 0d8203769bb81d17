"""The function under test on plain arrays: its results, and the gradients that its rules give.

`Subject` is what the test sees; `TensorSubject` is a function of Tensors, in whatever structure they come.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays
from tinygrad_edu.checks.rule_likeness import Step
from tinygrad_edu.checks.rules import steps_of
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.tensor.gradient_flow import flow
from tinygrad_edu.tensor.nested import leaves, rebuilt
from tinygrad_edu.tensor.tensor import Tensor, tensor


class Run:
    """One recorded call: the arrays of its results, and the gradients of the inputs for what flows into these."""

    outputs: Arrays
    inputs: Sequence[Any] = ()  # as the function got them: Tensors, Values ...

    def back(self, upstream: Arrays) -> Arrays:
        """vᵀ J by every number that is moved; zeros where nothing flows back."""
        raise NotImplementedError

    def steps(self) -> Iterator[Step | None]:
        """The operations behind the results, the last first; None for one that cannot be tried by itself."""
        raise NotImplementedError

    def precision(self) -> float:
        """The relative rounding of the results, where it is more than that of float64; 0 if that is not known."""
        return 0.0

    def raw_inputs(self) -> Arrays:
        """The numbers of the inputs now, which nobody should have overwritten."""
        raise NotImplementedError


class Subject:
    """A function of arrays of float64, all of which are moved."""

    name: str
    arrays: Arrays
    names: Sequence[str]  # of the arrays, for messages
    differentiates = (
        False  # True of a function that differentiates itself, for which a graph must be recorded
    )

    def run(self, arrays: Arrays) -> Run:
        """Call the function, and record how the results are computed."""
        raise NotImplementedError

    def value(self, arrays: Arrays) -> Arrays:
        """The results alone, of any number of arrays."""
        return self.run(arrays).outputs


class TensorRun(Run):
    """A call of a function of Tensors."""

    def __init__(self, results: list[Tensor], inputs: list[Tensor]) -> None:
        self.results, self.inputs = results, inputs
        self.outputs = [y.raw for y in results]

    def back(self, upstream: Arrays) -> Arrays:
        seeds = [Tensor.around(u.astype(y.raw.dtype, copy=False)) for u, y in zip(upstream, self.results)]
        found = pulled(self.results, self.inputs, seeds, create_graph=False)
        return [g.raw if isinstance(g, Tensor) else np.asarray(g) for g in found]

    def steps(self) -> Iterator[Step | None]:
        return steps_of(*self._computed())

    def nodes(self) -> list[Any]:
        """Everything that the results were computed from and that needs a gradient, the newest first."""
        return newest_first(*self._computed())

    def _computed(self) -> list[Tensor]:
        return [y for y in self.results if y.operation is not None]

    def precision(self) -> float:
        widths = [np.finfo(x.raw.dtype) for x in self.nodes() if x.raw.dtype.kind == "f"]
        least = max((float(width.eps) for width in widths), default=0.0)
        return least if least > np.finfo(np.float64).eps else 0.0

    def raw_inputs(self) -> Arrays:
        return [x.raw for x in self.inputs]


def pulled(results: Sequence[Tensor], inputs: Sequence[Tensor], upstream: Any, *, create_graph: bool) -> Any:
    """The gradient of each input for what flows into the results, without touching any `.grad`."""
    totals: dict[Tensor, Any] = {}
    for y, u in zip(results, upstream, strict=True):
        if y.requires_grad:
            found = flow("check_gradients", y, u, create_graph)
            for x in inputs:
                if x in found:
                    totals[x] = totals[x] + found[x] if x in totals else found[x]
    return [totals.get(x, np.zeros(x.shape)) for x in inputs]


class TensorSubject(Subject):
    """A function of Tensors, arrays and numbers, or of tuples, lists and dicts of them; floats become float64.

    `moves(x)` says which Tensors of floats are differentiated by; all, unless it is given.
    """

    def __init__(
        self, function: Callable[..., Any], inputs: Sequence[Any], moves: Callable[[Any], bool] | None = None
    ) -> None:
        self.function, self.name = function, name_of(function)
        self.given = [_prepared(x) for x in inputs]
        self.constants = list(leaves(self.given))
        wanted = [x.dtype.kind == "f" and (moves is None or moves(x)) for x in self.constants]
        self.places = [i for i, moved in enumerate(wanted) if moved]
        self.arrays = [np.array(self.constants[i].raw, np.float64) for i in self.places]
        self.plain = len(self.places) == len(self.given) and all(isinstance(x, Tensor) for x in self.given)

    @functools.cached_property
    def names(self) -> Sequence[str]:  # type: ignore[override]
        labels = list(_labels(self.given, parameters(self.function, len(self.given))))
        return [labels[i] for i in self.places]

    def run(self, arrays: Arrays) -> TensorRun:
        xs = [Tensor(array, requires_grad=True) for array in arrays]
        return TensorRun(self._called(xs), xs)

    def value(self, arrays: Arrays) -> Arrays:
        if self.differentiates:
            return self.run(arrays).outputs
        try:
            return [y.raw for y in self._called([Tensor.around(array.copy()) for array in arrays])]
        except RuntimeError:
            self.differentiates = True
        with enable_grad():
            return self.run(arrays).outputs

    def _called(self, xs: list[Tensor]) -> list[Tensor]:
        if not self.plain:
            waiting = iter(xs)
            parts = [
                next(waiting) if i in self.places else _constant(x) for i, x in enumerate(self.constants)
            ]
            xs = rebuilt(self.given, iter(parts))
        result = self.function(*xs)
        results = [result] if isinstance(result, Tensor) else list(leaves(result))
        if not results:
            raise TypeError(
                f"check_gradients needs a function that returns a Tensor, got {type(result).__name__}"
            )
        return [y for y in results if y.raw.dtype.kind == "f"]


def _constant(x: Tensor) -> Tensor:
    return Tensor.around(x.raw.astype(np.float64) if x.dtype.kind == "f" else x.raw.copy())


def _prepared(x: Any) -> Any:
    """Numbers, lists of numbers and arrays as Tensors; what is no number stays."""
    if isinstance(x, dict):
        return {key: _prepared(part) for key, part in x.items()}
    if isinstance(x, Tensor) or (isinstance(x, tuple | list) and any(True for _ in leaves(x))):
        return rebuilt(x, iter(leaves(x)))
    if isinstance(x, bool | int | float | np.ndarray | np.generic | list | tuple):
        return tensor(x)
    return x


def _labels(given: Any, names: Any) -> Iterator[str]:
    """The name of each Tensor in a structure: `x`, `x[0]`, `params['weight']`."""
    for part, name in zip(given, names):
        if isinstance(part, Tensor):
            yield name
        elif isinstance(part, dict):
            yield from _labels(part.values(), [f"{name}[{key!r}]" for key in part])
        elif isinstance(part, tuple | list):
            yield from _labels(part, [f"{name}[{i}]" for i in range(len(part))])


def parameters(function: Any, count: int) -> list[str]:
    """The names of the arguments, where the function says them; `input 0` elsewhere."""
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        known = []
    plain = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [plain[i] if i < len(plain) else f"input {i}" for i in range(count)]


def name_of(function: Any) -> str:
    """`exp`; `the function` of a lambda."""
    own = getattr(function, "name", "") or getattr(function, "__name__", type(function).__name__)
    return str(own) if str(own).isidentifier() else "the function"


class Slopes(TensorSubject):
    """The gradients of a subject as a function."""

    of: TensorSubject
    differentiates = True

    def value(self, arrays: Arrays) -> Arrays:
        return [y.raw for y in self._called([Tensor.around(array.copy()) for array in arrays])]

    @property
    def names(self) -> Sequence[str]:  # type: ignore[override]
        known = self.of.names
        return [*known, *("what flows back",) * (len(self.arrays) - len(known))]


def slopes_of(subject: TensorSubject, upstream: Arrays) -> TensorSubject:
    """The gradients as a function of the inputs and of what flows back: what the next order is the test of."""

    def gradients(*values: Tensor) -> Any:
        inputs, seeds = list(values[: len(subject.arrays)]), list(values[len(subject.arrays) :])
        create = any(x.requires_grad for x in values)
        inputs = [x if x.requires_grad else x.detach().requires_grad_() for x in inputs]
        found = pulled(subject._called(inputs), inputs, seeds, create_graph=create)
        return [g if isinstance(g, Tensor) else Tensor(np.array(g)) for g in found]

    result = Slopes(gradients, [*subject.arrays, *upstream])
    result.of, result.name = subject, f"the gradient of {subject.name}"
    return result
