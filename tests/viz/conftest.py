"""Graphs and names that several tests draw."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import tensor

HOSTILE = {
    "html": "<b>W</b>",
    "script": "</title></svg><script>alert(1)</script>",
    "image": '<img src=x onerror="alert(1)">',
    "quotes": "a\"b'c`d",
    "backslashes": "\\",
    "dot escapes": r"a\N \G \E \l \r \"",
    "record": "{a|b}<c>",
    "entity": "&lt; &amp; &#92;N &nope;",
    "cdata": "]]>",
    "port": "a:b:c -> d; }",
    "lines": "first\nsecond\r\tthird\u2028fourth",
    "controls": "\x00\x01\x07\x1b[31m\x7f\x85",
    "surrogate": "half \ud800 pair \udfff",
    "noncharacter": "\ufffe\uffff",
    "direction": "abc\u202edef",
    "blank": "  \t ",
    "long": "x" * 10_000,
    "long markup": '<&"\\' * 2_500,
    "wide": "重み行列" * 40,
    "formula": "W₁ᵀ·⊙σ",
    "latex": r"\input{/etc/passwd}\write18{x}\end{document}%$x$#1 ^^M",
    "typst": '#read("/etc/passwd") $x$ *b* <label> @ref',
    "path": "../../etc/passwd\x00.svg",
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request):
    """A name that breaks pictures which do not escape."""
    return request.param


@pytest.fixture
def product(hostile):
    """A small graph in which everything has the hostile name."""
    x = tensor([[1.0, 2.0]], requires_grad=True, name=hostile)
    w = tensor([[3.0], [4.0]], requires_grad=True, name=hostile)
    y = x @ w + 1
    y.name = hostile
    return y.sum()


@pytest.fixture
def two_layers():
    """Problem 2 of the exam, written with the paper's own functions; not yet backward: (loss, locals())."""
    X = np.array([[1, 2, 3, 0], [2, 4, 1, 0], [4, 3, 2, 0]])
    Y = np.array([[0], [1], [1]])
    W1, W2 = tensor(np.ones((4, 3)), requires_grad=True), tensor(np.ones((3, 1)), requires_grad=True)
    B, C = tensor(np.zeros((1, 3)), requires_grad=True), tensor(np.zeros((1, 1)), requires_grad=True)
    Z1 = X @ W1 + B
    H1 = 1 / (1 + np.exp(-Z1))
    Z2 = H1 @ W2 + C
    yhat = Z2.sigmoid()
    loss = (-Y * np.log(yhat + 1e-10) - (1 - Y) * np.log(1 - yhat + 1e-10)).mean()
    return loss, locals()
