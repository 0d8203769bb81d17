from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y, W, B = (rng.normal(size=shape) for shape in ((7, 4), (7, 3), (4, 3), (3,)))
D = 2 * (X @ W + B - Y) / 7
DW, DB = X.T @ D, D.sum(axis=0)
NORM = np.sqrt((DW**2).sum() + (DB**2).sum())
OLD = rng.normal(size=(4, 3))

HANDED_IN = {
    "clipped to the numbers from -0.5 to 0.5": (np.clip(DW, -0.5, 0.5), np.clip(DB, -0.5, 0.5)),
    "clipped to a norm of 1 ": (DW / NORM, DB / NORM),
    "clipped to a norm of 1, each array by itself": (DW / np.linalg.norm(DW), DB / np.linalg.norm(DB)),
    "the signs of the true gradient": (np.sign(DW), np.sign(DB)),
    "0.9 times vW plus the true gradient": (0.9 * OLD + DW, DB),
    "0.9 times vW plus 1 - 0.9 times the true gradient": (0.9 * OLD + 0.1 * DW, DB),
    "2.7 times the true gradient in dW only": (2.7 * DW, DB),
}


@pytest.mark.parametrize("what", HANDED_IN)
def test_what_was_made_of_a_gradient_is_named(what):
    w, b = (tensor(a, name=name, requires_grad=True) for name, a in {"W": W, "b": B}.items())
    loss = ((tensor(X, name="X") @ w + b - tensor(Y)) ** 2).sum() / 7

    found = diagnose(
        loss, {x: np.round(g, 6) for x, g in zip((w, b), HANDED_IN[what], strict=True)}, given={"vW": OLD}
    )

    assert what in str(found)
    assert len(found.explanations) == 1


@pytest.mark.parametrize("bound", [0.05, 0.07, 0.15, 0.3])
def test_any_bound_of_clipping_is_found(bound):
    rng = np.random.default_rng(0)
    W = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    b = tensor(rng.normal(size=3), requires_grad=True, name="b")
    loss = ((tensor(rng.normal(size=(8, 4))) @ W + b) ** 2).mean()
    loss.backward()

    found = diagnose(loss, {x: np.round(np.clip(x.grad.numpy(), -bound, bound), 5) for x in (W, b)})

    assert [e.mistake for e in found.explanations] == ["gradient-clipped"]
    assert f"from -{bound} to {bound}" in found.explanations[0].sentence
