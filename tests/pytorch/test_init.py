"""`nn.init` against PyTorch's: what is no draw is equal, and what is drawn has the same spread."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

GAINS = ["linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
DRAWN = {
    "uniform_": (-2, 3),
    "normal_": (1, 2),
    "trunc_normal_": (0.5, 1, -1, 1),
    "xavier_uniform_": (2,),
    "xavier_normal_": (0.5,),
    "kaiming_uniform_": (0.3, "fan_out"),
    "kaiming_normal_": (0, "fan_in", "relu"),
    "orthogonal_": (3,),
}


@pytest.mark.parametrize("name", GAINS)
def test_gains_are_pytorchs(name):
    parameter = 0.2 if name == "leaky_relu" else None

    found = tinygrad_edu.nn.init.calculate_gain(name, parameter)

    assert found == torch.nn.init.calculate_gain(name, parameter)


@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 4, 3, 2), (2, 3, 1, 2, 3)])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_is_pytorchs(shape, groups):
    found = tinygrad_edu.nn.init.dirac_(tinygrad_edu.ones(*shape), groups)

    np.testing.assert_array_equal(found, torch.nn.init.dirac_(torch.ones(shape), groups))


def test_eye_is_pytorchs():
    found = tinygrad_edu.nn.init.eye_(tinygrad_edu.ones(3, 5))

    np.testing.assert_array_equal(found, torch.nn.init.eye_(torch.ones(3, 5)))


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_has_pytorchs_distribution(name):
    shape, samples = (60, 50, 3, 2), []
    for library in (tinygrad_edu, torch):
        library.manual_seed(0)
        tensor = getattr(library.nn.init, name)(library.zeros(*shape, dtype=library.float64), *DRAWN[name])
        samples.append(np.sort(tensor.numpy().ravel()))

    quantiles = [np.quantile(sample, np.linspace(0.02, 0.98, 25)) for sample in samples]
    np.testing.assert_allclose(*quantiles, atol=0.1 * samples[1].std())


def test_the_names_are_pytorchs():
    theirs = {name for name in dir(torch.nn.init) if name.endswith("_") and name[0] != "_"}

    assert theirs == {name for name in dir(tinygrad_edu.nn.init) if name.endswith("_") and name[0] != "_"}
