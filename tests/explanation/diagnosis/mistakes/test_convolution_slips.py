"""Wrong rules of a convolution."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import conv2d

rng = np.random.default_rng(0)
X, K, B = rng.normal(size=(3, 2, 6, 6)), rng.normal(size=(4, 2, 3, 3)), rng.normal(size=4)


def network():
    """A convolution, the names of its tensors, the deltas of its result, and its windows as rows."""
    t = {name: tensor(a, requires_grad=True, name=name) for name, a in (("X", X), ("K", K), ("b", B))}
    z = conv2d(t["X"], t["K"], t["b"])
    loss = ((z - 1) ** 2).sum()
    loss.backward()
    windows = np.lib.stride_tricks.sliding_window_view(X, (3, 3), axis=(2, 3))
    return loss, t, 2 * (z.raw - 1), windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 18)


def turned(d, _windows):
    g = np.zeros_like(X)
    for i, j in np.ndindex(4, 4):
        part = np.einsum("nf,fcab->ncab", d[:, :, i, j], K[:, :, ::-1, ::-1])
        g[:, :, i : i + 3, j : j + 3] += part
    return g


SLIPS = {
    "turned round": ("X", turned),
    "a reshape where a transpose belongs": (
        "K",
        lambda d, windows: (windows.T @ d.transpose(0, 2, 3, 1).reshape(-1, 4)).reshape(K.shape),
    ),
    "must be exchanged first": ("K", lambda d, windows: (d.reshape(4, -1) @ windows).reshape(K.shape)),
    "reshaped to a row for each kernel": ("b", lambda d, windows: d.reshape(4, -1).sum(1)),
    "summed over the examples only": ("b", lambda d, windows: d.sum(0)),
}


@pytest.mark.parametrize("what", SLIPS)
@pytest.mark.parametrize("alone", [False, True])
def test_a_wrong_rule_of_a_convolution_is_named(what, alone):
    loss, t, d, windows = network()
    name, wrong = SLIPS[what]
    right = {} if alone else {x: np.round(x.grad.raw, 5) for x in t.values()}

    found = diagnose(loss, {**right, t[name]: np.round(wrong(d, windows), 5)})

    assert [what in e.sentence for e in found.explanations] == [True]
