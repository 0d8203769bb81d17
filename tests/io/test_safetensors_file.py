"""Safetensors files: written and read, checked by a sum, and refused where the format has no room."""

from __future__ import annotations

import json
import struct
import sys

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.nn import Linear

safetensors = pytest.importorskip("safetensors.numpy", reason="the extra io is not installed")

DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_come_back(file, dtype):
    array = (np.random.default_rng(0).random((2, 3)) * 100).astype(dtype)

    torch.save(
        {"x": torch.tensor(array), "empty": torch.tensor(array[:0]), "one": torch.tensor(array[0, 0])}, file
    )
    found = torch.load(file)

    assert {name: x.dtype for name, x in found.items()} == dict.fromkeys(("x", "empty", "one"), array.dtype)
    np.testing.assert_array_equal(found["x"], array)
    assert (found["empty"].shape, found["one"].shape) == ((0, 3), ())
    found["x"][0] = 0


@pytest.mark.parametrize("view", [lambda x: x.T, lambda x: x[:, ::2], lambda x: x[:1].expand(4, 6)])
def test_the_order_in_memory_does_not_matter(file, view):
    x = view(torch.rand(4, 6))

    torch.save({"x": x, "big": np.arange(3, dtype=">i4")}, file)

    np.testing.assert_array_equal(safetensors.load_file(file)["x"], x)
    np.testing.assert_array_equal(torch.load(file)["big"], np.arange(3))


def test_a_state_dict_goes_there_and_back(file):
    net, other = Linear(3, 2), Linear(3, 2)

    torch.save(net.state_dict(), file)
    other.load_state_dict(torch.load(file))

    np.testing.assert_array_equal(other.weight.detach(), net.weight.detach())


def test_files_of_the_library_itself_are_read(file):
    safetensors.save_file({"a.weight": np.ones((2, 3), np.float32)}, file)

    assert torch.load(file)["a.weight"].tolist() == [[1, 1, 1], [1, 1, 1]]


def test_bfloat16_becomes_float32(file):
    numbers = np.array([0x3F80, 0xC000, 0x7F80], "<u2")  # 1, -2, inf
    text = json.dumps({"x": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + numbers.tobytes())

    found = torch.load(file)["x"]

    assert (found.dtype, found.tolist()) == ("float32", [1, -2, np.inf])


def test_a_file_that_is_cut_off_anywhere_is_refused(file):
    torch.save({"x": torch.rand(3)}, file)
    data = file.read_bytes()

    for end in range(len(data)):
        file.write_bytes(data[:end])
        with pytest.raises(
            ValueError, match=r"load needs a whole checkpoint, but '.*model.safetensors' is none"
        ):
            torch.load(file)


def test_a_changed_bit_is_noticed_or_changes_nothing(file):
    torch.save({"x": torch.rand(3), "y": torch.arange(4)}, file)
    data = file.read_bytes()
    expected = {name: x.tolist() for name, x in torch.load(file).items()}
    noticed = 0

    for i in range(len(data)):
        changed = bytearray(data)
        changed[i] ^= 1 << (i % 8)
        file.write_bytes(changed)
        try:
            assert {name: x.tolist() for name, x in torch.load(file).items()} == expected
        except ValueError:
            noticed += 1

    assert noticed > len(data) * 0.5


def test_a_header_said_to_be_huge_reserves_no_memory(file):
    file.write_bytes(struct.pack("<Q", 2**60) + b"{}")
    with pytest.raises(ValueError, match="is none: it is damaged or cut off"):
        torch.load(file)

    text = json.dumps({"x": {"dtype": "F64", "shape": [2**40], "data_offsets": [0, 2**43]}}).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(ValueError, match="is none: it is damaged or cut off"):
        torch.load(file)


def test_a_kind_of_numbers_that_numpy_has_not_is_named(file):
    text = json.dumps({"x": {"dtype": "F8_E5M2", "shape": [1], "data_offsets": [0, 1]}}).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"\0")

    with pytest.raises(ValueError, match="'x' holds F8_E5M2, for which NumPy has no dtype"):
        torch.load(file)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (
            [1],
            TypeError,
            "save needs a dict of tensors for a .safetensors file, got list; save a model's state_dict",
        ),
        ({"a": {"b": 1}}, TypeError, r"got dict {'b': 1} at 'a'; use another ending for more than tensors"),
        ({"a": 3}, TypeError, "got int 3 at 'a'"),
        ({1: np.ones(1)}, ValueError, "save needs names of tensors in a .safetensors file, got 1; rename it"),
        ({"__metadata__": np.ones(1)}, ValueError, "got '__metadata__'; rename it"),
        (
            {"a": np.array(["x"])},
            TypeError,
            "save needs real numbers for a .safetensors file, got <U1 at 'a'",
        ),
        ({"a": np.ones(1, complex)}, TypeError, "save needs real numbers .* got complex128 at 'a'"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(file, x, error, message):
    with pytest.raises(error, match=message):
        torch.save(x, file)

    assert not file.exists()


def test_a_missing_library_is_one_line(file, monkeypatch):
    torch.save({"x": torch.ones(1)}, file)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)

    for call in (lambda: torch.load(file), lambda: torch.save({"x": torch.ones(1)}, file)):
        with pytest.raises(ImportError, match=r'which is not installed; pip install "tinygrad_edu\[io\]"'):
            call()
