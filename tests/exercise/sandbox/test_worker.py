from __future__ import annotations

import json

import numpy as np
import pytest

from tinygrad_edu.exercise.sandbox.worker import END, MARK, pack, unpack


def message(arrays, body=b"", mark=MARK, length=None):
    text = json.dumps({"arrays": arrays}).encode()
    return text + body + END.pack(len(text) if length is None else length, len(body), mark)


@pytest.mark.parametrize("kind", "?bBhHiIqQefd")
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (1, 0, 2)])
def test_arrays_come_back_as_they_went(kind, shape):
    array = np.ones(shape, kind)

    head, (found,) = unpack(pack({"name": "W1"}, [array]))

    assert head["name"] == "W1"
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, shape, array.tobytes())
    assert found.flags.writeable


def test_what_was_printed_before_a_message_is_skipped():
    head, arrays = unpack(b"epoch 1\n" + pack({"name": "W1"}, [np.arange(3.0)]))

    assert head["name"] == "W1"
    np.testing.assert_array_equal(arrays[0], [0, 1, 2])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"answers\n", MARK * 10,
        message([], mark=b"ANSWERS\n"), message([], length=2**60), message([["<f8", [1]]]),
        message([["<f8", [2**40, 2**40]]], bytes(80)), message([["<f8", [-1]]], bytes(80)),
        message([["<f8", [True]]], bytes(80)), message([["O", [1]]], bytes(80)), message([["V99", [1]]], bytes(80)),
        message([["<f8", [1] * 100]], bytes(80)), message([["<f8"]], bytes(80)), message(7), message("x"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_message_are_refused(data):
    with pytest.raises(Exception, match=r".*"):
        unpack(data)
