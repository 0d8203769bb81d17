"""Names and a text as numbers of characters."""

from __future__ import annotations

from pathlib import Path

import pytest

import tinygrad_edu as torch
from tinygrad_edu import datasets
from tinygrad_edu.utils.data import DataLoader


def test_every_letter_of_every_name_follows_what_is_before_it():
    names = datasets.Names(block_size=4)

    pairs = [(names.decode(x), names.decode([y])) for x, y in (names[i] for i in range(6))]

    assert names.words[0] == "james"
    assert pairs == [("....", "j"), ("...j", "a"), ("..ja", "m"), (".jam", "e"), ("jame", "s"), ("ames", ".")]
    assert len(names) == sum(len(word) + 1 for word in names.words)
    assert names.inputs.shape == (len(names), 4)


@pytest.mark.parametrize("block_size", [1, 2, 9])
def test_windows_stay_inside_a_name(block_size):
    names = datasets.Names(block_size)
    expected = [
        (("." * block_size + word)[i : i + block_size], (word + ".")[i])
        for word in names.words[:50]
        for i in range(len(word) + 1)
    ]

    assert [
        (names.decode(x), names.decode([y])) for x, y in (names[i] for i in range(len(expected)))
    ] == expected


def test_names_are_split_into_two_parts():
    every, train, test = datasets.Names(), datasets.Names(train=True), datasets.Names(train=False)

    assert [len(each.words) for each in (every, train, test)] == [4000, 3600, 400]
    assert set(train.words) | set(test.words) == set(every.words)
    assert len(set(every.words)) == 4000


def test_a_window_of_the_text_is_followed_by_the_next():
    text = datasets.Shakespeare(context=20)

    x, y = text[100]

    assert text.decode(x) == text.text[100:120]
    assert text.decode(y) == text.text[101:121]
    assert len(text) == len(text.text) - 20
    assert text.text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.")


def test_the_text_is_split_into_two_parts():
    every, train, test = [datasets.Shakespeare(train=part) for part in (None, True, False)]

    assert train.text + test.text == every.text
    assert 0.09 < len(test.text) / len(every.text) < 0.11
    assert train.characters == test.characters == every.characters


def test_batches_of_the_text():
    x, y = next(iter(DataLoader(datasets.Shakespeare(16), 8, shuffle=True)))

    assert x.shape == y.shape == (8, 16)
    assert x.dtype == "int64"
    assert x[:, 1:].tolist() == y[:, :-1].tolist()
    x[0, 0] = 0


def test_text_and_numbers_are_two_forms_of_one():
    text = datasets.Shakespeare()

    assert text.decode(text.encode("Speak, speak.")) == "Speak, speak."
    assert text.decode(torch.tensor(text.encode("hear"))) == "hear"
    with pytest.raises(ValueError, match=r"encode needs characters of .*, got '€'"):
        text.encode("a €")


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="Names needs block_size of 1 or more, got 0"):
        datasets.Names(0)
    with pytest.raises(ValueError, match="Shakespeare needs context of 1 or more, got 0"):
        datasets.Shakespeare(0)
    with pytest.raises(ValueError, match=r"Shakespeare needs context below 111902, got 111902"):
        datasets.Shakespeare(111_902)


def test_the_files_stay_small():
    folder = Path(datasets.__file__).parent

    assert (folder / "first_names.txt").stat().st_size < 40_000
    assert (folder / "shakespeare.txt").stat().st_size < 120_000
