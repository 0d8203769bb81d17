"""Every public function against PyTorch's: values, dtypes, first and second derivatives, on drawn arguments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_edu as ours
from tests.pytorch.case import CASES
from tests.pytorch.function_run import Run, numbers
from tinygrad_edu import Tensor

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


# PyTorch warns of its own functions that linalg replaces.
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.*:UserWarning")


def assert_same(mine, theirs, tolerance, *, random=False):
    assert len(mine) == len(theirs)
    for x, y in zip(mine, theirs):
        if not isinstance(y, torch.Tensor):
            same = (x.item() if isinstance(x, Tensor) else x) == y
            assert same or str(x) == str(y).removeprefix("torch.")  # a dtype
            continue
        assert tuple(x.shape) == tuple(y.shape)
        assert numbers(x).dtype == numbers(y).dtype
        if not random:
            loose = max(tolerance, 2e-4 if numbers(y).dtype == np.float32 else 0)
            np.testing.assert_allclose(numbers(x), numbers(y), rtol=loose, atol=loose)


def assert_same_gradients(mine, theirs, tolerance):
    for g, h in zip(mine, theirs, strict=True):
        if g is None or h is None:
            other = h if g is None else g
            assert other is None or np.abs(numbers(other)).max(initial=0) < 1e-6
        else:
            assert_same([g], [h], tolerance)


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data())
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_function_is_that_of_pytorch(name, data):
    case = CASES[name]
    args, kwargs = case.draw(data.draw)

    mine, theirs = Run(ours, name, args, kwargs, case.of), Run(torch, name, args, kwargs, case.of)

    assert_same(mine.results, theirs.results, case.tolerance, random=case.random)
    if case.random or case.derivatives == 0:
        return
    results = [
        (x, y)
        for x, y in zip(mine.results, theirs.results)
        if isinstance(y, torch.Tensor) and y.requires_grad
    ]
    first = mine.gradients([x for x, _ in results], 1), theirs.gradients([y for _, y in results], 1)
    assert_same_gradients(*first, case.tolerance)
    if case.derivatives == 1:
        return
    tracked = [(g, h) for g, h in zip(*first) if not (g is None or h is None) and h.requires_grad]
    second = mine.gradients([g for g, _ in tracked], 2), theirs.gradients([h for _, h in tracked], 2)
    assert_same_gradients(*second, 100 * case.tolerance)
