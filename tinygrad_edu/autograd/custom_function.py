"""`autograd.Function`: an operation with a forward and a backward pass of the user's own, as in PyTorch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.grad_mode import current, no_grad, unrecorded, walk
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import overwritten_since, serials
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.tensor.tensor import Tensor


class Context:
    """The `ctx` of one call: what `forward` leaves for `backward`; any attribute may be set on it."""

    def __init__(self, name: str, inputs: tuple[Any, ...]) -> None:
        self._name, self._inputs = name, inputs
        self._saved: tuple[Any, ...] = ()
        self._saved_at = 0
        self._constant: tuple[Any, ...] = ()
        self._outputs: tuple[Any, ...] = ()
        self._in_graph: dict[int, Any] = {}  # by the id of an output, during backward: what stands for it
        self._last: tuple[Any, Sequence[Any]] = (None, ())
        self.needs_input_grad = tuple(isinstance(x, Tensor) and x.requires_grad for x in inputs)

    def __repr__(self) -> str:
        return f"ctx of {self._name}"

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep Tensors (or None) for `backward`, which reads them as `ctx.saved_tensors`."""
        for x in tensors:
            if not isinstance(x, Tensor | None):
                raise TypeError(
                    f"save_for_backward of {self._name} takes Tensors, got {type(x).__name__} {short(x)}; set any "
                    "other value as an attribute of ctx"
                )
        self._saved, self._saved_at = tensors, next(serials)

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept. Raises `RuntimeError` if one was overwritten since."""
        saved = tuple(self._in_graph.get(id(x), x) for x in self._saved)
        for x in saved:
            if x is not None and overwritten_since(x, self._saved_at):
                raise RuntimeError(
                    f"backward needs a tensor that {self._name} saved, {x.described()}, but it was overwritten at "
                    f"{line_of(x.memory.call_site)}; overwrite it after backward(), or save a copy: x.clone()"
                )
        return saved

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Name those results that have no gradient, such as indices."""
        self._constant = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Refused: an operation here returns new tensors."""
        raise NotImplementedError(
            f"{self._name} cannot overwrite its inputs (mark_dirty); return a new tensor: x.clone().add_(1)"
        )

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted: results without a gradient hand zeros to `backward` in either case."""

    def _differentiable(self) -> list[Tensor]:
        """The outputs that have a gradient."""
        outputs = [y for y in self._outputs if isinstance(y, Tensor) and y.dtype.kind == "f"]
        return [y for y in outputs if not any(y is x for x in self._constant)]

    def _parts(self, long: Any) -> dict[int, Any]:
        """The parts of a long vector that belong to outputs, by their id; one alone is not laid out as a vector."""
        found = self._differentiable()
        parts = [long] if len(found) == 1 else long.split([y.numel() for y in found])
        return {id(y): part.reshape(y.shape) if len(found) > 1 else part for y, part in zip(found, parts)}

    def _gradients(self, g: Any, y: Any, backward: Callable[..., Any]) -> Sequence[Any]:
        """What `backward` returns for the gradient `g` of all outputs, of which `y` is made; called once."""
        if self._last[0] is g:
            return self._last[1]
        traced = isinstance(g, Tensor)
        with walk(records=traced and current().recording):
            self._in_graph = self._parts(y) if traced else {}
            parts = self._parts(g if traced else Tensor.around(g))
            grads = backward(self, *(parts[id(y)] if id(y) in parts else _zeros(y) for y in self._outputs))
            self._in_graph = {}  # a node that leads back to itself would be freed late
        grads = list(grads) if isinstance(grads, tuple | list) else [grads]
        count, given = len(self._inputs), len(grads)
        if given < count or any(x is not None for x in grads[count:]):
            raise ValueError(
                f"{self._name}.backward needs to return one gradient, or None, for each of {count} inputs, got {given}"
            )
        self._last = g, grads
        return grads


def _zeros(x: Any) -> Any:
    return Tensor(np.zeros_like(x.raw)) if isinstance(x, Tensor) else None


class _Call(Operation):
    """The node of a call: its first input is the result, computed without a graph; the rest are the real inputs."""

    def __init__(self, function: Any) -> None:
        # Of `_y` the numbers are read only if they were saved, and then the context looks whether they still are.
        def rule(g: Any, _y: Any, *_inputs: Any, ctx: Context, position: int) -> Any:
            places = [i for i, x in enumerate(ctx._inputs) if isinstance(x, Tensor)]
            place = places[position - 1]
            gradient = ctx._gradients(g, _y, function.backward)[place]
            if not any(ctx.needs_input_grad[place + 1 :]):
                ctx._last = (None, ())
            if gradient is None:
                gradient = _zeros(ctx._inputs[place])
            return gradient if isinstance(g, Tensor) else gradient.raw

        super().__init__(_first, rule, name=function.__name__, variadic=True)
        self.function = function

    def again(self, arrays: Sequence[Any], ctx: Context) -> Any:
        """The result as an array, computed again from other arrays of the result and of the inputs."""
        waiting = iter(arrays[1:])
        args = [Tensor(next(waiting)) if isinstance(x, Tensor) else x for x in ctx._inputs]
        own = Context(self.name, tuple(args))
        output = _computed(self.function, own)
        own._outputs = output if isinstance(output, tuple) else (output,)
        parts = [y.raw for y in own._differentiable()]
        return parts[0] if len(parts) == 1 else np.concatenate([part.ravel() for part in parts])

    def as_written(self, xs: Sequence[Any], ctx: Context) -> Any:
        """The results of `forward` with a graph of the operations in it, for other Tensors in place of the inputs."""
        waiting = iter(xs)
        args = [next(waiting) if isinstance(x, Tensor) else x for x in ctx._inputs]
        if hasattr(self.function, "setup_context"):
            return self.function.forward(*args)
        return self.function.forward(Context(self.name, tuple(args)), *args)

    def names(self, ctx: Context) -> list[str]:
        """The names of the arguments that are Tensors."""
        known = list(inspect.signature(self.function.forward).parameters.values())
        known = known if hasattr(self.function, "setup_context") else known[1:]
        plain = [p.name for p in known if p.kind is p.POSITIONAL_OR_KEYWORD]
        plain += [f"input {i}" for i in range(len(plain), len(ctx._inputs))]
        return [name for name, x in zip(plain, ctx._inputs) if isinstance(x, Tensor)]

    def fit(self, g: Any, x: Any) -> Any:
        return self.cast(g if g.shape == x.shape else sum_to(g, x), x.dtype)


def _computed(function: Any, ctx: Context) -> Any:
    """What `forward` returns for the inputs of a context, outside the graph."""
    with unrecorded():
        if not hasattr(function, "setup_context"):
            return function.forward(ctx, *ctx._inputs)
        output = function.forward(*ctx._inputs)
        function.setup_context(ctx, ctx._inputs, output)
        return output


def _first(y: Any, *_inputs: Any, ctx: Context) -> Any:  # noqa: ARG001 - the setting is the rule's
    """The result, as `forward` computed it."""
    return y


class Function:
    """An operation of your own: static methods `forward` and `backward`, called as `MyFunction.apply(x, ...)`.

    `forward(ctx, *args)` computes the result, or several, from Tensors and any other arguments; or
    `forward(*args)` with `setup_context(ctx, inputs, output)`. `backward(ctx, *grad_outputs)` returns the gradient of
    each argument, None where there is none. Written with operations, it can be differentiated again.
    Raises `TypeError` when a class without `backward` is defined.
    """

    _node: _Call

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, what in (("forward", "result"), ("backward", "gradient")):
            if not hasattr(cls, name):
                raise TypeError(
                    f"{cls.__name__} needs a static method {name}(ctx, ...), so that its {what} is known"
                )
        cls._node = _Call(cls)

    @classmethod
    def apply(cls: Any, *args: Any) -> Any:
        """Run `forward`, and remember the call for `backward`."""
        ctx = Context(cls.__name__, args)
        output = _computed(cls, ctx)
        ctx._outputs = output if isinstance(output, tuple) else (output,)
        found = ctx._differentiable()
        if not (found and any(ctx.needs_input_grad)):
            return output
        with no_grad():
            long = found[0].detach() if len(found) == 1 else cat(*(y.reshape(-1) for y in found), dim=0)
        result = cls._node(long, *(x for x in args if isinstance(x, Tensor)), ctx=ctx)
        result.memory = long.shared_memory()  # whoever overwrites the result overwrites what was saved
        parts = ctx._parts(result)
        results = tuple(parts.get(id(y), y) for y in ctx._outputs)
        return results if isinstance(output, tuple) else results[0]
