"""No property test fails because a machine is slow; no test is slow because there are many others."""

from __future__ import annotations

import functools
import gc
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.browser import axe, driver  # noqa: F401 - fixtures of every test

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

_PEER = re.compile(r'importorskip\("(torch|einops|jax)"|pyright')


def pytest_collection_modifyitems(items: list[pytest.Item]):
    """What is skipped without PyTorch, JAX, einops or pyright is run where they are, with `-m "slow or peer"`."""
    for item in items:
        if _needs_a_peer(item.path):
            item.add_marker("peer")


@functools.cache
def _needs_a_peer(file: Path) -> bool:
    return _PEER.search(file.read_text(encoding="utf-8")) is not None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any):
    """Several processes end together: one that has no tests left takes some from another."""
    from xdist.scheduler import WorkStealingScheduling  # noqa: PLC0415 - not everybody has it

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_finish():
    """Thousands of tests are no garbage; `capture`, which asks the collector for all Values, need not see them."""
    gc.collect()
    gc.freeze()
