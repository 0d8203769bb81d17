"""Rows picked by a number: whatever token comes, the plan goes on with its row, and gradients go there."""

from __future__ import annotations

import itertools
from collections import namedtuple
from dataclasses import dataclass

import pytest

from tinygrad_edu import Value, capture
from tinygrad_edu.plan.values.picks import shifted


def table(rows=5, columns=2):
    return [[Value(0.1 * i - 0.3 * j) for j in range(columns)] for i in range(rows)]


def flat(rows):
    return [x for row in rows for x in row]


STEPS = {
    "rows": lambda t, tokens: sum(t[i][0] * t[j][1] for i, j in itertools.pairwise(tokens)),
    "computed numbers": lambda t, tokens: sum([row[0].exp() * 2 for row in t][i] for i in tokens),
    "a row and its number": lambda t, tokens: sum(t[i][0] * i for i in tokens),
    "a row and a column used directly": lambda t, tokens: sum(t[i][0] * t[2][0] + t[3][1] for i in tokens),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_rows_are_picked_by_tokens(name):
    rows, found = table(), []
    step = STEPS[name]
    for plan in (step, capture(lambda tokens: step(rows, tokens), strict=True, check="never")):
        found.append([])
        for tokens in ([0, 4, 3], [1, 1, 1], [2, 0, 2], [4, 3, 3], [0, 0, 1]):
            for v in flat(rows):
                v.grad = 0.0
            loss = plan(rows, tokens) if plan is step else plan(tokens)
            loss.backward()
            found[-1].append([loss.data, *[v.grad for v in flat(rows)]])

    assert found[1] == [pytest.approx(expected, rel=1e-14) for expected in found[0]]


def test_a_token_beyond_the_rows_raises_as_the_step_does():
    rows = table()
    plan = capture(lambda tokens: sum(rows[i][0] for i in tokens), check="never")
    for _ in range(3):
        plan([4, 1])

    with pytest.raises(IndexError):
        plan([5, 1])
    assert plan([-1, 1]).data == rows[4][0].data + rows[1][0].data
    assert plan.ready


def test_a_step_that_decides_by_a_token_is_left_alone():
    rows = table()
    plan = capture(lambda tokens: sum(rows[i][0] for i in tokens if i > 1))
    plan([4, 1])

    with pytest.warns(UserWarning, match=r"gt\(\) of a number decides"):
        assert plan([4, 1]).data == rows[4][0].data


def test_a_row_picked_through_a_table_of_plain_numbers_is_left_alone():
    rows, order = table(), [3, 1, 4, 0, 2]
    plan = capture(lambda tokens: sum(rows[order[i]][0] for i in tokens))
    plan([4, 1])

    with pytest.warns(UserWarning, match="run again with other numbers it computes something else"):
        assert plan([4, 1]).data == rows[2][0].data + rows[1][0].data


@pytest.mark.slow
def test_sixteen_lengths_have_a_program_each():
    rows = table()
    plan = capture(lambda tokens: sum(rows[i][0] for i in tokens), check="never")

    for n in [*range(1, 17)] * 2:
        tokens = [k % 5 for k in range(n)]
        assert plan(tokens).data == pytest.approx(sum(rows[i][0].data for i in tokens), rel=1e-14)
    assert plan.ready


@pytest.mark.parametrize("numbers", [[0, 1, 2], [3, 3, 3, 3], [0, 0, 1, 1, 0], [26, 4, 12, 12, 0, 26]])
def test_further_recordings_tell_all_inputs_apart(numbers):
    rows = list(shifted(numbers))

    assert len(set(zip(numbers, *rows, strict=True))) == len(numbers)
    assert all(x != y for x, y in zip(numbers, rows[0], strict=True))
    assert all(0 <= x <= max(numbers) for row in rows for x in row)


Batch = namedtuple("Batch", "inputs target")


@dataclass
class Example:
    inputs: list[float]
    target: float


@pytest.mark.parametrize(
    "make", [Batch, Example, lambda inputs, target: {"inputs": inputs, "target": target}]
)
def test_inputs_may_be_records_of_numbers(make):
    p = Value(0.5)

    def step(batch):
        inputs, target = (
            (batch["inputs"], batch["target"]) if isinstance(batch, dict) else (batch.inputs, batch.target)
        )
        return sum((p * x - target) ** 2 for x in inputs)

    plan = capture(step, strict=True, check="never")

    for k in (1.0, 2.0, 3.0):
        assert plan(make([k, 2.0], k)).data == pytest.approx(step(make([k, 2.0], k)).data, rel=1e-14)
    assert plan.ready
