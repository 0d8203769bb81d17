"""Every layer: a plan of it, its picture, its derivation, its code for JAX, its copy, and its state."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import capture, draw, explain, nn, optim
from tinygrad_edu.nn import Module, Parameter
from tinygrad_edu.testing.module_examples import EXAMPLES, MAKES_MODULES

NAMES = sorted(EXAMPLES)
WITHOUT_A_NUMBER = {"Identity"}  # whose result is its input


def made(name):
    """The layer of an example, and its inputs."""
    torch.manual_seed(0)
    layer, inputs = EXAMPLES[name]
    return layer(), inputs(np.random.default_rng(0))


class Scaled(Module):
    """The layer after a scaling of its first input, if that has floats, by a parameter: then all have a gradient."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.scale = Parameter(0.75)

    def forward(self, x, *others):
        scaled = x * self.scale if x.dtype.kind == "f" else x
        result = self.layer(scaled, *others)
        while isinstance(result, tuple):
            result = result[0]
        return result


def pickled(layer):
    return pickle.loads(pickle.dumps(layer))


def step_of(net):
    optimizer = optim.SGD(net.parameters(), lr=1e-3)

    def step(*inputs):
        optimizer.zero_grad()
        y = net(*inputs)
        loss = (y * y).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step


def test_every_layer_has_an_example():
    classes = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    modules = {name for name in classes if issubclass(getattr(nn, name), Module)}
    modules -= {name for name in modules if name.startswith("Lazy")}  # which become others: see test_lazy.py

    assert modules - MAKES_MODULES == EXAMPLES.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_equals_the_steps_as_written(name):
    layer, inputs = made(name)
    nets = [Scaled(layer), Scaled(copy.deepcopy(layer))]
    steps = [step_of(nets[0]), capture(step_of(nets[1]))]

    found = []
    for step in steps:
        torch.manual_seed(1)
        found.append([step(*inputs).item() for _ in range(5)])

    assert found[0] == found[1]
    states = [{**net.state_dict()} for net in nets]
    for key, value in states[0].items():
        np.testing.assert_array_equal(value.raw, states[1][key].raw)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_plan_is_written_for_jax(name):
    layer, inputs = made(name)
    plan = capture(step_of(Scaled(layer)))
    for _ in range(3):
        plan(*inputs)

    compile(plan.source("jax"), "plan.py", "exec")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_frames_the_layer(name):
    layer, inputs = made(name)
    net = Scaled(layer)

    text = draw(net(*inputs).sum(), model=net).svg

    assert name in WITHOUT_A_NUMBER or type(layer).__name__ in text


LONG = {"Transformer", "TransformerDecoder", "TransformerEncoder"}  # of several layers


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in NAMES]
)
def test_a_derivation_is_short(name):
    layer, inputs = made(name)
    parameters = 1 + len(list(layer.parameters()))

    text = str(explain(Scaled(layer)(*inputs).sum(), names={}))

    assert len(text.splitlines()) < 110 + 40 * parameters


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_prints_its_class(name):
    layer, _ = made(name)

    assert repr(layer).startswith(f"{name}(")
    assert repr(layer).endswith(")")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))], ids=["copy", "pickle"]
)
def test_a_copy_computes_the_same_and_has_its_own_parameters(name, duplicate):
    layer, inputs = made(name)

    other = duplicate(layer)

    found = []
    for each in (layer, other):
        torch.manual_seed(1)
        found.append(Scaled(each)(*inputs).raw)
    np.testing.assert_array_equal(*found)
    assert repr(other) == repr(layer)
    assert not {id(p) for p in layer.parameters()} & {id(p) for p in other.parameters()}


@pytest.mark.parametrize("name", NAMES)
def test_the_state_comes_back(name):
    layer, inputs = made(name)
    state = copy.deepcopy(layer.state_dict())
    torch.manual_seed(1)
    before = Scaled(layer)(*inputs).raw

    torch.manual_seed(2)
    other = EXAMPLES[name][0]()
    other.load_state_dict(state)

    assert list(other.state_dict()) == list(state)
    torch.manual_seed(1)
    np.testing.assert_array_equal(Scaled(other)(*inputs).raw, before)
