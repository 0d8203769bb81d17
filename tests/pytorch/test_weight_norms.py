"""Weights in other coordinates against PyTorch's: states, outputs and gradients, by hooks and by parametrizations."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tests.pytorch.module_pairs import CLOSE

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

LAYERS = {
    "Linear": ((3, 2), (4, 3)),
    "Conv1d": ((3, 2, 2), (4, 3, 5)),
    "ConvTranspose1d": ((3, 2, 2), (4, 3, 5)),
}
WAYS = {
    "weight_norm": ("weight_norm", {}),
    "weight_norm of all": ("weight_norm", {"dim": None}),
    "weight_norm of columns": ("weight_norm", {"dim": 1}),
    "spectral_norm": ("spectral_norm", {}),
    "spectral_norm, three steps": ("spectral_norm", {"n_power_iterations": 3, "dim": 1}),
}


def utilities(library, old):
    return library.nn.utils if old else library.nn.utils.parametrizations


@pytest.mark.parametrize("old", [True, False], ids=["hook", "parametrization"])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore::FutureWarning")  # PyTorch's own, of the older functions
def test_outputs_and_gradients_are_pytorchs(way, layer, old):
    (name, options), (sizes, shape) = WAYS[way], LAYERS[layer]
    theirs = getattr(utilities(torch, old), name)(getattr(torch.nn, layer)(*sizes).double(), **options)
    mine = getattr(utilities(tinygrad_edu, old), name)(getattr(tinygrad_edu.nn, layer)(*sizes), **options)
    state = {key: value.numpy().copy() for key, value in theirs.state_dict().items()}
    assert {key: value.shape for key, value in mine.state_dict().items()} == {
        k: x.shape for k, x in state.items()
    }
    assert list(mine.state_dict()) == list(state)
    assert repr(mine) == repr(theirs)
    mine.load_state_dict(state)
    x = np.random.default_rng(0).normal(size=shape)

    for training in (True, True, False):
        results = []
        for library, module in ((tinygrad_edu, mine), (torch, theirs)):
            module.train(training)
            module.zero_grad()
            y = module(library.tensor(x))
            (y**2).sum().backward()
            results.append([y, *(p.grad for p in module.parameters()), *module.state_dict().values()])
        for ours, torchs in zip(*results, strict=True):
            np.testing.assert_allclose(ours.detach(), torchs.detach(), **CLOSE)


def parametrized(library):
    """A linear layer with a symmetric weight and a doubled bias."""

    class Symmetric(library.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(0, 1)

    class Twice(library.nn.Module):
        def forward(self, x):
            return x * 2

    linear = library.nn.Linear(3, 3)
    library.nn.utils.parametrize.register_parametrization(linear, "weight", Symmetric())
    return library.nn.utils.parametrize.register_parametrization(linear, "bias", Twice())


def test_an_own_parametrization_is_pytorchs():
    theirs, mine = parametrized(torch).double(), parametrized(tinygrad_edu)

    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    for library, module in ((tinygrad_edu, mine), (torch, theirs)):
        (module(library.ones(2, 3, dtype=library.float64)) ** 2).sum().backward()
    for ours, torchs in zip(mine.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(ours.grad, torchs.grad, **CLOSE)
