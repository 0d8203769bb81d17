"""Checkpoints of PyTorch that ask for more than tensors: refused by name, and nothing is called or changed."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import pickletools
import struct
import tracemalloc
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as torch
from tinygrad_edu.io import pickle_machine, pytorch_file


def checkpoint(pickled, **entries):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        file.writestr("archive/data.pkl", pickled)
        for name, data in {"version": b"3\n", **entries}.items():
            file.writestr(f"archive/{name}", data)
    return io.BytesIO(memory.getvalue())


def calling(name, *arguments):
    """A pickle that calls a function by its name."""

    class Call:
        def __reduce__(self):
            return (Named, arguments)

    pickled = pickle.dumps(Call(), 2)
    return pickled.replace(f"c{__name__}\nNamed\n".encode(), f"c{name.replace(' ', chr(10))}\n".encode())


class Named:
    """Replaced by the name of something else in a pickle."""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("os system", ("touch /tmp/pwned",)),
        ("posix system", ("true",)),
        ("builtins eval", ("1 + 1",)),
        ("__builtin__ getattr", ([], "append")),
        ("subprocess Popen", (["true"],)),
        ("torch.nn.modules.linear Linear", (2, 3)),
        ("torch load", ("other.pt",)),
        ("numpy.core.multiarray _reconstruct", (1,)),
        ("tinygrad_edu.io.pytorch_file _find", ("os", "system")),
        ("torch._utils _rebuild_sparse_tensor", (1,)),
        ("__main__ Net", ()),
    ],
)
def test_what_is_not_allowed_is_refused_by_its_name(name, arguments):
    asked = name.replace(" ", ".")

    for options in ({}, {"weights_only": False}):
        with pytest.raises(
            pickle.UnpicklingError,
            match=rf"load builds tensors, .*the BytesIO is refused: it asks for {asked}; with PyTorch, load it",
        ):
            torch.load(checkpoint(calling(name, *arguments)), **options)


def test_nothing_runs(tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.system, (f"touch {tmp_path / 'ran'}",))

    with pytest.raises(pickle.UnpicklingError, match=r"it asks for posix.system"):
        torch.load(checkpoint(pickle.dumps({"model": Evil()}, 2)))

    assert not (tmp_path / "ran").exists()


def test_no_attribute_of_anything_is_set():
    builder = pytorch_file._NAMED["torch._utils._rebuild_tensor_v2"]
    before = dict(vars(builder))
    program = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}X\x05\x00\x00\x00buildNsb."

    with pytest.raises(ValueError, match="its pickle sets attributes of Builder, which no checkpoint does"):
        torch.load(checkpoint(program))

    assert vars(builder) == before


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"\x80\x02", "data.pkl' is not what a checkpoint has there"),
        (b"text", "data.pkl' is not what a checkpoint has there"),
        (b"\x80\x02R.", "takes more from the stack than there is"),
        (b"\x80\x02t.", "data.pkl' is not what a checkpoint has there"),
        (b"\x80\x02K\x01K\x02t.", "misses a mark"),
        (b"\x80\x02K\x01)R.", "its pickle calls 1, which is no function"),
        (b"\x80\x02ctorch\nSize\nK\x01R.", "its pickle calls .*, which is no function"),
        (b"\x80\x02ctorch\nSize\nK\x01\x85R.", "it calls torch.Size with what that does not take"),
        (b"\x80\x02K\x01K\x02a.", "appends to what is no list"),
        (b"\x80\x02]K\x01K\x02s.", "puts items into what is no dict"),
        (b"\x80\x02}]K\x02s.", r"a key of a dict is \[\]"),
        (b"\x80\x04\x8f(](\x90.", "adds to what is no set"),
        (b"\x80\x02K\x01Q.", "data.pkl' is not what a checkpoint has there"),
        (b"\x80\x02h\x07.", "data.pkl' is not what a checkpoint has there"),
        (b"(i__main__\nNet\n.", "instruction INST, which no checkpoint has"),
        (b"\x80\x04K\x01K\x02\x93.", "names a function by what is no text"),
        (b"\x80\x02X\xff\xff\xff\x7fabc.", "data.pkl' is not what a checkpoint has there"),
    ],
    ids=lambda x: x[:30] if isinstance(x, str) else None,
)
def test_a_broken_pickle_is_refused(program, message):
    with pytest.raises(
        ValueError, match=f"load needs a whole checkpoint, but the BytesIO is none: .*{message}"
    ):
        torch.load(checkpoint(program))


def test_a_memo_with_a_huge_number_reserves_no_memory():
    tracemalloc.start()
    assert torch.load(checkpoint(b"\x80\x02K\x05r" + struct.pack("<I", 2**32 - 1) + b".")) == 5
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10**6


def test_plain_objects_need_no_tensors():
    x = {
        "a": [1, 2.5, None, True, -(2**70)],
        "b": (1,),
        3: {"ä": "x"},
        "s": {1, 2},
        "f": frozenset("a"),
        "y": b"\xff",
    }
    x["o"] = OrderedDict(b=1, a=2)

    for protocol in (2, 3, 4, 5):
        assert torch.load(checkpoint(pickle.dumps(x, protocol))) == x


def test_single_numbers_of_numpy_are_read():
    found = torch.load(
        checkpoint(pickle.dumps([np.float64(2.5), np.float64(1), np.int32(-3), np.bool_(True)], 2))
    )

    assert found == [2.5, 1, -3, True]
    assert [type(x) for x in found] == [np.float64, np.float64, np.int32, np.bool_]


# Tensors by hand: `c` names a function, `Q` takes a storage.


def tensor_program(kind="FloatStorage", key="0", count=4, offset=0, size=(2, 2), stride=(2, 1)):
    class Storage:
        pass

    class Pickler(pickle._Pickler):
        def persistent_id(self, x):
            return ("storage", Kind, key, "cpu", count) if isinstance(x, Storage) else None

    class Tensor:
        def __reduce__(self):
            return Named, (Storage(), offset, size, stride, False, OrderedDict())

    memory = io.BytesIO()
    Pickler(memory, 2).dump(Tensor())
    data = memory.getvalue().replace(f"c{__name__}\nNamed\n".encode(), b"ctorch._utils\n_rebuild_tensor_v2\n")
    return data.replace(f"c{__name__}\nKind\n".encode(), f"ctorch\n{kind}\n".encode())


class Kind:
    """Replaced by the name of a storage in a pickle."""


NUMBERS = np.arange(4, dtype="<f4").tobytes()


def test_a_tensor_is_a_view_of_its_storage():
    assert torch.load(checkpoint(tensor_program(), **{"data/0": NUMBERS})).tolist() == [[0, 1], [2, 3]]
    transposed = checkpoint(tensor_program(stride=(1, 2)), **{"data/0": NUMBERS})
    assert torch.load(transposed).tolist() == [[0, 2], [1, 3]]
    big = checkpoint(tensor_program(), **{"data/0": np.arange(4, dtype=">f4").tobytes(), "byteorder": b"big"})
    assert torch.load(big).tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": (3, 2)}, "a tensor needs number 5 of a storage that has 4"),
        ({"offset": 1}, "a tensor needs number 4 of a storage that has 4"),
        ({"offset": -1}, "a tensor of size .* and offset -1"),
        ({"stride": (-2, 1)}, r"a tensor of size \(2, 2\), stride \(-2, 1\)"),
        ({"stride": (1,)}, r"a tensor of size \(2, 2\), stride \(1,\)"),
        ({"size": (2**40, 2)}, "a tensor needs number .* of a storage that has 4"),
        ({"count": 5}, "entry 'archive/data/0' has 16 bytes where 5 numbers of float32 are needed"),
        ({"count": 2**50}, "entry 'archive/data/0' has 16 bytes where"),
        ({"kind": "DoubleStorage"}, "16 bytes where 4 numbers of float64 are needed"),
        ({"key": "1"}, "no item named 'archive/data/1'"),
        ({"key": "../../x"}, "no item named 'archive/data/../../x'"),
        ({"kind": "Size"}, "it refers to what is no storage of numbers"),
        (
            {"size": (0, 2**62, 2**62), "stride": (1, 1, 1)},
            "it calls torch._utils._rebuild_tensor_v2 with what that does not take",
        ),
    ],
    ids=str,
)
def test_a_tensor_beyond_its_storage_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        torch.load(checkpoint(tensor_program(**settings), **{"data/0": NUMBERS}))


def test_a_kind_of_numbers_that_is_not_here_is_named():
    with pytest.raises(pickle.UnpicklingError, match=r"it asks for torch.ComplexFloatStorage"):
        torch.load(checkpoint(tensor_program(kind="ComplexFloatStorage"), **{"data/0": NUMBERS}))


def test_a_repeated_number_takes_the_memory_of_one():
    repeated = tensor_program(count=1, size=(10**6, 10**6), stride=(0, 0))

    tracemalloc.start()
    found = torch.load(checkpoint(repeated, **{"data/0": NUMBERS[:4]}))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.shape == (10**6, 10**6)
    assert most < 10**6


@pytest.mark.slow
@given(st.data())
def test_no_change_of_a_pickle_raises_another_error(data):
    x = {"a": [1, 2.5, (None,)], "s": {1}, "o": OrderedDict(b=1), "n": np.float64(2)}
    pickled = bytearray(tensor_program()[:-1] + pickle.dumps(x, 2)[2:])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(pickled)))
        end = data.draw(st.integers(start, start + 8))
        pickled[start:end] = data.draw(st.binary(max_size=8))

    with contextlib.suppress(ValueError, pickle.UnpicklingError):
        torch.load(checkpoint(bytes(pickled), **{"data/0": NUMBERS}))


def test_a_torchscript_program_is_named():
    with pytest.raises(
        pickle.UnpicklingError, match="it is a TorchScript program; with PyTorch, load it and save"
    ):
        torch.load(checkpoint(b"\x80\x02N.", **{"constants.pkl": b"\x80\x02N."}))


def test_every_instruction_that_is_carried_out_is_one_of_pickle():
    assert pickle_machine._STEPS.keys() <= {opcode.name for opcode in pickletools.opcodes}
