"""A module of PyTorch and ours with the same numbers."""

from __future__ import annotations

import pytest

import tinygrad_edu

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def pair(name, *arguments, **options):
    """PyTorch's module and ours with its numbers, in float64; they print alike."""
    theirs = getattr(torch.nn, name)(*arguments, **options).double()
    mine = getattr(tinygrad_edu.nn, name)(*arguments, **options)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert list(mine.state_dict()) == list(state)
    assert repr(mine) == repr(theirs)
    mine.load_state_dict(state)
    return theirs, mine
