"""Quick captures: each asks the garbage collector for all Values, whatever else other tests have left there."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(scope="module", autouse=True)
def nothing_of_other_tests():
    gc.collect()
    gc.freeze()
