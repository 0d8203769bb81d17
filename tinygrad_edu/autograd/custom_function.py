"""`autograd.Function`: an operation with a forward and a backward pass of the user's own, as in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.grad_mode import current, no_grad, walk
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import overwritten_since, serials
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.tensor.tensor import Tensor


class Context:
    """The `ctx` of one call: what `forward` leaves for `backward`; any attribute may be set on it."""

    def __init__(self, name: str, inputs: tuple[Any, ...]) -> None:
        self._name = name
        self._inputs = inputs
        self._saved: tuple[Any, ...] = ()
        self._saved_at = 0
        self._constant: tuple[Any, ...] = ()
        self._results: dict[
            int, Tensor
        ] = {}  # by the id of what `forward` returned: what stands for it in the graph
        self._outputs: tuple[Any, ...] = ()
        self._last: tuple[Any, tuple[Any, ...]] | None = None
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
        saved = tuple(self._results.get(id(x), x) for x in self._saved)
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

    def _gradients(self, g: Any, backward: Callable[..., Any]) -> tuple[Any, ...]:
        """What `backward` returns for the gradient `g` of all results; asked once for all inputs."""
        if self._last is not None and self._last[0] is g:
            return self._last[1]
        traced = isinstance(g, Tensor)
        with walk(records=traced and current().recording):
            found = backward(self, *self._parts(g if traced else Tensor.around(g)))
        grads = tuple(found) if isinstance(found, tuple | list) else (found,)
        given = len(grads)
        while len(grads) > len(self._inputs) and grads[-1] is None:
            grads = grads[:-1]
        if len(grads) != len(self._inputs):
            raise ValueError(
                f"{self._name}.backward needs to return one gradient, or None, for each of {len(self._inputs)} "
                f"inputs, got {given}"
            )
        self._last = g, grads
        return grads

    def _parts(self, g: Any) -> Iterator[Any]:
        """The gradient of each result, of those that are parts of `g`; zeros for the rest."""
        if len(self._outputs) == 1:
            yield g
            return
        start = 0
        for y in self._outputs:
            if not self._is_differentiable(y):
                yield Tensor(np.zeros_like(y.raw)) if isinstance(y, Tensor) else None
                continue
            end = start + math.prod(y.shape)
            yield g[start:end].reshape(y.shape)
            start = end

    def _is_differentiable(self, y: Any) -> bool:
        return isinstance(y, Tensor) and y.dtype.kind == "f" and not any(y is x for x in self._constant)


class _Call(Operation):
    """The node of a call: its first input is the result, computed without a graph; the rest are the real inputs."""

    def fit(self, g: Any, x: Any) -> Any:
        return self.cast(g if g.shape == x.shape else sum_to(g, x), x.dtype)


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
        for name in ("forward", "backward"):
            if not any(name in vars(kind) for kind in cls.__mro__):
                raise TypeError(
                    f"{cls.__name__} needs a static method {name}(ctx, ...), so that its "
                    f"{'result' if name == 'forward' else 'gradient'} is known"
                )
        cls._node = _Call(_first, _rule_of(cls), name=cls.__name__, variadic=True)

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run `forward`, and remember the call for `backward`."""
        ctx = Context(cls.__name__, args)
        with no_grad():
            output = _forward(cls, ctx, args)
        outputs = ctx._outputs = output if isinstance(output, tuple) else (output,)
        if not any(ctx.needs_input_grad):
            return output
        return _in_graph(cls._node, ctx, output, outputs)


def _forward(cls: Any, ctx: Context, args: tuple[Any, ...]) -> Any:
    if "setup_context" not in {name for kind in cls.__mro__ for name in vars(kind)}:
        return cls.forward(ctx, *args)
    output = cls.forward(*args)
    cls.setup_context(ctx, args, output)
    return output


def _in_graph(node: _Call, ctx: Context, output: Any, outputs: tuple[Any, ...]) -> Any:
    """The results as nodes of the graph; several are parts of one long vector."""
    tensors = [x for x in ctx._inputs if isinstance(x, Tensor)]
    if isinstance(output, Tensor):
        if not ctx._is_differentiable(output):
            return output
        fresh = output.detach() if any(output is x for x in tensors) else output
        result = ctx._results[id(output)] = node(fresh, *tensors, ctx=ctx)
        return result
    found = [y for y in outputs if ctx._is_differentiable(y)]
    if not found:
        return output
    with no_grad():
        long = cat(*(y.reshape(-1) for y in found), dim=0)
    long = node(long, *tensors, ctx=ctx)
    start = 0
    for y in found:
        end = start + y.numel()
        ctx._results[id(y)] = long[start:end].reshape(y.shape)
        start = end
    return tuple(ctx._results.get(id(y), y) for y in outputs)


def _first(y: Any, *_inputs: Any, ctx: Context) -> Any:  # noqa: ARG001 - the setting is the rule's
    """The result, as `forward` computed it."""
    return y


def _rule_of(cls: Any) -> Callable[..., Any]:
    def rule(g: Any, _y: Any, *_inputs: Any, ctx: Context, position: int) -> Any:
        places = [i for i, x in enumerate(ctx._inputs) if isinstance(x, Tensor)]
        gradient = ctx._gradients(g, cls.backward)[places[position - 1]]
        if position == max(i for i, place in enumerate(places, 1) if ctx.needs_input_grad[place]):
            ctx._last = None
        if gradient is None:
            gradient = Tensor(np.zeros_like(ctx._inputs[places[position - 1]].raw))
        return gradient if isinstance(g, Tensor) else gradient.raw

    return rule
