"""At a kink more than one slope is right, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

WEIGHTS = np.array([1.0, 2.0, 3.0, 5.0, 7.0])
OPERATIONS = {
    # The result, its derivative where there is one, and the slopes at the kinks that are right and wrong.
    "relu": (lambda x: x.relu(), [0, None, 1, None, 1], (0.0, 0.3, 1.0), (-0.2, 1.2)),
    "abs": (abs, [-1, None, 1, None, 1], (-1.0, 0.0, 0.7, 1.0), (-1.2, 1.2)),
    "maximum": (lambda x: x.maximum(0.0), [0, None, 1, None, 1], (0.0, 0.5, 1.0), (-0.2, 1.2)),
    "minimum": (lambda x: x.minimum(0.0), [1, None, 0, None, 0], (0.0, 0.5, 1.0), (-0.2, 1.2)),
}
CASES = [
    (name, slope, right)
    for name, (_, _, good, bad) in OPERATIONS.items()
    for slopes, right in ((good, True), (bad, False))
    for slope in slopes
]


@pytest.mark.parametrize(("name", "slope", "right"), CASES)
def test_every_slope_between_the_one_sided_ones_is_right(name, slope, right):
    function, derivative, _, _ = OPERATIONS[name]
    w = tensor([-1.0, 0.0, 2.0, 0.0, 1.0], requires_grad=True, name="w")
    loss = (function(1 * w) * tensor(WEIGHTS)).sum()

    submitted = WEIGHTS * [slope if d is None else d for d in derivative]

    assert diagnose(loss, w, submitted).right is right


def test_each_kink_may_have_a_slope_of_its_own():
    w = tensor([-1.0, 0.0, 2.0, 0.0, 1.0], requires_grad=True, name="w")
    loss = ((1 * w).relu() * tensor(WEIGHTS)).sum()

    assert diagnose(loss, w, WEIGHTS * [0, 0.25, 1, 0.75, 1]).right
    assert not diagnose(loss, w, WEIGHTS * [0.25, 0, 1, 0, 1]).right


def test_at_a_tie_the_two_inputs_share_the_gradient_in_any_way():
    a = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, name="a")
    b = tensor([1.0, 5.0, 3.0, 2.0], requires_grad=True, name="b")
    loss = (a.maximum(b) * tensor([1.0, 2.0, 3.0, 5.0])).sum()

    assert diagnose(loss, {a: [1, 0, 0, 5], b: [0, 2, 3, 0]}).right
    assert not diagnose(loss, {a: [1, 0, 0, 5], b: [1, 2, 3, 0]}).right


def test_a_tensor_tied_with_itself_has_one_slope():
    a = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, name="a")
    loss = (a.maximum(a) * tensor([1.0, 2.0, 3.0, 5.0])).sum()

    assert diagnose(loss, a, [1, 2, 3, 5]).right
    assert not diagnose(loss, a, [1.25, 2, 3, 5]).right


def test_what_lies_behind_a_kink_follows_from_the_slope_there():
    x = tensor([[1.0, 2.0], [3.0, -1.0], [2.0, 2.0]])
    w = tensor([[2.0, 1.0], [-1.0, 1.0]], requires_grad=True, name="w")
    z = x @ w  # the first is 0
    loss = (z.relu() * tensor([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])).sum()
    slopes = np.array([[0.5, 1], [1, 1], [1, 1]])

    assert z.raw[0, 0] == 0
    assert diagnose(loss, w, x.raw.T @ (slopes * [[1, 2], [3, 5], [7, 11]])).right
