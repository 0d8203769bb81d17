"""Every operation is read in every way, but for the gaps that stand here."""

from __future__ import annotations

import pytest

from tinygrad_edu import operation_table
from tinygrad_edu.explanation.derivation.known_readings import MISSING, READINGS, readings_of
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import Special

# Special functions that are not written out in simpler ones.
SPECIAL = [name for name, op in OPERATIONS.items() if isinstance(op, Special) and not op.readings.paper]

# Linear algebra is computed by LAPACK.
LINEAR_ALGEBRA = [
    name
    for name, op in OPERATIONS.items()
    if op.forward.__module__ in (f"tinygrad_edu.ops.{table}" for table in ("solvers", "spectra"))
]
# A new operation without one of these readings fails here: give it the reading, or say that it has none.
COUNTS = ["distinct", "bincount", "bin_edges", "histogram"]
GAPS = {
    "line of NumPy": [
        *("overlap_add", "window_argmax", "unpool"),
        *("recurrence", "scatter", "put", "last_writes", "extreme_at", "running_place"),
        *COUNTS,
        *SPECIAL,
        "matrix_exp",
        *("lstm", "lstm_steps", "lstm_back"),
    ],
    "what-if in a page": [
        *("nextafter", "bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm"),
        *("cast_whole", "any", "all", "argmax", "argmin"),
        *COUNTS,
        *("running_place", "within", "argsort", "searchsorted", "nonzero"),
        *LINEAR_ALGEBRA,
        *SPECIAL,
        "window_argmax",
        *("lstm", "lstm_steps", "lstm_back"),
    ],
    "single numbers": [
        "cast_whole",
        "amax",
        "amin",
        "any",
        "all",
        "argmax",
        "argmin",
        "last_writes",
        *COUNTS,
        *("running_place", "within", "argsort", "searchsorted", "nonzero", "extreme_at"),
        *(name for name in LINEAR_ALGEBRA if name != "lower"),
        "window_argmax",
    ],
}


def test_no_gap_is_silent():
    found = {
        reading: [name for name, op in OPERATIONS.items() if readings_of(op)[reading] == MISSING]
        for reading in READINGS
    }

    for reading, names in GAPS.items():
        assert set(found.pop(reading)) == set(names)
    assert not any(found.values())


@pytest.mark.slow
def test_the_table_lists_the_readings_of_every_operation():
    lines = operation_table("markdown").replace("\\_", "_").splitlines()

    for name, op in OPERATIONS.items():
        assert f"| {name} | {' | '.join(readings_of(op).values())} |" in lines
    assert f"| operation | {' | '.join(READINGS)} |" in lines


def test_an_operation_without_readings_has_only_what_can_be_derived():
    bare = Elementwise(
        lambda x: x * 2, lambda x: x * 2, lambda g, _y, _x: g * 2, name="bare", example=lambda n: ([(n,)], {})
    )

    assert readings_of(bare)["formula"] == "its name"
    assert readings_of(bare)["line of NumPy"] == readings_of(bare)["what-if in a page"] == MISSING
