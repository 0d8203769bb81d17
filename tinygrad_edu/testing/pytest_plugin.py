"""The fixtures for pytest that an installed tinygrad_edu brings: `assert_gradients_agree`, `no_teaching_warnings`.

The wheel has a copy as the module `tinygrad_edu_pytest`, which pytest loads in every run of everybody: so this file
imports the library in the fixtures alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def assert_gradients_agree() -> Callable[..., object]:
    """`assert_gradients_agree(f, *inputs, order=1)`: the gradients of `f` agree with differences; `check_gradients`."""
    from tinygrad_edu.testing import check_gradients  # noqa: PLC0415 - see above

    return check_gradients


@pytest.fixture
def no_teaching_warnings() -> Iterator[None]:
    """A test with this fixture fails at the line of which the library would warn."""
    from tinygrad_edu.hints.warnings import TeachingWarning  # noqa: PLC0415 - see above

    with warnings.catch_warnings():
        warnings.simplefilter("error", TeachingWarning)
        yield
