"""A reader of printed formulas: their text, computed with NumPy alone by the conventions of the page.

The conventions, as `conventions()` tells them to users:

- A vector is a row, and `vᵀ` the column; to the right of a matrix product a vector counts as a column, and the result
  is a vector again.
- `·` is the product of matrices, or with a single number; `⊙` multiplies number by number, with rows and columns
  repeated as NumPy does; `a ⊗ b` is the matrix of all products of two vectors. Products are read from left to right.
- `Σ`, and a function before its brackets, apply to the one factor behind them. `Σ x` adds up all numbers, `Σ rows`
  and `Σ columns` those of a matrix, `Σ dim 1` along that dimension, which stays with the size 1.
- `softmax(z)` is taken within each row, and `softmax(z, dim=0)` along that dimension; of arrays with more than two
  dimensions the dimension is always named.
- `onehot(y)` has a 1 in the column of each class number; `values` say of how many columns.
- `[x > y]` is 1 where that holds, else 0. `x[0 ← y]` is x with y in place of x[0], and `x[0 += y]` with y added there.
- The left side of an equation has the shape of its name; dimensions of size 1 in front are not written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(r"\d+(\.\d+)?(e−?\d+)?|∞|nan")
_WORD = re.compile(r"√|[^\W\d]\w*(?: Γ)?")
_TOTAL = re.compile(r"Σ(?: (rows|columns|dims? [\d, ]*\d))? ")
_POWER = re.compile(r"[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_COMPARISONS = {
    "=": np.equal,
    "≠": np.not_equal,
    ">": np.greater,
    "≥": np.greater_equal,
    "<": np.less,
    "≤": np.less_equal,
}


ROUNDING = 1e-14  # what is left of a sum that is 0


class ReadingError(ValueError):
    """A formula that cannot be read, or in more than one way."""


def read(formula: str, values: Mapping[str, Any]) -> np.ndarray:
    """The array that the text `formula` stands for, with `values` for its names.

    `with s = ...` on lines below the formula gives names to parts.
    """
    formula, *parts = re.split(r"\s+with ", formula)
    values = dict(values)
    waiting = dict(part.split(" = ", 1) for part in parts)
    while waiting:  # a part may name parts that stand below it
        name = next((n for n, x in waiting.items() if not any(_names(m, x) for m in waiting)), "")
        if not name:
            raise ReadingError(f"parts that name each other: {parts}")
        values[name] = read(waiting.pop(name), values)
    with np.errstate(all="ignore"):
        return _Reader(formula, values).whole()


def _names(name: str, formula: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_/∂]){re.escape(name)}(?![A-Za-z0-9_(₀₁₂₃₄₅₆₇₈₉])", formula) is not None


class _Reader:
    """A formula, and the place up to which it was read."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.text, self.at = text, 0
        self.is_open = False  # whether Σ x was read last, to which a further factor would seem to belong
        self.values = values
        self.names = sorted(values, key=len, reverse=True)

    def whole(self) -> np.ndarray:
        result = self.sum()
        for words in (" repeated", " in every place"):
            self.take(words)
        if self.at != len(self.text):
            raise ReadingError(f"{self.text[self.at :]!r} is left of {self.text!r}")
        return result

    def take(self, sign: str) -> bool:
        found = self.text.startswith(sign, self.at)
        self.at += len(sign) * found
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ReadingError(f"{sign!r} is missing before {self.text[self.at :]!r} of {self.text!r}")

    def sum(self) -> np.ndarray:
        result = -self.product() if self.take("−") else self.product()
        while True:
            if self.take(" + "):
                result = result + self.product()
            elif self.take(" − "):
                result = result - self.product()
            else:
                return result

    def product(self) -> np.ndarray:
        result, mixed = self.factor(), False
        is_sum = self.is_open
        while True:
            if is_sum and self.text.startswith((" · ", " ⊙ ", " ⊗ "), self.at):
                raise ReadingError(f"a factor behind Σ without brackets in {self.text!r}")
            if self.take(" · "):
                right = self.factor()
                single = min(result.size, right.size) == 1
                if mixed and not single:
                    raise ReadingError(f"a product of matrices behind another sign in {self.text!r}")
                result = result * right if single else matrix_product(result, right)
            elif self.take(" ⊙ "):
                result, mixed = each(result, self.factor()), True
            elif self.take(" ⊗ "):
                result, mixed = outer(result, self.factor()), True
            elif self.take(" / "):
                divisor = self.factor()
                result, mixed = result / divisor, mixed or divisor.size > 1
            elif self.text.startswith(" ", self.at) and self._starts_factor():
                self.need(" ")
                if result.size > 1:
                    raise ReadingError(f"no sign between factors in {self.text!r}")
                result = result * self.factor()
            else:
                return result
            is_sum = self.is_open

    def _starts_factor(self) -> bool:
        rest = self.text[self.at + 1 :]
        return not rest.startswith(("+ ", "− ", "repeated", "in every place")) and rest[:1] not in tuple(
            "=≠>≥<≤←^"
        )

    def factor(self) -> np.ndarray:
        if self.take("−"):
            return -self.factor()
        found = self.match(_TOTAL)
        if found:
            bare = not self.text.startswith("(", self.at)
            result = total(self.factor(), found[1] or "")
            self.is_open = bare
            return result
        base = self.atom()
        self.is_open = False
        while True:
            power = self.match(_POWER)
            if power:
                base = base ** float(power[0].translate(SUPERSCRIPTS))
            elif self.take("ᵀ"):
                base = transposed(base)
            elif self.text.startswith("[", self.at):
                base = self.element(base)
            elif self.take(" ^ "):
                base = base ** self.factor()
            else:
                self.is_open = False
                return base

    def atom(self) -> np.ndarray:
        for name in self.names:
            if self.match(re.compile(re.escape(name) + r"(?![A-Za-z0-9_(])")):
                return np.asarray(self.values[name]) * 1.0
        number = self.match(_NUMBER)
        if number:
            return np.asarray(float(number[0].replace("−", "-").replace("∞", "inf")))
        if self.take("("):
            inside = self.sum()
            self.need(")")
            return inside
        if self.take("|"):
            inside = self.sum()
            self.need("|")
            return np.abs(inside)
        if self.take("["):
            return self.comparison()
        word = self.match(_WORD)
        if not word:
            raise ReadingError(f"nothing known at {self.text[self.at :]!r} of {self.text!r}")
        return self.call(word[0])

    def comparison(self) -> np.ndarray:
        left = self.sum()
        self.need(" ")
        sign = self.text[self.at]
        self.need(f"{sign} ")
        result = _COMPARISONS[sign](left, self.sum())
        self.need("]")
        return result * 1.0

    def call(self, name: str) -> np.ndarray:
        self.need("(")
        arguments, settings = [], {}
        while not self.take(")"):
            setting = self.match(re.compile(r"(\w+)=(\([^()]*\)|[^,()]+)"))
            if setting:
                settings[setting[1]] = eval(setting[2].replace("−", "-"))
            else:
                arguments.append(self.sum())
            self.take(", ")
        function = self.values.get(name, FUNCTIONS.get(name))
        if function is None:
            raise ReadingError(f"no function {name!r}, in {self.text!r}")
        return np.asarray(function(*arguments, **settings))

    def element(self, x: np.ndarray) -> np.ndarray:
        """x[index], x[index ← y], or x[index += y]."""
        self.need("[")
        start, depth = self.at, 1
        for arrow in re.compile(r"[\[\]]| ← | \+= ").finditer(self.text, start):
            depth += {"[": 1, "]": -1}.get(arrow[0], 0)
            if depth == 0 or (depth == 1 and arrow[0] in (" ← ", " += ")):
                break
        code = self.text[start : arrow.start()]
        places = {}
        for name in self.names:
            if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", code):
                array = np.asarray(self.values[name])
                places[f"_{len(places)}"] = array if array.dtype == bool else array.astype(int)
                code = code.replace(name, [*places][-1])
        index = eval(f"_[{code}]", {"_": np.s_, **places})
        self.at = arrow.end()
        if arrow[0] == "]":
            return x[index]
        y = self.sum()
        self.need("]")
        x = np.array(x)
        if arrow[0] == " ← ":
            x[index] = y
        else:
            np.add.at(x, index, y)
        return x


# What the signs mean.


def plain(x: np.ndarray) -> np.ndarray:
    """`x` without what is not written: dimensions of size 1 in front of a row, or of a single number."""
    if x.size == 1:
        return x.reshape(())
    return x[0] if x.ndim == 2 and len(x) == 1 else x


def each(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x ⊙ y, of which one side has the shape of the result."""
    z = x * y
    if z.size > max(x.size, y.size):
        raise ReadingError(f"{x.shape} ⊙ {y.shape} is larger than both")
    return z


def outer(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x ⊗ y."""
    x, y = plain(x), plain(y)
    return x[:, None] * y if x.ndim == y.ndim == 1 else x * y


def matrix_product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x · y, where a vector on the right counts as a column."""
    x, y = plain(x), plain(y)
    if y.ndim == 1 and x.shape[-1] != len(y):
        y = y[None]
    return x @ y


def transposed(x: np.ndarray) -> np.ndarray:
    """xᵀ, which is a column for a row."""
    return plain(x)[:, None] if plain(x).ndim == 1 else plain(x.swapaxes(-1, -2))


def dims_of(x: np.ndarray, words: str) -> tuple[int, ...] | None:
    if not words:
        return None
    if words.startswith("dim"):
        return tuple(int(n) for n in re.findall(r"\d+", words))
    if x.ndim > 2:
        raise ReadingError(f"{words} of {x.ndim} dimensions")
    return {"rows": (0,), "columns": (1,)}[words]


def total(x: np.ndarray, words: str) -> np.ndarray:
    """Σ x."""
    x = np.atleast_2d(x) if words in ("rows", "columns") else x
    dims = dims_of(x, words)
    return x.sum() if dims is None else x.sum(axis=dims, keepdims=words != "rows")


def along(function: Any) -> Any:
    """A function along the rows of a matrix, or the dimension that is named."""

    def computed(x: np.ndarray, *, dim: int | None = None, **settings: Any) -> np.ndarray:
        if dim is None and x.ndim > 2:
            raise ReadingError(f"no dimension for {x.ndim} dimensions")
        return function(x, -1 if dim is None else dim, **settings)

    return computed


def reduced(one: Any, two: Any = None) -> Any:
    """`max(x)` of all numbers, `max(x, dim=1)` along a dimension that stays, or `max(x, y)` of two."""

    def computed(x: np.ndarray, *other: np.ndarray, dim: Any = None) -> np.ndarray:
        if other:
            return two(x, *other)
        return one(x) if dim is None else one(x, axis=dim, keepdims=True)

    return computed


def softmax(x: np.ndarray, dim: int) -> np.ndarray:
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def standardize(x: np.ndarray, dim: Any, eps: float) -> np.ndarray:
    distance = x - x.mean(axis=dim, keepdims=True)
    return distance / np.sqrt((distance**2).mean(axis=dim, keepdims=True) + eps)


def logsumexp(x: np.ndarray, **where: Any) -> np.ndarray:
    return np.log(np.exp(x).sum(**where))


FUNCTIONS: dict[str, Any] = {
    **{
        name: getattr(np, name)
        for name in ("exp", "log", "tanh", "sin", "cos", "sign", "sinh", "cosh", "expm1", "log1p")
    },
    "√": np.sqrt,
    "σ": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "log_sigmoid": lambda x: -np.log1p(np.exp(-x)),
    "where": lambda c, x, y: np.where(c != 0, x, y),
    "max": reduced(np.max, np.maximum),
    "min": reduced(np.min, np.minimum),
    "softmax": along(softmax),
    "log_softmax": along(lambda x, dim: np.log(softmax(x, dim))),
    "standardize": along(standardize),
    "logsumexp": reduced(logsumexp),
    "cat": lambda *xs, dim: np.concatenate(xs, axis=dim),
    "zeros": lambda *shape: np.zeros([int(n) for n in shape]),
    "reshape": lambda x, *shape: x.reshape([int(n) for n in shape]),
    "squeeze": lambda x, dim: x.squeeze(int(dim)),
    "unsqueeze": lambda x, dim: np.expand_dims(x, int(dim)),
    "permute": lambda x, *dims: x.transpose([int(n) for n in dims]),
    "expand": lambda x, *shape: np.broadcast_to(x, [int(n) for n in shape]),
}


def holds(left: np.ndarray, right: np.ndarray) -> bool:
    """True if `left = right` is true: the numbers are those of the name on the left, of its shape."""
    right = plain(right)
    if math.prod(left.shape) == right.size:
        right = right.reshape(left.shape) if _sides(left) == _sides(right) else right
    try:
        right = np.broadcast_to(right, left.shape)
    except ValueError:
        return False
    scale = np.abs(left).max(initial=0)
    return bool(np.allclose(left, right, rtol=1e-4, atol=1e-5 * scale + ROUNDING))


def _sides(x: np.ndarray) -> list[int]:
    return [n for n in x.shape if n != 1]
