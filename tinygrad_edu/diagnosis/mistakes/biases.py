"""Wrong gradients of biases: not the sum of the deltas over the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tinygrad_edu.diagnosis.mistakes.row import Hypothesis, Mistake
from tinygrad_edu.diagnosis.replay import Array, Grads, share
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.sites import Bias

BIAS_TIMES_INPUT = Mistake(
    "bias-times-input",
    31,
    "the sum of deltas times inputs, for the bias at {at}",
    "d{b} = ({x}.T @ d{z}).sum(axis=0)",
    "d{b} = d{z}.sum(axis=0)",
)
BIAS_AVERAGED = Mistake(
    "bias-averaged",
    31,
    "the mean of the deltas where their sum belongs, for the bias at {at}",
    "d{b} = d{z}.mean(axis=0)",
    "d{b} = d{z}.sum(axis=0)",
    (4,),
)
BIAS_ONE_SAMPLE = Mistake(
    "bias-one-sample",
    31,
    "the delta of example {i} alone, for the bias at {at}",
    "d{b} = d{z}[{i}]",
    "d{b} = d{z}.sum(axis=0)",
    (7,),
)
BIAS_AXIS = Mistake(
    "bias-wrong-axis",
    31,
    "the deltas summed along the wrong axis, for the bias at {at}",
    "d{b} = d{z}.sum(axis=1)",
    "d{b} = d{z}.sum(axis=0)",
)
MOST_SAMPLES = 64  # of which each is tried alone

Deltas = Callable[[Array], Array]


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Every wrong sum at every bias."""
    for bias in scene.biases:
        yield from _at(scene, bias)


def _alone(i: int) -> Deltas:
    return lambda g: g[i]


def _with_all(x: Array) -> Deltas:
    return lambda g: (x.T @ g).sum(axis=0)


def _with_each(x: Array) -> Deltas:
    return lambda g: (x * g).sum(axis=0)


def _at(scene: Scene, bias: Bias) -> Iterator[Hypothesis]:
    names = scene.names
    words = {
        "b": names.letter(bias.b, "b"),
        "z": names.letter(bias.node, "z"),
        "x": "x",
        "at": names.node(bias.node),
    }

    def found(mistake: Mistake, product: Deltas, **more: str) -> Hypothesis:
        def correction(grads: Grads, g: Array) -> Array:
            upstream = grads[bias.node]
            return g - share(bias.node, bias.position, upstream) + product(upstream).reshape(g.shape)

        return Hypothesis(mistake, bias.node, {bias.b: correction}, {**words, **more})

    g = scene.tape.grads[bias.node]
    yield found(BIAS_AVERAGED, lambda g: g.mean(axis=0))
    if g.shape[0] == g.shape[1]:
        yield found(BIAS_AXIS, lambda g: g.sum(axis=1))
    for i in range(min(len(g), MOST_SAMPLES)):
        yield found(BIAS_ONE_SAMPLE, _alone(i), i=str(i))
    if bias.x is not None:
        yield found(BIAS_TIMES_INPUT, _with_all(bias.x))
        if bias.x.shape == g.shape:
            yield found(BIAS_TIMES_INPUT, _with_each(bias.x))
