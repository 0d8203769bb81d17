"""Random networks to make mistakes in, as plain arrays: layers, data and weights from a seed.

All sizes differ, nothing is zero and no two weights are equal, so that as few mistakes as possible look alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

Array = np.ndarray
Generator = np.random.Generator

HIDDEN = ("sigmoid", "tanh", "relu")
OUTPUTS = {"BCE": ("sigmoid",), "CE": ("softmax",), "MSE": ("linear", "sigmoid", "tanh")}
KINDS = ("chain", "chain", "chain", "chain", "shared", "skip", "norm", "conv")


@dataclass(frozen=True)
class Network:
    """Layers a[k] = f[k](a[k-1] W + b), k from 1, and the loss of the last one, p, against Y.

    `uses[k-1]` is the number of the parameters of layer k. The kinds: "chain"; "shared", where layers 1 and 2 have
    the same parameters; "skip", where a[1] is added to a[2]; "norm", where z[1] is normalised over the batch;
    "conv", where layer 1 slides over the input. The loss is summed over outputs and divided by `count`; MSE has the
    factor `half`; `l2` times the sum of the squared weights is added.
    The student divides by `count` at the last delta or, if `late`, at the gradients of the parameters.
    """

    seed: int
    kind: str
    loss: str
    activations: tuple[str, ...]
    uses: tuple[int, ...]
    X: Array
    Y: Array
    count: int
    half: float
    l2: float
    lr: float
    late: bool
    turned: bool  # whether weights are kept as (out, in), as in Linear
    parameters: dict[str, Array] = field(repr=False)

    @property
    def layers(self) -> range:
        """The numbers of the layers."""
        return range(1, len(self.uses) + 1)

    @property
    def depth(self) -> int:
        """The number of the last layer."""
        return len(self.uses)

    def weight(self, layer: int) -> str:
        """The name of the weights of a layer."""
        return f"W{self.uses[layer - 1]}"

    def bias(self, layer: int) -> str:
        """The name of the bias of a layer."""
        return f"b{self.uses[layer - 1]}"

    def as_kept(self, name: str, values: Array) -> Array:
        """A gradient in the form in which the parameter is kept: turned round for the weights of a Linear."""
        ours = self.parameters[name].shape
        turn = self.turned and name.startswith("W") and values.shape in (ours, ours[::-1])
        return values.T if turn else values


def draw(seed: int, attempt: int = 0) -> Network:
    """A network. The seed decides what kind it is and how it is written, seed and attempt the sizes and numbers."""
    rng = np.random.default_rng([seed, 0])
    kind, loss = str(rng.choice(KINDS)), str(rng.choice(list(OUTPUTS)))
    uses = {"shared": (1, 1, 2), "skip": (1, 2, 3), "norm": (1, 2), "conv": (1, 2)}.get(kind)
    uses = uses or tuple(range(1, int(rng.integers(1, 4)) + 1))
    hidden = [str(name) for name in rng.choice(HIDDEN, len(uses) - 1)]
    if kind == "shared":
        hidden[1] = hidden[0]
    rng = np.random.default_rng([seed, 1, attempt])
    rows, *sizes = _sizes(rng, kind, loss, len(uses))
    X, weights = _inputs(rng, (rows, sizes[0])), _weights(rng, kind, uses, sizes)
    output = str(rng.choice(OUTPUTS[loss]))
    per_output = loss == "BCE" or (loss == "MSE" and rng.random() < 0.6)
    return Network(
        seed=seed,
        kind=kind,
        loss=loss,
        activations=(*hidden, output),
        uses=uses,
        X=X,
        Y=_targets(rng, output, loss, (rows, sizes[-1])),
        count=rows * sizes[-1] if per_output else rows,
        half=1.0 if per_output or loss != "MSE" else 0.5,
        l2=float(rng.choice([0.1, 0.05])) if rng.random() < 0.2 else 0.0,
        lr=float(rng.choice([0.5, 0.1, 0.05])),
        late=bool(rng.random() < 0.3),
        turned=kind in ("chain", "shared", "skip") and rng.random() < 0.4,
        parameters=weights,
    )


def _sizes(rng: Generator, kind: str, loss: str, layers: int) -> list[int]:
    """N and the width of each layer, all different but where a layer must fit its neighbour."""
    rows, width, *rest = (int(n) for n in rng.permutation(np.arange(3, 9))[: layers + 1])
    outputs = 1 if loss == "BCE" and rng.random() < 0.5 else 2
    sizes = [rows, width, *rest, outputs]
    if loss != "BCE":
        sizes[-1] = int(rng.choice([n for n in range(2, 7) if n not in sizes[:-1]]))
    if kind == "shared":
        sizes[2:4] = [sizes[1]] * 2
    if kind == "skip":
        sizes[3] = sizes[2]
    if kind == "conv":
        sizes[1] += 6  # long enough to slide over, and not N
    return sizes


def _away_from_zero(rng: Generator, shape: tuple[int, ...], least: float, most: float) -> Array:
    return rng.uniform(least, most, shape) * rng.choice([-1, 1], shape)


def _inputs(rng: Generator, shape: tuple[int, ...]) -> Array:
    return _away_from_zero(rng, shape, 0.3, 2.0)


def _targets(rng: Generator, output: str, loss: str, shape: tuple[int, int]) -> Array:
    """0 and 1, one-hot rows or numbers the output can reach; never all of one class."""
    rows, outputs = shape
    if loss == "CE":
        classes = rng.permutation(np.arange(rows) % outputs)
        return np.eye(outputs)[classes]
    if loss == "BCE":
        return np.stack([rng.permutation(np.arange(rows) % 2) for _ in range(outputs)], axis=1).astype(float)
    return rng.uniform(0.05, 0.95, shape) if output == "sigmoid" else _away_from_zero(rng, shape, 0.1, 0.9)


def _weights(rng: Generator, kind: str, uses: tuple[int, ...], sizes: list[int]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for use, (n, m) in zip(uses, _shapes(kind, sizes), strict=True):
        if f"W{use}" not in found:
            found[f"W{use}"] = _away_from_zero(rng, (n, m), 0.1, 2.2) / np.sqrt(n)
            found[f"b{use}"] = _away_from_zero(rng, (m,), 0.05, 0.8)
    if kind == "norm":  # a bias before a normalisation has no effect
        del found["b1"]
        found["gamma1"] = _away_from_zero(rng, (sizes[1],), 0.5, 1.5)
        found["beta1"] = _away_from_zero(rng, (sizes[1],), 0.1, 0.5)
    return found


FILTERS, WINDOW = 2, 3  # of the convolution


def _shapes(kind: str, sizes: list[int]) -> Iterator[tuple[int, int]]:
    if kind == "conv":
        yield WINDOW, FILTERS
        yield (sizes[0] - WINDOW + 1) * FILTERS, sizes[-1]
    else:
        yield from pairwise(sizes)
