"""A table of the layers of a module: what each returns, how many parameters it has, how much it computes."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import Any, NamedTuple

from tinygrad_edu.engine.grad_mode import no_grad, watch
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops import contractions, convolution, reduce, softmax
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.tensor import Tensor

_PRODUCTS = {contractions.matmul, contractions.linear}
_ONE_FOR_EACH_INPUT = {reduce.sum, reduce.mean, softmax.softmax, softmax.log_softmax, softmax.logsumexp}


class Layer(NamedTuple):
    """A row of the table: a module, what it returned, its parameters and the arithmetic inside it."""

    path: str
    kind: str
    shape: Any
    parameters: int
    flops: int


class Summary:
    """The layers of a module, and in all its parameters and floating-point operations (FLOPs)."""

    def __init__(self, layers: list[Layer], parameters: int, trainable: int) -> None:
        self.layers = layers
        self.parameters = parameters
        self.trainable = trainable
        self.flops = layers[0].flops

    def __repr__(self) -> str:
        rows = [("layer", "result", "parameters", "FLOPs")]
        for path, kind, shape, parameters, flops in self.layers:
            depth = path.count(".") + 1 if path else 0
            name = f"{'  ' * depth}{path.rpartition('.')[2]} {kind}" if path else kind
            rows.append(
                (name, "not called" if shape is None else str(shape), f"{parameters:,}", f"{flops:,}")
            )
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}" for a, b, c, d in rows
        ]
        frozen = self.parameters - self.trainable
        total = f"{self.parameters:,} parameters{f', {frozen:,} of them frozen' if frozen else ''}"
        return "\n".join([*lines, f"{total}; {self.flops:,} FLOPs"])


class _Counter:
    """The running calls of modules, and what is computed in each."""

    def __init__(self) -> None:
        self.running: list[Any] = []
        self.flops: dict[Any, int] = {}
        self.shapes: dict[Any, Any] = {}

    def begin(self, module: Any, _inputs: Any) -> None:
        self.running.append(module)

    def end(self, module: Any, _inputs: Any, result: Any) -> None:
        self.running.pop()
        self.shapes.setdefault(module, _shape(result))

    def note(self, operation: Any, inputs: Any, _settings: Any, result: Any) -> None:
        count = flops(operation, inputs, result)
        for module in dict.fromkeys(self.running):
            self.flops[module] = self.flops.get(module, 0) + count


def summary(net: Module, *inputs: Any, **options: Any) -> Summary:
    """The layers of `net` in a call with these inputs: Tensors, arrays, or the shape of one as a tuple of sizes.

    FLOPs count one operation for each number of an elementwise operation, of a sum and of a softmax, and two for each
    product in a matrix product or convolution, as it is added up; moving numbers counts nothing. Parameters of a row
    include those of the modules inside it; in all, shared ones count once. The call is made as after `eval()`, without
    a graph; nothing in `net` changes.
    """
    if not isinstance(net, Module):
        raise TypeError(f"summary needs a module, got {type(net).__name__}")
    if not inputs:
        raise TypeError(
            "summary needs the inputs of a call, or the shape of one: summary(net, (1, 3, 32, 32))"
        )
    counter = _Counter()
    named = list(type(net).named_modules(net))
    with ExitStack() as stack:
        for _, module in named:
            stack.callback(vars(module).__setitem__, "training", module.training)
            stack.enter_context(module.register_forward_pre_hook(counter.begin))
            stack.enter_context(module.register_forward_hook(counter.end))
        net.eval()
        with no_grad(), watch(counter.note):
            net(*map(_example, inputs), **options)
    layers = [
        Layer(
            path,
            type(module).__name__,
            counter.shapes.get(module),
            _count(module),
            counter.flops.get(module, 0),
        )
        for path, module in named
    ]
    trainable = sum(p.numel() for _, p in net.named_parameters() if p.requires_grad)
    return Summary(layers, _count(net), trainable)


def flops(operation: Any, inputs: Any, result: Any) -> int:
    """The floating-point operations of one call: additions, multiplications and functions of single numbers."""
    if operation in _PRODUCTS:
        return 2 * result.raw.size * inputs[0].raw.shape[-1]
    if operation is convolution.convolve:
        return 2 * result.raw.size * math.prod(inputs[1].raw.shape[1:])
    if operation is convolution.convolve_back:
        return 2 * inputs[0].raw.size * math.prod(inputs[1].raw.shape[1:])
    if operation in _ONE_FOR_EACH_INPUT:
        return inputs[0].raw.size
    return result.raw.size if isinstance(operation, Elementwise) else 0


def _example(x: Any) -> Any:
    return zeros(x) if isinstance(x, tuple) and all(isinstance(n, int) for n in x) else x


def _count(module: Any) -> int:
    return sum(p.numel() for _, p in module.named_parameters())


def _shape(result: Any) -> Any:
    """The shape of a Tensor, or the shapes of several."""
    if isinstance(result, Tensor):
        return result.shape
    if isinstance(result, list | tuple):
        return [_shape(x) for x in result]
    return type(result).__name__
