"""Scans: operations whose k-th result depends on the first k numbers along `dim`, and the product of all of them.

`dim` is one non-negative dimension. The adjoint of a scan is a scan from the other end.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Operation
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.elementwise import equal, exp, log, where
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.reduce import kept_shape, picked_shape, same_shape
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

FIRST, LAST, BACKWARDS = slice(1), slice(-1, None), slice(None, None, -1)
FRONT, REST = slice(-1), slice(1, None)  # all but the last, all but the first

_scan = partial(operation, shape=same_shape, example=lambda n: ([(n, n + 1)], {"dim": 1}))


def part(x: Data, dim: int, which: slice) -> Data:
    """`x[..., which, ...]` along `dim`."""
    return x[along(dim, which)]


def backwards(scan: Operation, *xs: Data, dim: int) -> Data:
    """The scan from the last number to the first."""
    return part(scan(*(part(x, dim, BACKWARDS) for x in xs), dim=dim), dim, BACKWARDS)


def _cumsum_rule(g: Data, _y: Data, _x: Data, *, dim: int) -> Data:
    return backwards(cumsum, g, dim=dim)


@_scan(_cumsum_rule, numpy="np.cumsum(x, axis=dim)", javascript="scanned((a, b) => a + b)", scalars=ARRAYS)
def cumsum(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """`y[k] = x[0] + ... + x[k]` along `dim`."""
    return np.cumsum(x, axis=dim, out=out)


def _cumprod_rule(g: Data, y: Data, x: Data, *, dim: int) -> Data:
    # The gradient of x[k] is y[k - 1] * s[k], s[k] = g[k] + x[k + 1] * s[k + 1]: nothing is divided by x.
    s = backwards(recurrence, part(x, dim, REST), g, dim=dim)
    return cat(part(s, dim, FIRST), part(y, dim, FRONT) * part(s, dim, REST), dim=dim)


@_scan(_cumprod_rule, numpy="np.cumprod(x, axis=dim)", javascript="scanned((a, b) => a * b)", scalars=ARRAYS)
def cumprod(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """`y[k] = x[0] * ... * x[k]` along `dim`."""
    return np.cumprod(x, axis=dim, out=out)


def _logcumsumexp_rule(g: Data, y: Data, x: Data, *, dim: int) -> Data:
    # exp(x[k]) * (g[k] / exp(y[k]) + g[k + 1] / exp(y[k + 1]) + ...), where no exponent is above 0.
    before, after = part(y, dim, FRONT), part(y, dim, REST)
    links = exp(where(equal(before, after), 0, before - after))  # infinities, too, have no distance
    return exp(x - y) * backwards(recurrence, links, g, dim=dim)


@_scan(
    _logcumsumexp_rule,
    promotes=True,
    gives_floats=True,
    numpy="np.logaddexp.accumulate(x, axis=dim)",
    notation=written.function("logcumsumexp"),
    paper=lambda x, *, dim: log(cumsum(exp(x), dim=dim)),
)
def logcumsumexp(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """`y[k] = log(exp(x[0]) + ... + exp(x[k]))` along `dim`, without overflow."""
    return np.logaddexp.accumulate(x, axis=dim, out=out)


def _terms_rule(g: Data, _y: Data, links: Data, _x: Data, *, dim: int) -> Data:
    return backwards(recurrence, links, g, dim=dim)


def _links_rule(g: Data, y: Data, links: Data, x: Data, *, dim: int) -> Data:
    return part(_terms_rule(g, y, links, x, dim=dim), dim, REST) * part(y, dim, FRONT)


@operation(
    _links_rule,
    _terms_rule,
    shape=lambda _links, x, *, dim: x,
    example=lambda n: ([(n, n), (n, n + 1)], {"dim": 1}),
    javascript="recurrence",
    scalars=ARRAYS,
)
def recurrence(links: np.ndarray, x: np.ndarray, *, dim: int) -> np.ndarray:
    """`y[k] = x[k] + links[k - 1] * y[k - 1]` along `dim`; there is one link fewer than numbers."""
    rows = list(np.moveaxis(x, dim, 0))
    for k, link in enumerate(np.moveaxis(links, dim, 0)):
        rows[k + 1] = rows[k + 1] + link * rows[k]
    return np.stack(rows, axis=dim) if rows else x


def _prod_rule(g: Data, _y: Data, x: Data, *, dim: int, keepdim: bool) -> Data:
    return g.reshape(kept_shape(x.shape, (dim,))) * _product_of_others(x, dim)


def _product_of_others(x: Data, dim: int) -> Data:
    """For each number the product of those before and after it: nothing is divided by x."""
    if x.shape[dim] < 2:
        return x**0
    before = cumprod(part(x, dim, FRONT), dim=dim)
    after = backwards(cumprod, part(x, dim, REST), dim=dim)
    middle = part(before, dim, FRONT) * part(after, dim, REST)
    return cat(part(after, dim, FIRST), middle, part(before, dim, LAST), dim=dim)


@operation(
    _prod_rule,
    shape=picked_shape,
    example=lambda n: ([(n, n + 1)], {"dim": 1, "keepdim": False}),
    numpy="x.prod(axis=dim, keepdims=keepdim)",
    javascript="(x, { dim, keepdim }) => reduced((a, b) => a * b, 1)(x, { dims: [dim], keepdim })",
    scalars=ARRAYS,
)
def prod(x: np.ndarray, *, dim: int, keepdim: bool, out: np.ndarray | None = None) -> Any:
    """The product along `dim`; 1 of no numbers."""
    return x.prod(axis=dim, keepdims=keepdim, out=out)
