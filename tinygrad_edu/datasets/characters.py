"""Texts as numbers of characters, for models that say which character comes next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.datasets.samples import Samples
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.tensor import around

_FOLDER = Path(__file__).parent
_TRAINING = 0.9  # the share of a text, or of the names, to learn from


class CharacterSamples(Samples):
    """Samples whose numbers stand for characters: number i for `characters[i]`."""

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, characters: str) -> None:
        super().__init__(around(inputs), around(targets), tuple(characters))
        self.characters = characters

    def encode(self, text: str) -> list[int]:
        """The numbers of the characters of a text."""
        return encoded(text, self.characters)

    def decode(self, numbers: Iterable[Any]) -> str:
        """The text of numbers, of a list or of a Tensor of one dimension."""
        return "".join(self.characters[int(i)] for i in numbers)


def encoded(text: str, characters: str) -> list[int]:
    """The number of each character of a text in `characters`."""
    unknown = set(text) - set(characters)
    if unknown:
        raise ValueError(f"encode needs characters of {characters!r}, got {min(unknown)!r}")
    numbers = {character: i for i, character in enumerate(characters)}
    return [numbers[character] for character in text]


class Names(CharacterSamples):
    """First names, letter by letter: which character follows the `block_size` before it.

    Inputs (n, block_size) and targets (n,), whole numbers from 0 to 26: 0 is ".", which stands before the first letter
    and after the last, 1 to 26 are a to z. `words` are the names: the 4000 most frequent of the USA, most frequent
    first; every tenth is kept out with `train=True`, and only these are here with `train=False`.
    Source: U.S. Census Bureau, Frequently Occurring First Names (1990), public domain.
    """

    def __init__(self, block_size: int = 3, train: bool | None = None) -> None:
        self.block_size = whole_number("Names", "block_size", block_size, least=1)
        words = (_FOLDER / "first_names.txt").read_text("utf-8").split()
        self.words = [word for i, word in enumerate(words) if train is None or (i % 10 != 9) == train]
        characters = "." + "abcdefghijklmnopqrstuvwxyz"
        padding = "." * block_size
        numbers = np.array(encoded("".join(f"{padding}{word}." for word in self.words), characters))
        windows = np.lib.stride_tricks.sliding_window_view(numbers, block_size + 1)
        lengths = np.array([len(word) for word in self.words]) + block_size + 1
        ends = np.cumsum(lengths)
        inside = np.ones(len(numbers), bool)  # a window that begins in one name ends in it, too
        inside[(ends[:, None] - 1 - np.arange(block_size)).ravel()] = False
        windows = windows[inside[: len(windows)]]
        super().__init__(windows[:, :-1].copy(), windows[:, -1].copy(), characters)


class Shakespeare(CharacterSamples):
    """Acts I to IV of Coriolanus by William Shakespeare (about 1608), as far as scene 5, character by character.

    Inputs (n, context) and targets (n, context), whole numbers: the characters from place i on, and those one place
    further. `text` is the text, of 110 kB in all; its first nine tenths with `train=True`, the rest with
    `train=False`. The numbers of a window are in the memory of the whole text, and read-only.
    """

    def __init__(self, context: int = 32, train: bool | None = None) -> None:
        whole_number("Shakespeare", "context", context, least=1)
        text = (_FOLDER / "shakespeare.txt").read_text("utf-8")
        characters = "".join(sorted(set(text)))
        middle = int(len(text) * _TRAINING)
        self.text = {None: text, True: text[:middle], False: text[middle:]}[train]
        if len(self.text) <= context:
            raise ValueError(f"Shakespeare needs context below {len(self.text)}, got {context}")
        numbers = np.array(encoded(self.text, characters))
        windows = np.lib.stride_tricks.sliding_window_view(numbers, context)
        super().__init__(windows[:-1], windows[1:], characters)
