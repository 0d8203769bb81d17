"""Overwriting in place: the same memory where the graph allows it, a new tensor or a clear refusal where not."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine.grad_mode import enable_grad, no_grad
from tinygrad_edu.tensor.tensor import tensor


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


IN_PLACE = {
    "+=": (lambda x: x.__iadd__(2), [3, 6]),
    "-=": (lambda x: x.__isub__(2), [-1, 2]),
    "*=": (lambda x: x.__imul__(2), [2, 8]),
    "/=": (lambda x: x.__itruediv__(2), [0.5, 2]),
    "add_": (lambda x: x.add_([1.0, 2.0], alpha=10), [11, 24]),
    "sub_": (lambda x: x.sub_(1, alpha=0.5), [0.5, 3.5]),
    "add_ of one": (lambda x: x.add_(1), [2, 5]),
    "sub_ of one": (lambda x: x.sub_(1), [0, 3]),
    "mul_": (lambda x: x.mul_(3), [3, 12]),
    "clamp_": (lambda x: x.clamp_(2, 3), [2, 3]),
    "clamp_ from above": (lambda x: x.clamp_(max=2), [1, 2]),
    "div_": (lambda x: x.div_(4), [0.25, 1]),
    "copy_": (lambda x: x.copy_([7, 8]), [7, 8]),
    "copy_ of one": (lambda x: x.copy_(7), [7, 7]),
    "zero_": (lambda x: x.zero_(), [0, 0]),
    "fill_": (lambda x: x.fill_(9), [9, 9]),
    "fill_ with a tensor": (lambda x: x.fill_(tensor(9.0)), [9, 9]),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_methods_change_the_same_memory_and_return_the_tensor(name):
    call, expected = IN_PLACE[name]
    x = tensor([1.0, 4.0])
    alias = x.detach()

    assert call(x) is x
    assert alias.tolist() == expected


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_methods_of_a_leaf_need_no_grad(name):
    call, expected = IN_PLACE[name]
    x = leaf([1.0, 4.0], name="w")

    with pytest.raises(
        RuntimeError, match=r"would overwrite a leaf that gets a gradient, 'w' of shape \(2,\)"
    ):
        call(x)

    with no_grad():
        call(x)
    assert x.tolist() == expected
    assert x.requires_grad


@pytest.mark.parametrize("name", [name for name in IN_PLACE if "=" not in name])
def test_in_place_methods_on_numbers_of_the_graph_are_refused(name):
    h = leaf([1.0, 4.0]) * 1

    with pytest.raises(RuntimeError, match=r"would overwrite numbers of the graph.*; write x = x \+ y"):
        IN_PLACE[name][0](h)


def test_augmented_assignment_on_a_computed_tensor_makes_a_new_one():
    x = leaf(3.0)
    h = first = x * x

    h += 1
    h *= x
    h.backward()

    assert first.item() == 9
    assert h.item() == 30
    assert x.grad.item() == 2 * 3 * 3 + 10


def test_augmented_assignment_of_a_graph_to_plain_numbers_makes_a_new_one():
    x, total = leaf(3.0), tensor(0.0)
    before = total

    total += x * x
    total.backward()

    assert before.item() == 0
    assert x.grad.item() == 6


def test_copy_replaces_infinities():
    assert tensor([np.inf, np.nan]).copy_([1.0, 2.0]).tolist() == [1, 2]


def test_items_can_be_assigned():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    row = x[0]

    x[0, 1] = 9
    x[x == 3] = tensor(-1.0)
    x[:, 0] = [5, 6]

    assert x.tolist() == [[5, 9], [6, 4]]
    assert row.tolist() == [5, 9]


def test_items_of_the_graph_cannot_be_assigned():
    with pytest.raises(
        RuntimeError, match=r"x\[...\] = y would overwrite numbers of the graph.*cat or stack rows"
    ):
        (leaf([1.0]) * 1)[0] = 5

    with pytest.raises(RuntimeError, match="would overwrite numbers of the graph"):
        tensor([1.0])[0] = leaf(5.0)


def test_an_item_that_is_not_there_cannot_be_assigned():
    with pytest.raises(IndexError, match="index 5 is out of bounds"):
        tensor([1.0])[5] = 1


@pytest.mark.parametrize("value", [[1.0, 2.0, 3.0], [[1.0, 2.0]]], ids=str)
def test_what_does_not_fit_is_not_written(value):
    with pytest.raises(
        ValueError, match=r"needs shape \(2,\) and numbers that fit float64|sizes must be equal"
    ):
        tensor([1.0, 2.0]).add_(value)


def test_halves_do_not_fit_into_whole_numbers():
    with pytest.raises(
        ValueError, match=r"\+= needs shape \(1,\) and numbers that fit int64, but .* float64"
    ):
        tensor([1]).__iadd__(0.5)


def test_overwriting_a_leaf_needs_no_grad_even_inside_enable_grad():
    with pytest.raises(RuntimeError, match=r"write with no_grad\(\)"), no_grad(), enable_grad():
        leaf([1.0]).add_(1)


@pytest.mark.parametrize("index", [0, (0,), -2, (0, ...), np.int64(0)])
def test_a_single_number_is_overwritten_where_it_stands(index):
    x = tensor([1.0, 2.0])

    x[index].mul_(5)

    assert x.tolist() == [5, 2]


def test_a_single_number_overwritten_before_backward_is_noticed():
    w = tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    w.data[0].mul_(5)

    with pytest.raises(RuntimeError, match="was overwritten"):
        loss.backward()


@pytest.mark.parametrize("name", ["fill_", "copy_", "add_", "mul_", "clamp_"])
def test_numbers_that_get_a_gradient_are_not_written_into_a_constant(name):
    x, w = tensor([1.0, 2.0]), leaf(2.0)

    with pytest.raises(RuntimeError, match="would overwrite numbers of the graph, a tensor of shape"):
        getattr(x, name)(w)
    assert x.tolist() == [1, 2]
