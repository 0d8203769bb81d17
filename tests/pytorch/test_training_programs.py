"""Training programs follow PyTorch's losses step by step, from the same weights, read from a file that it wrote."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='no PyTorch here: pip install "tinygrad_edu[bench]"')

import tinygrad_edu  # noqa: E402
from tests.pytorch.training_programs import PROGRAMS  # noqa: E402

STEPS = 50


def losses(library, make, state=None):
    """The state before the first step, as PyTorch saves it, and the losses of all steps."""
    net, run = make(library)
    net.train()
    if state is not None:
        net.load_state_dict(library.load(io.BytesIO(state)))
    file = io.BytesIO()
    library.save(net.state_dict(), file)
    return file.getvalue(), [run(step) for step in range(STEPS)], net


@pytest.fixture(autouse=True)
def float64_in_pytorch():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)  # from some first weights a rounding grows beyond what is compared
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_losses_are_those_of_pytorch(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own
        state, theirs, their_net = losses(torch, PROGRAMS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        _, mine, net = losses(tinygrad_edu, PROGRAMS[name], state)

    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
    assert list(net.state_dict()) == list(their_net.state_dict())
    assert np.isfinite(theirs).all()
