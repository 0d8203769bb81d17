"""Pictures and arrays in folders, one folder for each class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.tensor import Tensor, around
from tinygrad_edu.utils.data import Dataset, default_collate

_ARRAYS = {".npy"}
_PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}


class ImageFolder(Dataset[Any]):
    """The files in the folders `root/CLASS/...`: sample i is `(input, class number)`.

    Classes are the names of the folders in `root` in alphabetical order, `classes[class number]`; files are in the
    order of their names. A picture (png, jpeg, ...; extra `data`) is a Tensor (channels, height, width) from 0 to 1 of
    the default dtype: 1 channel for grey, 3 for colours, 4 with transparency. An array (npy) is a Tensor as it is.
    `transform` is called with each input and `target_transform` with each class number; `loader` reads a path instead.

    Raises `FileNotFoundError` if there are no classes, or no files in one of them.
    """

    def __init__(
        self,
        root: Any,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        loader: Callable[[Path], Any] | None = None,
    ) -> None:
        self.root, self.transform, self.target_transform = Path(root), transform, target_transform
        self.loader = loader or read_input
        self.classes = sorted(folder.name for folder in _inside(self.root) if folder.is_dir())
        if not self.classes:
            raise FileNotFoundError(f"ImageFolder needs a folder for each class, got none in {str(root)!r}")
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        self.samples = [(file, i) for name, i in self.class_to_idx.items() for file in self._files(name)]
        self.targets = [target for _, target in self.samples]

    def _files(self, name: str) -> list[Path]:
        files = sorted(
            file for file in (self.root / name).rglob("*") if file.suffix.lower() in _ARRAYS | _PICTURES
        )
        if not files:
            raise FileNotFoundError(
                f"ImageFolder needs pictures or npy files in {str(self.root / name)!r}, got none"
            )
        return files

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        file, target = self.samples[index]
        sample = self.loader(file)
        return (
            sample if self.transform is None else self.transform(sample),
            target if self.target_transform is None else self.target_transform(target),
        )

    def __len__(self) -> int:
        return len(self.samples)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """All inputs and class numbers as two arrays. Raises `ValueError` if the inputs have several shapes."""
        inputs, targets = default_collate([self[i] for i in range(len(self))])
        return np.array(inputs), np.array(targets)


def _inside(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(f"ImageFolder needs a folder, got {str(folder)!r}, which is none")
    return list(folder.iterdir())


def read_input(file: Path) -> Tensor:
    """The Tensor in an npy file, or of a picture."""
    if file.suffix.lower() in _ARRAYS:
        return Tensor(np.load(file, allow_pickle=False))
    try:
        from PIL import Image  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(
            'ImageFolder needs pillow for pictures, which is not installed; pip install "tinygrad_edu[data]"'
        ) from None
    with Image.open(file) as picture:
        mode = picture.mode
        kind = mode if mode in ("L", "RGB", "RGBA") else "L" if mode in ("1", "LA") else "RGB"
        pixels = np.asarray(picture.convert(kind), get_default_dtype()) / 255
    return around(pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0).copy())
