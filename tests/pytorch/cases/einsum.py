"""Cases of Einstein summation: any equation, as text or in numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, refused

SIZES = {"i": 2, "j": 3, "k": 1, "l": 4, "B": 2}
REST = (2, 3)  # the sizes of what `...` stands for


def _term(draw):
    """Letters, one of them perhaps twice, and perhaps `...`; and the shape of an operand."""
    letters = draw(st.lists(st.sampled_from("ijklB"), max_size=3))
    shape = [1 if letters.count(x) == 1 and draw(st.integers(0, 5)) == 0 else SIZES[x] for x in letters]
    if draw(st.booleans()):
        rest = REST[draw(st.integers(0, 2)) :]
        place = draw(st.integers(0, len(letters)))
        letters[place:place], shape[place:place] = (
            ["..."],
            [1 if draw(st.integers(0, 3)) == 0 else n for n in rest],
        )
    return letters, tuple(shape)


def _result(draw, terms):
    """The letters of a result: some of those of the terms."""
    letters = sorted({x for term, _ in terms for x in term})
    return draw(st.permutations(letters))[: draw(st.integers(0, len(letters)))]


def _numbers(term):
    return [... if x == "..." else ord(x) - ord("A") if x.isupper() else 26 + ord(x) - ord("a") for x in term]


@case("einsum")
def _(draw):
    terms = [_term(draw) for _ in range(draw(st.integers(1, 3)))]
    operands = [draw(floats(shape=shape, dtype=np.float64)) for _, shape in terms]
    result = _result(draw, terms)
    explicit = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        sublists = [part for x, (term, _) in zip(operands, terms) for part in (x, _numbers(term))]
        return [*sublists, *([_numbers(result)] if explicit else [])], {}
    equation = ", ".join("".join(term) for term, _ in terms) + (" -> " + "".join(result) if explicit else "")
    return [equation, operands] if draw(st.booleans()) else [equation, *operands], {}


refused("einsum", lambda t: t.einsum("ij"), "einsum needs one Tensor or more, got")
refused(
    "einsum",
    lambda t: t.einsum("ij,jk", t.ones(2, 2)),
    "einsum cannot take 'ij,jk' for shapes ..2, 2.,.; Number of einsum subscripts",
)
refused(
    "einsum",
    lambda t: t.einsum("i1", t.ones(2, 2)),
    "einsum cannot take 'i1' .* 1 is not a valid symbol",
)
refused(
    "einsum",
    lambda t: t.einsum("ijk", t.ones(2, 2)),
    "einsum cannot take 'ijk' .* correct number of indices for operand 0",
)
refused(
    "einsum",
    lambda t: t.einsum("i", t.ones(2, 2)),
    "einsum cannot take 'i' .* correct number of indices for operand 0",
)
refused(
    "einsum",
    lambda t: t.einsum("i,i", t.ones(2), t.ones(3)),
    "einsum cannot take 'i,i' for shapes ..2,., .3,..; Size of label 'i'",
)
refused(
    "einsum",
    lambda t: t.einsum("ii", t.ones(2, 3)),
    "einsum cannot take 'ii' .* Size of label 'i'",
)
refused(
    "einsum",
    lambda t: t.einsum("ij->k", t.ones(2, 3)),
    "einsum cannot take 'ij->k' .* did not appear in the input",
)
refused(
    "einsum",
    lambda t: t.einsum("ij->ii", t.ones(2, 3)),
    "einsum cannot take 'ij->ii' .* appeared more than once",
)
refused(
    "einsum",
    lambda t: t.einsum("......", t.ones(2, 3)),
    "einsum cannot take .* Invalid Ellipses",
)
refused(
    "einsum", lambda t: t.einsum(t.ones(2), [99]), "einsum needs numbers from 0 to 51 in its lists, got 99"
)
refused(
    "einsum",
    lambda t: t.einsum(t.ones(2)),
    "einsum needs an equation, or operands and lists of numbers in turn",
)
refused("einsum", lambda t: t.einsum(t.ones(2), [..., ...]), "einsum cannot take .* Invalid Ellipses")
refused("einsum", lambda t: t.einsum("ii", t.ones(1, 3)), "needs one size for 'i' on one operand")
