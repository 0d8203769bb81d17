from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

w = tensor(np.ones((3, 2)), requires_grad=True, name="W")
LOSS = (w**2).sum()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"digits": 99}, ValueError, "digits as a number of decimals, 0 or more and at most 20: got 99"),
        ({"digits": -1}, ValueError, "at most 20: got -1"),
        ({"digits": 2.5}, ValueError, "at most 20: got 2.5"),
        ({"digits": True}, ValueError, "at most 20: got True"),
        ({"digits": {"W": 99}}, ValueError, "at most 20: got 99"),
        ({"digits": {"V": 3}}, ValueError, "got 'V'; it depends on W"),
        ({"lr": "a"}, TypeError, "lr as a number, got str 'a'"),
        ({"lr": True}, TypeError, "lr as a number, got bool True"),
        ({"lr": -0.1}, ValueError, "lr above 0, got -0.1"),
        ({"lr": float("nan")}, ValueError, "lr above 0, got nan"),
        ({"time_limit": "long"}, TypeError, "time_limit in seconds, got str 'long'"),
        ({"time_limit": -1}, ValueError, "time_limit of 0 seconds or more, got -1"),
        ({"time_limit": float("nan")}, ValueError, "time_limit of 0 seconds or more, got nan"),
        ({"rounded": 3}, TypeError, "rounded as {'W1': decimals, ...}, got int 3"),
        ({"rounded": {"W": 99}}, ValueError, "at most 20: got 99"),
        ({"given": [1]}, TypeError, "given as {'v': array, ...}, got list [1]"),
        ({"forward": [1]}, TypeError, "forward as {'z1': array, ...}, got list [1]"),
        ({"names": ["W"]}, TypeError, "names that map a name to a tensor, got list ['W']"),
        ({"data": {"X": 1}}, TypeError, "data with a loss function only"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_argument(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        diagnose(LOSS, {w: np.ones((3, 2))}, **options)


@pytest.mark.parametrize(("wrt", "name"), [(w, "'W' of shape (3, 2)"), ("W", "'W'")])
def test_a_gradient_by_hand_is_needed(wrt, name):
    with pytest.raises(
        TypeError, match=re.escape(f"needs the gradient by hand of {name}, got none; diagnose(loss")
    ):
        diagnose(LOSS, wrt)
