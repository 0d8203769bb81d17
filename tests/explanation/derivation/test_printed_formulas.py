"""What is printed is true: every equation of a page, read as a reader does, holds for the numbers of the engine."""

from __future__ import annotations

import numpy as np
import pytest

from tests.explanation.derivation.printed_formulas import (
    ReadingError,
    each,
    holds,
    matrix_product,
    outer,
    read,
)
from tests.explanation.derivation.random_graphs import random_graph
from tinygrad_edu import explain
from tinygrad_edu.explanation.derivation.page.blocks import Formula, Numbers, Sign, Words
from tinygrad_edu.explanation.derivation.page.text_boxes import flat
from tinygrad_edu.ops.fused_loss import class_cross_entropy
from tinygrad_edu.symbolic.writers.text_writer import text, text_name

GRAPHS = 200


def names_of(derivation, arrays, loss):
    """The true numbers of all names on the page."""
    known = {text_name(name): array for name, array in arrays.items()} | {"L": loss}
    for block in derivation.blocks:  # lines begin with a name and end with its numbers
        for line in block.lines if isinstance(block, Formula) else ():
            name, numbers = flat(line[0]), [x for x in line if isinstance(x, Numbers)]
            if numbers and name not in known:
                known[name] = np.asarray(numbers[-1].array)
    for step in derivation.steps:
        known[text(step.symbol)] = step.value
        known[text(step.gradient_symbol)] = known[text(step.called)] = step.gradient
    return known


def equations(derivation):
    """The texts `name = formula` of the page, as they are printed."""
    for block in derivation.blocks:
        left = None
        for line in _whole(block.lines) if isinstance(block, Formula) else ():
            left = left if isinstance(line[0], Sign) else line[0]
            whole = (left, *line) if isinstance(line[0], Sign) else line
            sides = "".join("\0" if isinstance(x, Numbers) else flat(x) for x in whole)
            if "for each number" in sides:
                continue
            first, *others = _sides(sides)
            yield from ((first, other) for other in others if "\0" not in other and "no formula" not in other)


def _whole(lines):
    """The lines, each together with the lines below that name its parts."""
    found = []
    for line in lines:
        if isinstance(line[0], Words):
            found[-1] = (*found[-1], Words("\n    "), *line)
        else:
            found.append(line)
    return found


def _sides(line):
    main, *parts = line.split("\n    with ", 1)
    first, *others = main.replace(" ≈ ", " = ").split(" = ")
    if "[" in main:  # a comparison has signs of its own
        others = _joined(others)
    with_parts = f"\n    with {parts[0]}" if parts else ""
    return [first, *(other + with_parts for other in others)]


def _joined(sides):
    found = []
    for side in sides:
        if found and found[-1].count("[") > found[-1].count("]"):
            found[-1] += f" = {side}"
        else:
            found.append(side)
    return found


def wrong_numbers(derivation):
    """The lines of numbers, `[a] ⊙ [b] = [c]` and `[a] via x + [b] via y = [c]`, that do not hold."""
    for block in derivation.blocks:
        for line in block.lines if isinstance(block, Formula) else ():
            *sides, result = _split([x for x in line if not isinstance(x, Words)], "=")
            for side in sides:
                if isinstance(side[0] if side else None, Numbers) and result:
                    found = sum(sign * _multiplied(terms) for sign, terms in _terms(side))
                    if not holds(np.asarray(result[0].array), np.asarray(found)):
                        yield "".join(str(getattr(x, "array", x)) for x in line)


def _split(parts, *signs):
    found = [[]]
    for part in parts:
        if isinstance(part, Sign) and part.text in signs:
            found.append([])
        else:
            found[-1].append(part)
    return found


def _terms(side):
    sign, found = 1, [(1, [])]
    for part in side:
        if isinstance(part, Sign) and part.text in "+−":
            sign = 1 if part.text == "+" else -1
            found.append((sign, []))
        elif isinstance(part, Numbers | Sign):
            found[-1][1].append(part)
    return found


def _multiplied(terms):
    result = np.asarray(terms[0].array)
    for sign, numbers in zip(terms[1::2], terms[2::2], strict=True):
        right = np.asarray(numbers.array)
        product = {"·": matrix_product, "⊗": outer, "⊙": each}[sign.text]
        result = (
            result * right
            if sign.text == "·" and min(result.size, right.size) == 1
            else product(result, right)
        )
    return result


def wrong_lines(derivation, graph):
    """The equations of the page that do not hold, or cannot be read."""
    known = names_of(derivation, graph.arrays, graph.loss.raw)
    if graph.loss.operation is class_cross_entropy:
        classes = graph.loss.inputs[0].shape[1]
        known["onehot"] = lambda y: np.eye(classes)[y.astype(int)]
    found = [*wrong_numbers(derivation)]
    lines = [
        *equations(derivation),
        *(line.split(" = ", 1) for line in derivation.formulas if "no formula" not in line),
    ]
    for left, right in lines:
        try:
            if not holds(np.asarray(known[left]), read(right, known)):
                found.append(f"wrong: {left} = {right}")
        except (ReadingError, ValueError, IndexError, TypeError, SyntaxError, NameError, KeyError) as error:
            found.append(f"{left} = {right}: {type(error).__name__} {error}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(GRAPHS))
def test_every_printed_equation_of_a_random_graph_holds(seed):
    graph = random_graph(seed)

    derivation = explain(graph.loss, graph.wrt)

    assert wrong_lines(derivation, graph) == []


MATRIX, CUBE = np.arange(9.0).reshape(3, 3), np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "formula",
    [
        "softmax(t)",
        "Σ rows t",
        "Σ columns a ⊙ a",
        "a ⊙ a · a",
        "Σ a · a",
        "a a",
        "scatter(a)",
        "a[…]",
        "v ⊙ vᵀ",
    ],
)
def test_the_reader_refuses_what_says_too_little_or_can_be_read_in_two_ways(formula):
    with pytest.raises((ReadingError, SyntaxError)):
        read(formula, {"a": MATRIX, "t": CUBE, "v": np.ones(3)})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2 a ⊙ (a − Σ rows a) / 3", 2 * MATRIX * (MATRIX - MATRIX.sum(0)) / 3),
        ("Σ columns a", MATRIX.sum(1, keepdims=True)),
        ("(Σ columns a)ᵀ ⊙ v", MATRIX.sum(1) * [1, 2, 3]),
        ("vᵀ ⊙ a", np.array([[1], [2], [3]]) * MATRIX),
        ("v ⊗ v", np.outer([1, 2, 3], [1, 2, 3])),
        ("aᵀ · v", MATRIX.T @ [1, 2, 3]),
        ("Σ dims 0, 2 t", CUBE.sum((0, 2), keepdims=True)),
        ("[a > 3] − −a²", (MATRIX > 3) + MATRIX**2),
        ("zeros(3)[[0, 0] += v[1:]]", [5, 0, 0]),
        ("s ⊙ s\n    with s = a + u\n    with u = Σ v", (MATRIX + 6) ** 2),
    ],
)
def test_the_reader_computes_what_is_written(formula, value):
    np.testing.assert_allclose(
        read(formula, {"a": MATRIX, "t": CUBE, "v": np.array([1.0, 2.0, 3.0])}), np.asarray(value)
    )


def test_a_formula_over_the_wrong_dimension_does_not_hold():
    z = MATRIX / 9

    assert not holds(z.sum(0), read("Σ columns z", {"z": z}))
    assert holds(z.sum(0), read("Σ rows z", {"z": z}))
