"""Files that are cut off, changed, foreign or hostile: one error that names file and cause, and no large allocation."""

from __future__ import annotations

import io
import json
import pickle
import struct
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest

import tinygrad_edu as torch

CHECKPOINT = {"w": np.arange(6.0).reshape(2, 3), "b": torch.ones(3), "names": ["x", "y"], "epoch": 3}


def saved(x=CHECKPOINT):
    memory = io.BytesIO()
    torch.save(x, memory)
    return memory.getvalue()


def loaded(data):
    return torch.load(io.BytesIO(data))


def plain(x):
    return repr({key: value.tolist() if hasattr(value, "tolist") else value for key, value in x.items()})


def archive(entries, compression=zipfile.ZIP_STORED):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as file:
        for name, data in entries:
            file.writestr(name, data)
    return memory.getvalue()


def npy(array):
    memory = io.BytesIO()
    np.lib.format.write_array(memory, array)
    return memory.getvalue()


def header(text):
    """An .npy file with this header and nothing after it."""
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def structure(tree, **other):
    content = {"format": "tinygrad_edu", "version": 1, "object": tree, **other}
    return ("structure.npy", npy(np.frombuffer(json.dumps(content).encode(), np.uint8)))


def test_a_file_that_is_cut_off_anywhere_is_refused():
    data = saved()

    for end in range(len(data)):
        with pytest.raises(ValueError, match=r"load needs a whole checkpoint, but the BytesIO is none"):
            loaded(data[:end])


def test_what_is_left_of_a_file_is_not_taken_for_a_file_inside_it():
    inner = saved({"a": 1})
    data = saved({"bytes": inner, "more": 1})
    end = data.index(inner) + len(inner)

    with pytest.raises(ValueError, match=r"does not stand where it should|damaged"):
        loaded(data[:end])


def test_a_changed_bit_is_noticed_or_changes_nothing():
    data, expected = saved(), plain(CHECKPOINT)
    noticed = 0

    for i in range(len(data)):
        changed = bytearray(data)
        changed[i] ^= 1 << (i % 8)
        try:
            assert plain(loaded(bytes(changed))) == expected
        except ValueError:
            noticed += 1

    assert noticed > len(data) * 0.7


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"it is empty; go back to its start with seek\(0\)"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "it is a PNG picture"),
        (b"\xff\xd8\xff" + b"\0" * 50, "it is a JPEG picture"),
        (b"\x89HDF\r\n" + b"\0" * 50, "it is an HDF5 file, as Keras writes"),
        (b"\x93NUMPY" + b"\0" * 50, "it is a single array; use np.load"),
        (b"\x1f\x8b" + b"\0" * 50, "it is compressed by gzip"),
        (b"%PDF-1.4 and more text", "it is a PDF document"),
        (b"version https://git-lfs.example/spec/v1\n", "it is a pointer of Git LFS; fetch the file itself"),
        (b"<!DOCTYPE html><html>404</html>", "it is a page of HTML or XML; was the download refused"),
        (b"Dear reader, this is text.", r"it begins with b'Dear reader.*, as no checkpoint does"),
        (pickle.dumps({"a": 1}), "it is a plain pickle, which could run any code"),
        (
            b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M",
            "written by PyTorch in its format before 1.6.*save model",
        ),
        (archive([("a.txt", b"text")]), "it is an archive of something else, with a.txt in it; np.load"),
        (archive([]), "not an archive|with nothing in it"),
    ],
    ids=lambda x: repr(x)[:25],
)
def test_a_foreign_file_is_named(data, message):
    with pytest.raises(
        ValueError, match=f"load needs a whole checkpoint, but the BytesIO is none: .*{message}"
    ):
        loaded(data)


def test_an_old_tar_file_is_named():
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as file:
        file.addfile(tarfile.TarInfo("sys_info"))

    with pytest.raises(
        ValueError, match=r"a tar archive, as PyTorch wrote before 0.1.10; with PyTorch, load it"
    ):
        loaded(memory.getvalue())


def test_the_file_is_named(tmp_path):
    file = tmp_path / "model.pt"
    file.write_bytes(b"text")

    with pytest.raises(ValueError, match=r"but '.*model.pt' is none: it begins with b'text'"):
        torch.load(file)
    with file.open("rb") as opened, pytest.raises(ValueError, match=r"but .*model.pt is none"):
        torch.load(opened)


HUGE = header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}")
TREE = {"tensor": 0}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            [("t0.npy", HUGE), structure(TREE)],
            "entry 't0.npy' says that it holds 8000000000000 bytes, and holds 0",
        ),
        (
            [("t0.npy", header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}")), structure(TREE)],
            "entry 't0.npy' holds object",
        ),
        (
            [("t0.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}")), structure(TREE)],
            r"entry 't0.npy' holds float64 of shape \(-1,\)",
        ),
        (
            [("t0.npy", header("((((((((")), structure(TREE)],
            "entry 't0.npy' is not what a checkpoint has there",
        ),
        ([("t0.npy", b"text"), structure(TREE)], "entry 't0.npy' is not what a checkpoint has there"),
        ([("t0.npy", npy(np.ones(3)) + b"more"), structure(TREE)], "holds 24 bytes, and holds 28"),
        ([("t0.npy", npy(np.array(["a"]))), structure(TREE)], "a tensor of <U1 is in it"),
        ([structure(TREE)], "no item named 't0.npy'"),
        ([structure({"explosion": 0})], "its structure has {'explosion': 0}, which is unknown"),
        ([structure({"tensor": "0"})], "its structure has {'tensor': '0'}, which is unknown"),
        ([structure({"dict": [[1]]})], "is not what a checkpoint has there"),
        ([structure({"dict": [[[1], 2]]})], "is not what a checkpoint has there"),
        ([structure({})], "its structure has {}, which is unknown"),
        ([structure({"dtype": "nonsense"})], "is not what a checkpoint has there"),
        ([structure(1, version=2)], "it is of version 2, and this tinygrad_edu reads up to 1; update it"),
        ([structure(1, format="other")], "it is of another program"),
        ([("structure.npy", npy(np.frombuffer(b"[" * 100_000, np.uint8)))], "'structure.npy' cannot be read"),
        ([("../t0.npy", b""), structure(1)], r"entry '../t0.npy' has a name that leads out of the archive"),
        ([("/etc/t0.npy", b""), structure(1)], "entry '/etc/t0.npy' has a name that leads out"),
    ],
    ids=lambda x: "" if isinstance(x, list) else x[:40],
)
def test_a_hostile_file_is_refused(entries, message):
    with pytest.raises(
        ValueError, match=f"load needs a whole checkpoint, but the BytesIO is none: .*{message}"
    ):
        loaded(archive(entries))


def test_two_entries_with_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive([("t0.npy", npy(np.ones(1))), ("t0.npy", npy(np.zeros(1))), structure(TREE)])

    with pytest.raises(ValueError, match=r"two of its entries have one name"):
        loaded(data)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    data = archive([("t0.npy", npy(np.zeros(10**6))), structure(TREE)], zipfile.ZIP_DEFLATED)

    tracemalloc.start()
    with pytest.raises(ValueError, match=r"entry 't0.npy' is compressed, which no checkpoint is"):
        loaded(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10**6


def test_entries_that_share_their_bytes_are_refused():
    data = bytearray(
        archive([("t0.npy", npy(np.zeros(1000))), ("t1.npy", npy(np.zeros(1000))), structure(TREE)])
    )
    place = data.index(b"t1.npy", data.index(b"PK\x01\x02"))  # in the list of entries
    data[place - 4 : place] = struct.pack("<I", 1)  # where the entry begins

    with pytest.raises(ValueError, match=r"entry 't1.npy' does not stand where it should"):
        loaded(bytes(data))


def test_a_list_of_entries_said_to_be_huge_reserves_no_memory():
    data = bytearray(saved())
    data[-10:-6] = struct.pack("<I", 2**32 - 2)  # the size of the list

    tracemalloc.start()
    with pytest.raises(ValueError, match="the list of entries"):
        loaded(bytes(data))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10**6


def test_an_encrypted_entry_is_refused():
    data = bytearray(saved({"a": torch.ones(1)}))
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1

    with pytest.raises(ValueError, match=r"entry 't0.npy' is encrypted"):
        loaded(bytes(data))


def test_what_cannot_be_read_from_is_refused():
    with pytest.raises(TypeError, match="load needs a path or a file open for reading, got int 3"):
        torch.load(3)
    with pytest.raises(TypeError, match="load needs a file that is open in binary, got one for text"):
        torch.load(io.StringIO("text"))
    with pytest.raises(FileNotFoundError):
        torch.load("not_there.pt")
