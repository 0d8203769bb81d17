"""Folders of pictures and arrays."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_edu import datasets
from tinygrad_edu.utils.data import DataLoader


@pytest.fixture
def arrays(tmp_path):
    for i, name in enumerate(["dog", "cat", "cat/old"]):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "a.npy", np.full((2, 3), float(i)))
    (tmp_path / "cat" / "notes.txt").write_text("no picture", "utf-8")
    (tmp_path / "read me.txt").write_text("no class", "utf-8")
    return tmp_path


def test_folders_are_classes(arrays):
    dataset = datasets.ImageFolder(arrays)

    assert dataset.classes == ["cat", "dog"]
    assert dataset.class_to_idx == {"cat": 0, "dog": 1}
    assert dataset.targets == [0, 0, 1]
    assert [(x[0, 0].item(), y) for x, y in (dataset[i] for i in range(3))] == [(1, 0), (2, 0), (0, 1)]
    X, y = dataset.arrays()
    assert (X.shape, y.tolist(), len(dataset)) == ((3, 2, 3), [0, 0, 1], 3)
    x, y = next(iter(DataLoader(dataset, 3, num_workers=1)))
    assert (x.shape, y.tolist()) == ((3, 2, 3), [0, 0, 1])


def test_inputs_and_classes_may_be_changed(arrays):
    dataset = datasets.ImageFolder(arrays, lambda x: x.sum().item(), lambda y: -y)

    assert dataset[2] == (0, -1)
    assert datasets.ImageFolder(arrays, loader=lambda file: file.name)[0] == ("a.npy", 0)


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4), ("1", 1), ("P", 3), ("LA", 1), ("CMYK", 3)]
)
def test_pictures_have_channels_first(tmp_path, mode, channels):
    image = pytest.importorskip("PIL.Image", reason="the extra data is not installed")
    (tmp_path / "all").mkdir()
    suffix = "tiff" if mode == "CMYK" else "png"
    image.new("L", (5, 4), 255).convert(mode).save(tmp_path / "all" / f"a.{suffix}")

    (x, _) = datasets.ImageFolder(tmp_path)[0]

    assert (x.shape, x.dtype, x.max().item()) == ((channels, 4, 5), "float64", 1)


def test_a_pixel_stands_where_it_should(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="the extra data is not installed")
    (tmp_path / "all").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    image.fromarray(pixels).save(tmp_path / "all" / "a.PNG")

    (x, _) = datasets.ImageFolder(tmp_path)[0]

    np.testing.assert_array_equal(x, pixels.transpose(2, 0, 1) / 255)


def test_folders_without_classes_or_files_are_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"ImageFolder needs a folder, got '.*missing', which is none"
    ):
        datasets.ImageFolder(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="ImageFolder needs a folder for each class, got none in"):
        datasets.ImageFolder(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"needs pictures or npy files in '.*empty', got none"):
        datasets.ImageFolder(tmp_path)


def test_a_missing_library_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "a.png").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "PIL", None)

    with pytest.raises(ImportError, match=r'ImageFolder needs pillow.*pip install "tinygrad_edu\[data\]"'):
        datasets.ImageFolder(tmp_path)[0]
