"""The comparison, the findings and the pictures, computed when a test first asks for them."""

from __future__ import annotations

import pytest

from tinygrad_edu.exam import compare, findings, pictures


@pytest.fixture(scope="session")
def rows():
    return compare.rows()


@pytest.fixture(scope="session")
def found():
    return findings.findings()


@pytest.fixture(scope="session")
def drawn():
    return pictures.pictures()
