"""Formulas as NumPy code that runs: `dZ2 @ W2.T`. What is written is tested by running it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.ops.shape import expand, reshape
from tinygrad_edu.symbolic.expression import Expression, inside_out, number_in, rebuilt
from tinygrad_edu.symbolic.writers.index_code import CodeError, index_code
from tinygrad_edu.symbolic.writers.writer import (
    ATOM,
    COMPARED,
    EACH,
    INFIX,
    MATRICES,
    NUMBER,
    OUTER,
    POWER,
    PREFIX,
    PRODUCT,
    SINGLE,
    Piece,
    Writer,
    is_transpose,
    kind_of_product,
)

_FUNCTIONS = {"absolute": "abs", "√": "sqrt", "max": "maximum", "min": "minimum"}
_SIGNS = {"equal": "==", "not_equal": "!=", "greater_equal": ">=", "less_equal": "<="}


class NumPy(Writer[str]):
    """Python's brackets and NumPy's names; `names` gives the variable that holds each symbol, by its id."""

    signs: ClassVar = {
        "add": " + ",
        "subtract": " - ",
        "divide": " / ",
        MATRICES: " @ ",
        **dict.fromkeys((NUMBER, SINGLE, EACH, OUTER), " * "),
    }
    known: ClassVar = {
        *("exp", "log", "log1p", "√", "sin", "cos", "tanh", "sign", "absolute", "where"),
        *("max", "min"),
    }

    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names

    def symbol(self, node: Expression) -> Piece[str]:
        """The name of its variable."""
        if id(node) not in self.names:
            raise CodeError(f"no variable holds {node.name}")
        return Piece(self.names[id(node)], ATOM)

    def number(self, x: Any) -> Piece[str]:
        """As Python writes it."""
        if not np.isfinite(x):
            return Piece("np.nan" if np.isnan(x) else "np.inf" if x > 0 else "-np.inf", PREFIX)
        return Piece(repr(x), PREFIX if x < 0 else ATOM)

    def infix(self, node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """In Python `*`, `/` and `@` hold equally tightly, and together from the left."""
        assert node.operation is not None
        name = node.operation.name
        binds, left, right = INFIX[name]
        sign = kind_of_product(node) if name in ("multiply", "matmul") else name
        right = PREFIX if binds == PRODUCT else right
        return Piece(self.joined(self.within(x, left), sign, self.within(y, right)), binds)

    def joined(self, left: str, sign: str, right: str) -> str:
        """With Python's sign between."""
        return left + self.signs[sign] + right

    def bracketed(self, text: str) -> str:
        """( text )."""
        return f"({text})"

    def compared(self, x: Piece[str], sign: str, y: Piece[str]) -> Piece[str]:
        """A mask."""
        name = next(name for name, written in COMPARED.items() if written == sign)
        return Piece(f"({x.text} {_SIGNS.get(name, sign)} {y.text})", ATOM)

    def call(self, name: str, arguments: list[Piece[str]]) -> Piece[str]:
        """np.name(x, y), if NumPy has it."""
        if name not in self.known:
            raise CodeError(f"{name} has no short form in NumPy")
        return Piece(f"np.{_FUNCTIONS.get(name, name)}({', '.join(x.text for x in arguments)})", ATOM)

    def method(self, x: Piece[str], name: str, *arguments: str) -> Piece[str]:
        """x.name(arguments)."""
        return Piece(f"{self.within(x, ATOM)}.{name}({', '.join(arguments)})", ATOM)

    def write_negative(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """-x."""
        return Piece(f"-{self.within(x, POWER)}", PREFIX)

    def write_power(self, _node: Expression, x: Piece[str], y: Piece[str]) -> Piece[str]:
        """x ** y."""
        return Piece(f"{self.within(x, ATOM)} ** {self.within(y, POWER)}", POWER)

    def write_sigmoid(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """1 / (1 + np.exp(-x))."""
        return Piece(f"1 / (1 + np.exp(-{self.within(x, POWER)}))", PRODUCT)

    def write_relu(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """np.maximum(x, 0)."""
        return Piece(f"np.maximum({x.text}, 0)", ATOM)

    def write_softplus(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """Without overflow."""
        return Piece(f"np.logaddexp(0, {x.text})", ATOM)

    def reduced(self, name: str, node: Expression, x: Piece[str]) -> Piece[str]:
        """x.sum(axis=0, keepdims=True)."""
        dims, keep = node.settings["dims"], node.settings["keepdim"]
        axis = () if dims is None else (f"axis={dims[0] if len(dims) == 1 else dims}",)
        return self.method(x, name, *axis, *(["keepdims=True"] if keep else []))

    def write_sum(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The sum."""
        return self.reduced("sum", node, x)

    def write_mean(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The mean."""
        return self.reduced("mean", node, x)

    def write_amax(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The greatest."""
        return self.reduced("max", node, x)

    def write_amin(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The smallest."""
        return self.reduced("min", node, x)

    def write_column_sums(self, _node: Expression, x: Piece[str]) -> Piece[str]:
        """The sum of the rows."""
        return self.method(x, "sum", "axis=0")

    def write_softmax(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """e to the x, over its sum."""
        e = f"np.exp({x.text})"
        return Piece(f"{e} / {e}.sum(axis={node.settings['dim']}, keepdims=True)", PRODUCT)

    def write_log_softmax(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """x less the logarithm of the sum of e to the x."""
        total = f"np.exp({x.text}).sum(axis={node.settings['dim']}, keepdims=True)"
        return Piece(f"{self.within(x, PRODUCT)} - np.log({total})", INFIX["subtract"][0])

    def write_logsumexp(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """The logarithm of the sum of e to the x."""
        return Piece(f"np.log({self.reduced('sum', node, Piece(f'np.exp({x.text})', ATOM)).text})", ATOM)

    def write_cross_entropy(
        self, node: Expression, z: Piece[str], target: Piece[str], divisor: Piece[str]
    ) -> Piece[str]:
        """The targets times minus the logarithm of softmax(z), summed."""
        axis = node.settings["dim"]
        lost = f"(np.log(np.exp({z.text}).sum(axis={axis}, keepdims=True)) - {self.within(z, PRODUCT)})"
        return Piece(
            f"({self.within(target, PREFIX)} * {lost}).sum() / {self.within(divisor, PREFIX)}", PRODUCT
        )

    def write_linear(self, _node: Expression, x: Piece[str], w: Piece[str], *b: Piece[str]) -> Piece[str]:
        """x @ w.T + b."""
        product = f"{self.within(x, PRODUCT)} @ {self.within(w, ATOM)}.T"
        return (
            Piece(product + f" + {self.within(b[0], PRODUCT)}", INFIX["add"][0])
            if b
            else Piece(product, PRODUCT)
        )

    def write_permute(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """x.T."""
        if is_transpose(node) and len(node.shape) == 2:
            return Piece(f"{self.within(x, ATOM)}.T", ATOM)
        return self.method(x, "transpose", *map(str, node.settings["dims"]))

    def write_reshape(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """x.reshape(2, 3)."""
        return self.method(x, "reshape", ", ".join(map(str, node.shape)) or "()")

    def write_expand(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """np.broadcast_to(x, (2, 3))."""
        return Piece(f"np.broadcast_to({x.text}, {node.shape})", ATOM)

    def write_cast(self, node: Expression, x: Piece[str]) -> Piece[str]:
        """x.astype("float32")."""
        return self.method(x, "astype", f'"{np.dtype(node.settings["dtype"])}"')

    def write_cat(self, node: Expression, *parts: Piece[str]) -> Piece[str]:
        """np.concatenate([x, y], axis=0)."""
        return Piece(
            f"np.concatenate([{', '.join(x.text for x in parts)}], axis={node.settings['dim']})", ATOM
        )

    def write_take(self, node: Expression, x: Piece[str], *arrays: Piece[str]) -> Piece[str]:
        """x[:, 0]."""
        if arrays:
            raise CodeError("an index that was computed")
        return Piece(f"{self.within(x, ATOM)}[{index_code(node.settings['index'])}]", ATOM)


def numpy_code(root: Any, names: Mapping[int, str]) -> str:
    """`root` as a line of NumPy, of its whole shape; `names` gives the variables, by the id of each symbol.

    Raises `CodeError` where there is no short form.
    """
    constant = number_in(root)
    if isinstance(root, Expression) and constant is not None and root.shape:
        return f"np.full({root.shape}, {float(constant)!r})"
    return NumPy(names).write(_repeated_once(root))


def _repeated_once(root: Any) -> Any:
    """`root` with numbers that are repeated twice, or get dimensions of size 1 in front before, repeated at once."""
    done: dict[int, Any] = {}
    for node in inside_out(root):
        inputs = tuple(done[id(x)] if isinstance(x, Expression) else x for x in node.inputs)
        x = inputs[0] if inputs else None
        while node.operation is expand and isinstance(x, Expression) and _only_in_front(x):
            (x,) = inputs = x.inputs
        done[id(node)] = rebuilt(node, inputs)
    return done[id(root)] if isinstance(root, Expression) else root


def _only_in_front(x: Expression) -> bool:
    """Whether broadcasting would do by itself what `x` does to its input."""
    if x.operation is not reshape or not isinstance(x.inputs[0], Expression):
        return x.operation is expand and isinstance(x.inputs[0], Expression)
    before = x.inputs[0].shape
    return x.shape == (1,) * (len(x.shape) - len(before)) + before
