"""The names of before."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu.nn import init
from tinygrad_edu.nn.init import deprecated_initializers

OLDER = [name for name in vars(deprecated_initializers) if hasattr(init, f"{name}_")]


def test_every_older_name_is_there():
    assert len(OLDER) == 11


@pytest.mark.parametrize("name", OLDER)
def test_an_older_name_warns_and_does_the_same(name):
    shape = (2, 2, 3) if name == "dirac" else (2, 2)
    options = {"constant": (4,), "sparse": (0.5,)}.get(name, ())

    tinygrad_edu.manual_seed(0)
    with pytest.warns(FutureWarning, match=f"nn.init.{name} is an older name of nn.init.{name}_") as told:
        found = getattr(init, name)(tinygrad_edu.zeros(*shape), *options)

    assert told[0].filename == __file__
    tinygrad_edu.manual_seed(0)
    np.testing.assert_array_equal(found, getattr(init, f"{name}_")(tinygrad_edu.zeros(*shape), *options))
