"""Data to learn from: points in the plane, the exam's clusters, digits, names, a text, and folders of one's own.

Each is a `Dataset` of Tensors, for a `DataLoader`, and gives arrays, too.
"""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.datasets.characters import CharacterSamples, Names, Shakespeare
from tinygrad_edu.datasets.image_folder import ImageFolder
from tinygrad_edu.datasets.points import blobs, circles, moons, spiral, xor
from tinygrad_edu.datasets.recorded import digits, exam_clusters
from tinygrad_edu.datasets.samples import Samples
from tinygrad_edu.hints.missing_names import refusal as _refusal

__all__ = [
    "CharacterSamples",
    "ImageFolder",
    "Names",
    "Samples",
    "Shakespeare",
    "blobs",
    "circles",
    "digits",
    "exam_clusters",
    "moons",
    "spiral",
    "xor",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
