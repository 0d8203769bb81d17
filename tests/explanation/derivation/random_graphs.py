"""Random losses of a few named tensors: networks, softmaxes, norms, masks, indices, three dimensions, broadcasting."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import tinygrad_edu as torch
from tinygrad_edu.hints import warnings


class Graph(NamedTuple):
    """A loss, the tensors it is differentiated by, and the arrays of all leaves by their printed names."""

    loss: Any
    wrt: list[Any]
    arrays: dict[str, np.ndarray]


def random_graph(seed: int) -> Graph:
    """The graph of this seed: one or two leaves, some operations, and a loss."""
    return _Maker(np.random.default_rng(seed)).graph()


class _Maker:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.arrays: dict[str, np.ndarray] = {}
        self.wrt: list[Any] = []
        self.sides = [int(n) for n in rng.permutation([2, 3, 4, 5])]
        if rng.random() < 0.3:
            self.sides = [3, 3, 3, 3]  # squares hide a sum over the wrong dimension

    def graph(self) -> Graph:
        ndim = int(self.rng.choice([1, 2, 2, 2, 3]))
        z = self.leaf("z", tuple(self.sides[:ndim]))
        for _ in range(self.rng.integers(1, 5)):
            step = self.rng.choice(STEPS)
            z = step(self, z)
        loss = LOSSES[self.rng.integers(len(LOSSES))](self, z)
        return Graph(loss, self.wrt, self.arrays)

    def leaf(self, name: str, shape: tuple[int, ...], *, constant: bool = False) -> Any:
        name = (
            name
            if name not in self.arrays
            else next(n for i in range(99) if (n := f"{name}{'abcdefgh'[i]}") not in self.arrays)
        )
        array = self.rng.normal(size=shape)
        self.arrays[name] = array
        leaf = torch.tensor(array, requires_grad=not constant, name=name)
        if not constant:
            self.wrt.append(leaf)
        return leaf

    def dim(self, x: Any) -> int:
        return int(self.rng.integers(x.ndim))

    def chance(self, p: float = 0.5) -> bool:
        return bool(self.rng.random() < p)


def _layer(m: _Maker, x: Any) -> Any:
    if not x.ndim:
        return x
    if x.ndim == 1:
        return (
            x @ m.leaf("W", (x.shape[0], m.sides[-1]))
            if m.chance()
            else m.leaf("W", (m.sides[-1], x.shape[0])) @ x
        )
    y = x @ m.leaf("W", (x.shape[-1], m.sides[-1]))
    return y + m.leaf("b", (m.sides[-1],)) if m.chance() else y


def _vector_layer(m: _Maker, x: Any) -> Any:
    return x @ m.leaf("v", (x.shape[-1],)) if x.ndim > 1 else x


def _transposed(m: _Maker, x: Any) -> Any:
    return x.transpose(-1, -2) if x.ndim > 1 else x


def _softmax(m: _Maker, x: Any) -> Any:
    return x.softmax(m.dim(x)) if x.ndim else x


def _by_hand(m: _Maker, x: Any) -> Any:
    if not x.ndim:
        return x
    e, d = x.exp(), m.dim(x)
    return e / e.sum(d, keepdim=True)


def _centred(m: _Maker, x: Any) -> Any:
    return x - x.mean(m.dim(x), keepdim=True) if x.ndim else x


def _norm(m: _Maker, x: Any) -> Any:
    if not x.ndim:
        return x
    return x / ((x**2).sum(m.dim(x), keepdim=True) + 1).sqrt()


def _scaled(m: _Maker, x: Any) -> Any:
    if x.ndim < 2:
        return x
    d = m.dim(x)
    v = m.leaf("v", (x.shape[d],), constant=m.chance(0.3))
    shape = [1] * x.ndim
    shape[d] = -1
    return x * v.reshape(shape) if m.chance() else x + v.reshape(shape)


def _where(m: _Maker, x: Any) -> Any:
    return torch.where(x > 0, x, 0.1 * x)


def _index(m: _Maker, x: Any) -> Any:
    if not x.ndim:
        return x
    d = m.dim(x)
    if m.chance(0.3):
        return x[(slice(None),) * d + (slice(0, max(1, x.shape[d] - 1)),)]
    if m.chance(0.4):
        return x[(slice(None),) * d + (1 % x.shape[d],)]
    return x[(slice(None),) * d + ([int(i) for i in m.rng.integers(x.shape[d], size=3)],)]


def _reduced(m: _Maker, x: Any) -> Any:
    if not x.ndim:
        return x
    return (x.sum if m.chance() else x.mean)(m.dim(x), keepdim=m.chance(0.3))


def _times_sum(m: _Maker, x: Any) -> Any:
    """A sum without its dimension, times a vector or a matrix that fits."""
    if x.ndim < 2:
        return x
    y = x.sum(m.dim(x))
    return y * m.leaf("u", tuple(y.shape), constant=m.chance(0.3))


def _outer(m: _Maker, x: Any) -> Any:
    if x.ndim != 1:
        return x
    return x[:, None] * m.leaf("u", (m.sides[1],)) if m.chance() else x[:, None] + m.leaf("u", (m.sides[1],))


def _greatest(m: _Maker, x: Any) -> Any:
    return x - x.amax(m.dim(x), keepdim=True) * 0.5 if x.ndim else x


def _reshaped(m: _Maker, x: Any) -> Any:
    return x.reshape(-1) if m.chance() else x.reshape(-1, x.shape[0]) if x.ndim else x


def _layer_norm(m: _Maker, x: Any) -> Any:
    if x.ndim < 2:
        return x
    d = m.dim(x)
    distance = x - x.mean(d, keepdim=True)
    return distance / ((distance**2).mean(d, keepdim=True) + 1e-3).sqrt()


def _gram(m: _Maker, x: Any) -> Any:
    return x @ x.transpose(-1, -2) if x.ndim > 1 else x


def _attention(m: _Maker, x: Any) -> Any:
    return (x @ x.transpose(-1, -2)).softmax(-1) @ x if x.ndim > 1 else x


def _functions(*names: str) -> list[Any]:
    return [lambda m, x, name=name: getattr(x, name)() for name in names]


STEPS = [
    *(
        _layer,
        _layer,
        _layer,
        _vector_layer,
        _transposed,
        _softmax,
        _softmax,
        _by_hand,
        _centred,
        _norm,
        _scaled,
        _scaled,
    ),
    *(
        _where,
        _index,
        _index,
        _reduced,
        _reduced,
        _times_sum,
        _outer,
        _greatest,
        _reshaped,
        _layer_norm,
        _gram,
        _attention,
    ),
    *_functions("tanh", "sigmoid", "relu", "exp"),
]


def _to_target(m: _Maker, z: Any) -> Any:
    return ((z - m.leaf("y", tuple(z.shape), constant=True)) ** 2).mean()


def _cross_entropy(m: _Maker, z: Any) -> Any:
    if z.ndim != 2:
        return (z**2).sum()
    labels = m.rng.integers(z.shape[1], size=z.shape[0])
    with warnings.off():  # that z is the result of a softmax
        return torch.nn.functional.cross_entropy(z, torch.tensor(labels))


def _picked(m: _Maker, z: Any) -> Any:
    if z.ndim != 2:
        return z.tanh().sum()
    labels = m.rng.integers(z.shape[1], size=z.shape[0])
    return -z.log_softmax(1)[np.arange(z.shape[0]), labels].mean()


LOSSES = [
    *(_to_target, _to_target, _cross_entropy, _picked),
    lambda m, z: (z**2).sum(),
    lambda m, z: (z * m.leaf("c", tuple(z.shape), constant=True)).sum(),
    lambda m, z: z.sigmoid().mean(),
    lambda m, z: (z * z).sum().sqrt() if m.chance() else z.abs().sum(),
]
