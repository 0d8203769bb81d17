"""Elementwise operations as expressions of C.

The line of NumPy in the row of an operation is the line of C where both languages write it alike, and functions that
the C library has are called. The table has what C writes in another way. A user's own operation is written from the
formula that its function makes of symbols.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.codegen.c.access import ATOM, LOOSE, PRODUCT, SUM, bracketed, literal
from tinygrad_edu.symbolic.expression import Expression, number_in, rebuilt, symbol

# The functions of the C library that NumPy has, too, under this name or another.
_NAMES = (
    "acos acosh asin asinh atan atan2 atanh ceil cos cosh erf erfc exp expm1 floor fmod hypot lgamma log log10 log1p "
    "log2 pow sin sinh sqrt tan tanh trunc copysign nextafter fabs fmax fmin rint"
)
MATH = frozenset(_NAMES.split())
_ARITHMETIC = re.compile(r"[xyc\s\d<>=!+/*&|^-]+")
_ONE_CALL = re.compile(r"\w+\([\w, .]*\)")  # whose arguments need no brackets
# How tightly arguments must bind to stand without brackets: a sum goes from left to right.
_LEVELS = {
    "x + y": (SUM, PRODUCT),
    "x - y": (SUM, PRODUCT),
    "x * y": (PRODUCT, ATOM),
    "x / y": (PRODUCT, ATOM),
}
_CALL = re.compile(r"\b(\w+)\(")

# By name, of our own operations. A name with a capital is a function of HELPERS.
_TABLE = {
    "where": "c ? x : y",
    "sign": "(x > 0) - (x < 0)",
    "absolute": "fabs(x)",
    "relu": "x <= 0 ? 0 : x",  # nan stays
    "sigmoid": "Sigmoid(x)",
    "softplus": "LogAddExp(0.0, x)",
    "power": "pow(x, y)",
    "maximum": "x > y || x != x ? x : y",
    "minimum": "x < y || x != x ? x : y",
    "clamp_min": "x > y || x != x ? x : y",
    "clamp_max": "x < y || x != x ? x : y",
    "same": "x == y || (x != x && y != y)",
    "binary_cross_entropy": "(y - 1) * AtLeast(log1p(-p), -100) - y * AtLeast(log(p), -100)",
    "logical_and": "x && y",
    "logical_or": "x || y",
    "logical_xor": "!x != !y",
    "logical_not": "!x",
    "isnan": "x != x",
    "isinf": "isinf(x) != 0",
    "isfinite": "isfinite(x) != 0",
    "sinc": "x == 0 ? 1 : sin(3.141592653589793 * x) / (3.141592653589793 * x)",
    "logaddexp": "LogAddExp(x, y)",
    "erf": "erf(x)",
    "erfc": "erfc(x)",
    "lgamma": "lgamma(x)",
    "entr": "x > 0 ? -x * log(x) : x == 0 ? 0 : x != x ? x : -INFINITY",
    "logit": "log(x / (1 - x))",
    "xlogy": "x == 0 && y == y ? 0 : x * log(y)",
    "xlog1py": "x == 0 && y == y ? 0 : x * log1p(y)",
    "round": "rint(x)",
    "signbit": "signbit(x) != 0",
    "floor_divide": "FloorDivide(x, y)",
    "trunc_divide": "trunc(x / y)",
    "remainder": "Remainder(x, y)",
    "fmod": "fmod(x, y)",
}
# What C writes for whole numbers, or booleans, in another way; None where it has none.
_WHOLE: dict[str, str | None] = {
    "absolute": "x < 0 ? -x : x",
    "power": None,
    "floor": "x",
    "ceil": "x",
    "trunc": "x",
    "round": "x",
    "fmod": None,
    "floor_divide": None,
    "trunc_divide": None,
    "remainder": None,
    "isinf": "x != x",
    "isfinite": "x == x",
    "signbit": "x < 0",
    "invert": "~x",
}
_BOOLEAN: dict[str, str | None] = {
    **_WHOLE,
    "add": "x || y",
    "multiply": "x && y",
    "maximum": "x || y",
    "minimum": "x && y",
    "invert": "!x",
    "sign": "x",
    "absolute": "x",
    "signbit": "false",
}

HELPERS = {
    "Sigmoid": """
static double Sigmoid(double x)
{
    if (x > 0)
        return 1 / (1 + exp(-x));
    const double e = exp(x); /* exp(-x) of a large negative x would overflow */
    return e / (1 + e);
}""",
    "LogAddExp": """
static double LogAddExp(double x, double y)
{
    if (x == y)
        return x + log(2.0); /* also of infinities, whose difference is no number */
    return (x > y ? x : y) + log1p(exp(-fabs(x - y)));
}""",
    "AtLeast": """
static double AtLeast(double x, double low)
{
    return x < low ? low : x; /* nan stays, which fmax would drop */
}""",
    "Remainder": """
static double Remainder(double x, double y)
{
    const double rest = fmod(x, y);
    if (rest == 0)
        return copysign(0.0, y);
    return (rest < 0) != (y < 0) ? rest + y : rest; /* it has the sign of y */
}""",
    "FloorDivide": """
static double FloorDivide(double x, double y)
{
    if (y == 0)
        return x / y;
    const double rest = fmod(x, y);
    const double whole = (x - rest) / y - (rest != 0 && (rest < 0) != (y < 0));
    if (whole == 0)
        return copysign(0.0, x / y);
    const double down = floor(whole);
    return whole - down > 0.5 ? down + 1 : down; /* the division was rounded */
}""",
}


def c_line(operation: Operation, kind: str) -> str:
    """The expression that computes `operation` on numbers of the C type `kind`, in the names of its inputs; or ""."""
    name = operation.name
    if OPERATIONS.get(name) is operation:
        other = _BOOLEAN if kind == "bool" else _WHOLE if kind not in ("double", "float") else {}
        if name in other or name in _TABLE:
            return other.get(name, _TABLE.get(name)) or ""
    line, forward = operation.readings.numpy, operation.forward
    if isinstance(line, str) and _ARITHMETIC.fullmatch(line) and "**" not in line:
        return line if kind != "bool" or not set("+-*/") & set(line) else ""
    known = getattr(forward, "__name__", "").replace("arc", "a")
    if isinstance(forward, np.ufunc) and known in MATH:
        return f"{known}({', '.join(operation.input_names)})"
    return ""


def element(operation: Operation, arguments: Sequence[str], kind: str) -> str:
    """One number of the result, as an expression of the type `kind` in which `arguments` are atoms.

    Raises `NotImplementedError` with the name of an operation without C.
    """
    line = c_line(operation, kind)
    if line:
        return _filled(line, operation.input_names, arguments, kind)
    if not isinstance(operation, Elementwise) or kind not in ("double", "float"):
        raise NotImplementedError(operation.name)
    names = [symbol(name) for name in operation.input_names]
    return formula_text(_formula(operation, names), dict(zip(names, arguments)), kind)


def formula_text(formula: Any, given: Mapping[Expression, str], kind: str = "double") -> str:
    """A formula as an expression of C; `given` has the texts of its symbols."""

    def written(node: Expression, inputs: tuple[Any, ...]) -> str:
        number = number_in(node)
        if node.operation is None:
            return given[node]
        if number is not None:
            return literal(number, kind)
        parts = [x if isinstance(x, str) else literal(x, kind) for x in inputs]
        return element(node.operation, parts, kind)

    text = rebuilt(formula, written)
    return text if isinstance(text, str) else literal(text, kind)


def _formula(operation: Elementwise, names: list[Expression]) -> Any:
    """The operation in simpler ones: as its row has it on paper, or as its own function computes it on symbols."""
    function: Callable[..., Any] = operation.readings.paper or operation.forward
    if isinstance(function, np.ufunc) or OPERATIONS.get(operation.name) is operation:
        raise NotImplementedError(operation.name)  # what an own operation is on paper may lose digits
    try:
        formula = function(*names)
    except Exception as error:
        raise NotImplementedError(operation.name) from error
    if isinstance(formula, Expression) and formula.operation is operation:
        raise NotImplementedError(operation.name)
    return formula


def _filled(line: str, names: Sequence[str], arguments: Sequence[str], kind: str) -> str:
    """`line` with the arguments in place of the names, and the functions of the type `kind`."""
    levels = _LEVELS.get(line, (LOOSE if _ONE_CALL.fullmatch(line) else ATOM,) * len(names))
    places = {name: bracketed(x, level) if level else x for name, x, level in zip(names, arguments, levels)}
    suffix = "f" if kind == "float" else ""
    line = _CALL.sub(lambda m: f"{m[1]}{suffix}(" if m[1] in MATH else m[0], line)
    return re.sub(r"[a-z]\w*", lambda m: places.get(m[0], m[0]), line).replace("--", "- -")
