"""Every optimizer arrives where PyTorch's does, in every configuration of PyTorch's own table."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pytorch.recorded import as_read
from tests.pytorch.recorded_steps import RECORDED, ours_after
from tinygrad_edu import optim


@pytest.mark.parametrize(("name", "settings", "ends"), [pytest.param(*x, id=label) for label, *x in RECORDED])
def test_an_optimizer_arrives_where_pytorchs_does(name, settings, ends):
    found = ours_after(name, as_read(settings))

    for x, wanted in zip(found, as_read(ends), strict=True):
        np.testing.assert_allclose(x, wanted, rtol=1e-7, atol=1e-8)


def test_every_optimizer_is_recorded():
    optimizers = {name for name in optim.__all__ if hasattr(getattr(optim, name), "step")}

    assert {name for _, name, *_ in RECORDED} >= {x for x in optimizers if x[0].isupper()} - {"Optimizer"}
