"""Every operation is read in every way, but for the gaps that stand here."""

from __future__ import annotations

from tinygrad_edu import operation_table
from tinygrad_edu.explanation.derivation.known_readings import MISSING, READINGS, readings_of
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise

# A new operation without one of these readings fails here: give it the reading, or say that it has none.
GAPS = {
    "line of NumPy": [
        *("scatter", "put", "last_writes", "one_hot", "nonzero_static", "scatter_amax", "scatter_amin"),
    ],
    "what-if in a page": [
        *(
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "cast_whole",
            "any",
            "all",
            "argmax",
            "argmin",
            "round",
        ),
        "one_hot",
        *("within", "argsort", "searchsorted", "nonzero", "nonzero_static"),
    ],
    "single numbers": [
        "cast_whole",
        "amax",
        "amin",
        "any",
        "all",
        "argmax",
        "argmin",
        "round",
        "last_writes",
        "one_hot",
        *("within", "argsort", "searchsorted", "nonzero", "nonzero_static", "scatter_amax", "scatter_amin"),
    ],
}


def test_no_gap_is_silent():
    found = {
        reading: [name for name, op in OPERATIONS.items() if readings_of(op)[reading] == MISSING]
        for reading in READINGS
    }

    assert {reading: names for reading, names in found.items() if names} == GAPS


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
