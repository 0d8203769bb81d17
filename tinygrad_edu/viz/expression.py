"""Operations and their derivative rules written out: the same rules, run on texts.

A `Symbol` passed through a rule gives the formula of that rule, so a picture cannot disagree with the engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise, sum_to
from tinygrad_edu.ops.reduce import kept_shape
from tinygrad_edu.reductions import Reductions
from tinygrad_edu.viz.cells import constant

Shape = tuple[int, ...]

_SUM, _PRODUCT, _PREFIX, _ATOM = 1, 2, 3, 4  # how tightly the parts of a text hold together
_INFIX = {"add": ("+", _SUM), "subtract": ("−", _SUM), "multiply": ("×", _PRODUCT), "divide": ("/", _PRODUCT)}
_INFIX |= {"matmul": ("@", _PRODUCT)}
_COMPARED = {
    "equal": "=",
    "not_equal": "≠",
    "greater": ">",
    "greater_equal": "≥",
    "less": "<",
    "less_equal": "≤",
}
_FUNCTION = {"sigmoid": "σ", "amax": "max", "amin": "min", "sqrt": "√"}
_PILL = {
    "divide": "÷",
    "negative": "−",
    "power": "^",
    "absolute": "|x|",
    "sum": "Σ",
    "permute": "ᵀ",
    "take": "[ ]",
}
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Symbol(Reductions):
    """A text with a shape, and how tightly the text holds together."""

    def __init__(self, text: str, shape: Shape = (), binds: int | None = None) -> None:
        self.text = text
        self._shape = shape
        self.binds = binds or (_SUM if " " in text else _PREFIX if text.startswith("-") else _ATOM)

    @property
    def shape(self) -> Shape:
        """The shape of what the text stands for."""
        return self._shape

    @property
    def ndim(self) -> int:
        """How many dimensions that has."""
        return len(self._shape)

    def astype(self, _dtype: Any) -> Any:
        """A dtype is not written."""
        return self

    @property
    def dtype(self) -> Any:
        """A dtype is not written."""
        return None

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Symbol:
        """The text of `operation(*inputs, **settings)`."""
        parts = [x if isinstance(x, Symbol) else _constant(x) for x in inputs]
        shape = _shape_of(operation, [x.shape for x in parts], settings)
        text, binds = _written(operation, parts, shape, settings)
        return Symbol(text, shape, binds)


def _constant(x: float) -> Symbol:
    return Symbol(constant(x), binds=_PREFIX if x < 0 else _ATOM)


def _within(part: Symbol, least: int) -> str:
    return part.text if part.binds >= least else f"({part.text})"


def _written(
    operation: Operation, parts: list[Symbol], shape: Shape, settings: dict[str, Any]
) -> tuple[str, int]:
    name, x = operation.name, parts[0]
    if name in _INFIX:
        return _infix(name, x, parts[1], shape)
    if name in _COMPARED:
        return f"[{x.text} {_COMPARED[name]} {parts[1].text}]", _ATOM
    if name == "negative":
        return f"−{_within(x, _PRODUCT)}", _PREFIX
    if name == "power":
        return _power(x, parts[1])
    if name == "absolute":
        return f"|{x.text}|", _ATOM
    if name in ("sum", "column_sums"):
        return _sum(x, settings.get("dims", (0,)))
    if name == "take":
        return f"{_within(x, _ATOM)}[…]", _ATOM
    if name in ("reshape", "expand", "permute", "cast"):
        return _moved(name, x, shape, settings)
    return f"{_FUNCTION.get(name, name)}({', '.join(part.text for part in parts)})", _ATOM


def _infix(name: str, x: Symbol, y: Symbol, shape: Shape) -> tuple[str, int]:
    sign, binds = _INFIX[name]
    if y.text == "1" and name in ("multiply", "divide"):
        return x.text, x.binds
    if name == "multiply":
        if x.text == "1":
            return y.text, y.binds
        if math.prod(x.shape) == 1 or math.prod(y.shape) == 1:
            sign = "·"
        elif math.prod(shape) > max(math.prod(x.shape), math.prod(y.shape)):
            return f"outer({x.text}, {y.text})", _ATOM
    tighter = name in ("subtract", "divide", "matmul")  # a − (b − c), but a + b + c
    return f"{_within(x, binds)} {sign} {_within(y, binds + tighter)}", binds


def _power(x: Symbol, y: Symbol) -> tuple[str, int]:
    if y.text == "1":
        return x.text, x.binds
    ascii_text = y.text.replace("−", "-")
    if ascii_text.lstrip("-").isdecimal():
        return _within(x, _ATOM) + ascii_text.translate(_SUPERSCRIPT), _PREFIX
    return f"{_within(x, _ATOM)} ^ {_within(y, _ATOM)}", _PREFIX


def _sum(x: Symbol, dims: Shape | None) -> tuple[str, int]:
    if dims == ():
        return x.text, x.binds
    return f"Σ{summed(x.shape, dims)} {_within(x, _PREFIX)}", _PREFIX


def summed(shape: Shape, dims: Shape | None) -> str:
    """` rows` if the rows of a matrix are added up, ` columns`, or nothing for all numbers."""
    if len(shape) != 2 or dims is None or len(dims) != 1:
        return ""
    return " rows" if dims == (0,) else " columns"


def _moved(name: str, x: Symbol, shape: Shape, settings: dict[str, Any]) -> tuple[str, int]:
    if name == "permute":
        dims = settings["dims"]
        turned = len(dims) > 1 and dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2)
        if turned:
            return f"{_within(x, _ATOM)}ᵀ", _ATOM
        return (x.text, x.binds) if dims == tuple(range(len(dims))) else (f"permute({x.text})", _ATOM)
    if [n for n in x.shape if n != 1] == [n for n in shape if n != 1]:
        return x.text, x.binds
    if name == "expand":
        return f"{x.text} {'to all' if math.prod(x.shape) == 1 else 'repeated'}", _SUM
    return f"reshape({x.text})", _ATOM


def _shape_of(operation: Operation, shapes: list[Shape], settings: dict[str, Any]) -> Shape:
    """The shape of the result, without computing it. Raises `NotImplementedError` where that is not known."""
    first = shapes[0]
    if isinstance(operation, Elementwise):
        return np.broadcast_shapes(*shapes)
    if "dims" in settings and "keepdim" in settings:
        kept = kept_shape(first, settings["dims"])
        dims = range(len(first)) if settings["dims"] is None else settings["dims"]
        return kept if settings["keepdim"] else tuple(n for i, n in enumerate(kept) if i not in dims)
    if "shape" in settings:
        sizes = settings["shape"]
        rest = math.prod(first) // max(1, -math.prod(sizes)) if -1 in sizes else 0
        return tuple(rest if n == -1 else n for n in sizes)
    if operation.name in ("softmax", "log_softmax", "cast"):
        return first
    if operation.name == "column_sums":
        return first[1:]
    if operation.name == "permute":
        return tuple(first[i] for i in settings["dims"])
    if operation.name == "take" and len(shapes) == 1:
        return np.broadcast_to(0, first)[settings["index"]].shape
    if operation.name == "matmul" and len(first) and len(shapes[1]):
        return _product_shape(first, shapes[1])
    raise NotImplementedError(operation.name)


def _product_shape(x: Shape, y: Shape) -> Shape:
    stack = np.broadcast_shapes(x[:-2], y[:-2])
    return stack + x[-2:-1] + (y[-1:] if len(y) > 1 else ())


def expression(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any], shape: Shape) -> str:
    """`X @ W1`: the operation written out, for Symbols and plain numbers; `shape` is that of the result."""
    parts = [x if isinstance(x, Symbol) else _constant(x) for x in inputs]
    return _written(operation, parts, shape, settings)[0]


def pill(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]) -> str:
    """The sign of the operation, with its plain numbers: `@`, `1 ÷`, `+ 1`, `σ`, `Σ rows`."""
    name = operation.name
    sign = _PILL.get(name) or _FUNCTION.get(name) or _INFIX.get(name, ("",))[0] or _COMPARED.get(name, name)
    if name == "sum":
        sign += summed(inputs[0].shape, settings["dims"])
    if len(inputs) == 2 and (name in _INFIX or name in _COMPARED or name == "power"):
        before, after = ("" if isinstance(x, Symbol) else constant(x) for x in inputs)
        return f"{before} {sign} {after}".strip()
    return sign


def local_derivative(
    operation: Operation, position: int, result: Symbol, inputs: Sequence[Any], settings: dict[str, Any]
) -> str:
    """What the rule of the input at `position` makes of the gradient `g` of the result: `g @ W2ᵀ`.

    Empty where the rule does something a text cannot follow.
    """
    rule, x = operation.rules[position], inputs[position]
    if rule is None:
        return ""
    try:
        common = () if operation.common is None else (operation.common(*inputs, **settings),)
        share = rule(Symbol("g", result.shape), result, *inputs, *common, **settings)
        if isinstance(operation, Elementwise) and share.shape != x.shape:
            share = sum_to(share, x)
        return str(share.text) if share.shape == x.shape else ""
    except Exception:  # a rule written by the user may ask anything of its arguments
        return ""
