"""No property test fails because a machine is slow; no test is slow because there are many others."""

from __future__ import annotations

import gc

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_collection_finish():
    """Thousands of tests are no garbage; `capture`, which asks the collector for all Values, need not see them."""
    gc.collect()
    gc.freeze()
