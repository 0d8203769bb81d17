"""The sheet of an exercise: its data, the network, the questions; and, for the teacher, the worked solution."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np

from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.explanation.derivation import Derivation, explain
from tinygrad_edu.explanation.derivation.page.blocks import (
    Block,
    Code,
    Formula,
    Heading,
    Line,
    Math,
    Numbers,
    Sentence,
    Sign,
    Words,
)
from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.explanation.derivation.page.text_page import sentence
from tinygrad_edu.explanation.derivation.shown_numbers import shape_text, summary
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.text.numbers import number

EQUALS = Sign("=")
MAX_DECIMALS = 8  # of a number in the data


def sheet(exercise: Problem, solution: bool) -> Page:
    """The page of an exercise, with the worked solution if `solution`."""
    whole = explain(exercise.loss, _everything(exercise), names={})
    blocks = [*_words(exercise.text), *_given(exercise, whole), *_network(whole), *_asked(exercise)]
    blocks += _solution(exercise) if solution else []
    return Page(exercise.title, tuple(blocks))


def _everything(exercise: Problem) -> list[Tensor]:
    leaves = [x for x in exercise.gradients.suspects.facts.tape.leaves if isinstance(x, Tensor)]
    return [*leaves, *exercise.asked.values()]


def _words(text: str) -> list[Block]:
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return [Sentence((words,)) for words in paragraphs if words]


def _given(exercise: Problem, whole: Derivation) -> list[Block]:
    """The data, and other constants of the formulas, such as rows of 0s and 1s made from class numbers."""
    blocks: list[Block] = [Heading(("Given",))]
    for name, array in exercise.data.items():
        blocks += _numbers(name, array)
    others = [line for line in _lines(whole, "Given") if line[0].name not in exercise.data]
    return [*blocks, *(Formula((line,)) for line in others)]


def _numbers(name: str, array: np.ndarray) -> list[Block]:
    """The matrix; one too large to be shown is also listed, to be copied."""
    digits = decimals(array)
    words = summary(array, digits)
    note: Line = (Words(f" ({words})"),) if words else ()
    blocks: list[Block] = [Formula(((symbol(name, array.shape), EQUALS, Numbers(array, digits), *note),))]
    wide = (
        array.astype(float) if array.dtype.kind == "f" else array
    )  # float32 would show digits that it has not
    listed = json.dumps(np.round(wide, digits).tolist())
    return blocks + ([Sentence(("All of it, to be copied:",)), Code(listed)] if words else [])


def decimals(array: np.ndarray) -> int:
    """The fewest decimals, up to eight, that give the numbers back exactly."""
    exact = (d for d in range(MAX_DECIMALS) if np.array_equal(np.round(array, d), array))
    return next(exact, MAX_DECIMALS)


def _network(whole: Derivation) -> list[Block]:
    """The formulas of the forward pass, without their results."""
    return [Heading(("The network",)), Formula(tuple(line[:3] for line in _lines(whole, "Forward")))]


def formula_of(exercise: Problem, name: str) -> str:
    """The formula of a value on the sheet, `a₁ = σ(z₁)`; an empty text if there is none."""
    lines = _lines(explain(exercise.loss, _everything(exercise), names={}), "Forward")
    found = (line[:3] for line in lines if line[0].name == name)
    return next((sentence((Math(line),)) for line in found), "")


def _lines(page: Page, title: str) -> list[Line]:
    return [line for block in part(page, title) for line in getattr(block, "lines", ())]


def _asked(exercise: Problem) -> list[Block]:
    how = "Derive these by hand, and give" if exercise.asked else "Compute these by hand, and give"
    blocks: list[Block] = [
        Heading(("Asked",)),
        Sentence((f"{how} their numbers to {exercise.digits} decimals:",)),
    ]
    for name in exercise.ask:
        x = exercise.values[name] if name in exercise.values else exercise.asked[name]
        points = exercise.points[name]
        worth = f" ({shape_text(x.shape)}; {number(points)} point{'s' * (points != 1)})"
        blocks.append(Sentence((Math((_symbol(exercise, name, x),)), worth)))
    return [*blocks, *_to_hand_in(exercise)]


def _symbol(exercise: Problem, name: str, x: Tensor) -> Expression:
    if name in exercise.values:
        return symbol(name, x.shape)
    return Expression(exercise.loss.name or "L", x.shape, by=(x.name or name,))


def _to_hand_in(exercise: Problem) -> list[Block]:
    shapes = {name: x.shape for name, x in (exercise.values | exercise.asked).items()}
    if exercise.as_function:
        names = ", ".join(f'"{name}": ...' for name in exercise.ask)
        lines = f"def answers({_arguments(exercise.data)}):\n    return {{{names}}}"
        return [Sentence(("Hand in a function, which will be called with other numbers, too:",)), Code(lines)]
    example = ", ".join(f'"{name}": {_pattern(shapes[name])}' for name in exercise.ask)
    return [Sentence(("Hand in a file, in which each [...] is a row:",)), Code(f"{{{example}}}")]


def _arguments(names: Collection[str]) -> str:
    """The names as arguments of a function, and `**parameters` for paths, which are no identifiers."""
    own = [name for name in names if name.isidentifier()]
    return ", ".join([*own, *(["**parameters"] if len(own) < len(names) else [])])


def _pattern(shape: tuple[int, ...]) -> str:
    """The shape as a pattern to fill in: `[[...], ...]`."""
    if len(shape) < 2:
        return "[...]" if shape else "..."
    return "[" + _pattern(shape[1:]) + (", ...]" if shape[0] > 1 else "]")


def _solution(exercise: Problem) -> list[Block]:
    """The way forward, and the way back to the gradients that are asked."""
    whole = explain(exercise.loss, _everything(exercise), digits=exercise.digits, names={})
    blocks: list[Block] = [Heading(("Solution: forward",)), *part(whole, "Forward")]
    if exercise.asked:
        working = explain(exercise.loss, list(exercise.asked.values()), digits=exercise.digits, names={})
        for title in ("Backward", "Result"):
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
