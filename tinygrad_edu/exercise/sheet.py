"""An exercise on paper: what is given, the network, what is asked; and, for the teacher, the worked solution."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_edu.derivation import Derivation, explain
from tinygrad_edu.derivation.document import (
    Block,
    Formula,
    Heading,
    Line,
    Math,
    Numbers,
    Sentence,
    Sign,
    Words,
)
from tinygrad_edu.derivation.numbers import shape_text, summary
from tinygrad_edu.derivation.page import Page
from tinygrad_edu.notation import number
from tinygrad_edu.symbolic.tree import Expression, symbol

if TYPE_CHECKING:
    from tinygrad_edu.exercise.exercise import Exercise

EQUALS = Sign("=")
MOST_DECIMALS = 8  # of a given number


def sheet(exercise: Exercise, solution: bool) -> Page:
    """The page."""
    working = explain(exercise.loss, list(exercise.asked.values()), digits=exercise.digits)
    whole = explain(exercise.loss, [*exercise.suspects.scene.tape.leaves, *exercise.asked.values()])
    blocks = [*_words(exercise.text), *_given(exercise, whole), *_network(whole), *_asked(exercise)]
    blocks += _solution(working) if solution else []
    return Page(exercise.title, tuple(blocks))


def _words(text: str) -> list[Block]:
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return [Sentence((words,)) for words in paragraphs if words]


def _given(exercise: Exercise, whole: Derivation) -> list[Block]:
    """The data, and what the formulas have beside them: the rows of 0s and 1s made from class numbers, say."""
    blocks: list[Block] = [Heading(("Given",))]
    for name, array in exercise.data.items():
        blocks += _numbers(name, array)
    others = [line for line in _lines(whole, "Given") if line[0].name not in exercise.data]
    return [*blocks, *(Formula((line,)) for line in others)]


def _numbers(name: str, array: np.ndarray) -> list[Block]:
    """A matrix; one too large to be shown is also listed, to be copied."""
    digits = decimals(array)
    words = summary(array, digits)
    note: Line = (Words(f" ({words})"),) if words else ()
    blocks: list[Block] = [Formula(((symbol(name, array.shape), EQUALS, Numbers(array, digits), *note),))]
    listed = json.dumps(np.round(array, digits).tolist())
    return blocks + ([Sentence((f"All of it: {listed}",))] if words else [])


def decimals(array: np.ndarray) -> int:
    """As few as give the numbers back exactly, if there are no more than eight."""
    exact = (d for d in range(MOST_DECIMALS) if np.array_equal(np.round(array, d), array))
    return next(exact, MOST_DECIMALS)


def _network(whole: Derivation) -> list[Block]:
    """The formulas of the forward pass, without what comes of them."""
    return [Heading(("The network",)), Formula(tuple(line[:3] for line in _lines(whole, "Forward")))]


def _lines(page: Page, title: str) -> list[Line]:
    return [line for block in part(page, title) for line in getattr(block, "lines", ())]


def _asked(exercise: Exercise) -> list[Block]:
    words = f"Derive these by hand, and give their numbers to {exercise.digits} decimals:"
    blocks: list[Block] = [Heading(("Asked",)), Sentence((words,))]
    for name, x in exercise.asked.items():
        points = exercise.points[name]
        worth = f" ({shape_text(x.shape)}; {number(points)} point{'s' * (points != 1)})"
        slope = Expression(exercise.loss.name or "L", x.shape, by=(name,))
        blocks.append(Sentence((Math((slope,)), worth)))
    example = ", ".join(f'"{name}": {_pattern(x.shape)}' for name, x in exercise.asked.items())
    return [*blocks, Sentence((f"As a file: {{{example}}}",))]


def _pattern(shape: tuple[int, ...]) -> str:
    """`[[...], ...]`."""
    if len(shape) < 2:
        return "[...]" if shape else "..."
    return "[" + _pattern(shape[1:]) + (", ...]" if shape[0] > 1 else "]")


def _solution(working: Derivation) -> list[Block]:
    blocks: list[Block] = []
    for title in ("Forward", "Backward", "Result"):
        blocks += [Heading((f"Solution: {title.lower()}",)), *part(working, title)]
    return blocks


def part(page: Page, title: str) -> list[Block]:
    """The blocks below the heading of this title, up to the next of the same level."""
    found: list[Block] = []
    inside = False
    for block in page.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.parts == (title,)
        elif inside:
            found.append(block)
    return found
