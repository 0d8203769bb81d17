from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exercise import Exercise, audit

N, D, H, K = 5, 3, 6, 7


def network(X, Y, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = z1.sigmoid()
    z2 = a1 @ W2 + b2
    p = z2.softmax(1)
    return -(Y * p.log()).sum(1).mean(), {"z1": z1, "a1": a1, "z2": z2, "p": p}


def numbers():
    rng = np.random.default_rng(0)
    shapes = {"X": (N, D), "W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    data = {name: rng.normal(size=shape).round(2) for name, shape in shapes.items()}
    return data | {"Y": np.eye(K)[rng.integers(0, K, N)]}


@pytest.fixture(scope="session")
def exercise():
    """Two layers, a cross-entropy, all sizes different; 6 points."""
    ask = ["W1", "b1", "dz2", "W2"]
    return Exercise(network, numbers(), ask, title="Two layers", points={"W1": 3}, parameters=["b2"])


@pytest.fixture
def hasty(monkeypatch):
    """The first random numbers are taken, as where no numbers are good: none is worth the wait for another."""
    monkeypatch.setattr(audit, "MAX_AUDITED", 1)


@pytest.fixture(scope="session")
def small():
    """N = K = 2."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "MAX_AUDITED", 1)
        return Exercise.random(0, layers=[3, 5, 2], examples=2)
