"""The walk: sums over paths, repeated calls, higher orders, random graphs, and a graph of a million nodes."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import graphs


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


# Sums over paths.


def test_both_paths_of_a_diamond_count():
    x = leaf(3.0)
    a, b = x * 2, x * 5

    (a * b).backward()

    assert x.grad.item() == 2 * 10 * 3


def test_a_tensor_times_itself_has_two_edges():
    x = leaf([3.0, -2.0])

    (x * x).sum().backward()

    assert x.grad.tolist() == [6, -4]


def test_a_tensor_plus_itself_has_two_edges():
    x = leaf(3.0)

    (x + x).backward()

    assert x.grad.item() == 2


def test_a_shared_weight_receives_from_every_use():
    w = leaf([[1.0, 2.0], [3.0, 4.0]])
    x = tensor([1.0, 1.0])

    (w @ (w @ x)).sum().backward()

    assert w.grad.tolist() == [[3 + 4, 7 + 4], [3 + 6, 7 + 6]]


def test_diamonds_in_a_row_double_every_time():
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y

    y.backward()

    assert x.grad.item() == 2**60


def test_a_result_used_early_and_late_is_complete_before_it_is_passed_on():
    x = leaf(2.0)
    h = x * 3
    late = h
    for _ in range(5):
        late = late * 1.0
    ((h * late) + h).backward()

    assert x.grad.item() == 2 * 9 * 2 + 3


def test_a_leaf_is_its_own_result():
    x = leaf(2.0)

    x.backward()

    assert x.grad.item() == 1


def test_an_operation_with_an_input_that_needs_no_gradient_passes_it_by():
    x, c = leaf(2.0), tensor(5.0)

    (x * c).backward()

    assert c.grad is None
    assert x.grad.item() == 5


def test_a_gradient_is_brought_back_to_the_shape_of_its_input_even_if_it_has_as_many_bytes():
    x, row = leaf([1.0, 2.0]), tensor([[3.0, 4.0]])

    (x * row).sum().backward()

    assert x.grad.tolist() == [3, 4]


def test_a_gradient_is_brought_back_to_the_dtype_of_its_input_even_if_it_has_as_many_bytes():
    x, factor = leaf(np.float32([[1.0, 2.0]])), tensor([[3.0], [4.0]])

    (x * factor)[:, :1].sum().backward()

    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [[7, 0]])


def test_inputs_chooses_among_the_leaves_and_inner_gradients_stay():
    w, b = leaf(2.0), leaf(1.0)
    h = w * 3

    (h * h + b).backward(inputs=[w])

    assert (w.grad.item(), b.grad, h.grad.item()) == (36, None, 12)


def test_inputs_the_result_does_not_depend_on_are_refused():
    x, other = leaf(2.0), leaf([1.0, 2.0], name="other")

    with pytest.raises(
        RuntimeError, match=r"inputs that the tensor depends on, but it does not on 'other' of shape"
    ):
        (x * 3).backward(inputs=[x, other])
    with pytest.raises(RuntimeError, match=r"but it does not on 7$"):
        (x * 3).backward(inputs=[7])
    assert x.grad is None


def test_nothing_flows_through_an_input_without_a_rule_and_the_walk_goes_on():
    x, w = leaf([1.0, 2.0]), leaf([0.0, 5.0])
    h = x * 3
    condition = w * 2

    where(condition, h, 0).sum().backward()

    assert x.grad.tolist() == [0, 3]
    assert (condition.grad, w.grad) == (None, None)


def test_other_numbers_than_gradients_may_be_accumulated_over_all_paths():
    y = x = leaf(1.0)
    for _ in range(3):
        y = y + y

    paths = accumulate(newest_first(y), {y: 1}, lambda node, count: [(x, count) for _, x in node.edges()])

    assert paths[x] == 8


# Once, twice, three times.


@pytest.mark.parametrize("times", [1, 2, 3])
def test_leaves_add_up_over_calls_exactly(times):
    x = leaf([0.1, 0.7])
    loss = (x * x).exp().sum()

    loss.backward()
    once = x.grad.numpy().copy()
    for _ in range(times - 1):
        loss.backward()

    np.testing.assert_allclose(x.grad.raw, times * once, rtol=1e-15)


def test_inner_gradients_start_anew_at_every_call():
    x = leaf(2.0)
    h = x * 3
    loss = h * h

    loss.backward()
    loss.backward()

    assert (h.grad.item(), loss.grad.item()) == (12, 1)
    assert x.grad.item() == 2 * 36


def test_an_inner_tensor_of_two_losses_shows_the_last():
    x = leaf(2.0)
    h = x * 3

    (h * 5).backward()
    (h * 7).backward()

    assert h.grad.item() == 7
    assert x.grad.item() == 15 + 21


def test_gradients_do_not_share_memory_with_each_other():
    x, y = leaf([1.0]), leaf([1.0])

    (x + y).sum().backward()
    x.grad.raw[...] = 99

    assert y.grad.tolist() == [1]


def test_the_gradient_passed_in_is_not_shared():
    x, upstream = leaf([1.0, 2.0]), np.array([1.0, 1.0])

    (x + 0).backward(upstream)
    upstream[:] = 7

    assert x.grad.tolist() == [1, 1]


def test_accumulating_leaves_an_earlier_gradient_alone():
    x = leaf([1.0])
    (x * 2).sum().backward()
    first = x.grad

    (x * 3).sum().backward()

    assert first.tolist() == [2]
    assert x.grad.tolist() == [5]


# Higher order.


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_derivatives_of_any_order():
    x = leaf(2.0)
    y = x**4
    derivatives = []

    for _ in range(5):
        y.backward(create_graph=True)
        y, x.grad = x.grad, None
        derivatives.append(y.item())
        if not y.requires_grad:
            break

    assert derivatives[:4] == [32, 48, 48, 24]


def test_without_create_graph_a_gradient_has_no_graph():
    x = leaf(2.0)

    (x**3).backward()

    assert not x.grad.requires_grad


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_create_graph_works_inside_no_grad():
    x = leaf(2.0)
    y = x**3

    with grad_mode.no_grad():
        y.backward(create_graph=True)

    assert x.grad.requires_grad


# Random graphs.

SMOOTH = graphs(kinks=False, in_place=False, max_lines=6)


@settings(max_examples=40)
@given(SMOOTH)
def test_random_graphs_match_finite_differences(graph):
    check_gradients(graph, *graph.inputs.values(), rtol=1e-5)


@settings(max_examples=10)
@given(SMOOTH)
def test_random_graphs_match_finite_differences_at_second_order(graph):
    check_gradients(graph, *graph.inputs.values(), order=2, rtol=1e-5, atol=1e-6)


@settings(max_examples=40)
@given(graphs())
def test_watched_and_unwatched_gradients_are_the_same_numbers(graph):
    plain = graph.gradients()
    with grad_mode.watch(lambda *note: None):
        watched = graph.gradients()

    assert str(plain) == str(watched)


# Size.


@pytest.mark.slow
def test_a_chain_of_200_000_additions_goes_forward_backward_and_away():
    assert sys.getrecursionlimit() <= 20_000
    x = leaf(0.0)
    y = x

    for _ in range(200_000):
        y = y + 1.0
    y.backward()
    value = y.item()
    del y

    assert value == 200_000
    assert x.grad.item() == 1


# A user's own rule that fails.

FAULTY = {
    "with too few parameters": (lambda g: g, TypeError, "takes 1 positional argument but 3 were given"),
    "that reads what is not there": (
        lambda g, _y, _x: g.nothing,
        AttributeError,
        "has no attribute 'nothing'",
    ),
    "that returns nothing": (lambda _g, _y, _x: None, AttributeError, "'NoneType' object has no attribute"),
    "that returns text": (lambda _g, _y, _x: "g", AttributeError, "'str' object has no attribute"),
    "that picks what is not there": (lambda g, _y, _x: g[5], IndexError, "out of bounds"),
    "that mixes shapes": (lambda g, _y, _x: g + np.ones(7), ValueError, "could not be broadcast"),
}


@pytest.mark.parametrize(("rule", "error", "what"), FAULTY.values(), ids=FAULTY)
def test_a_rule_of_ones_own_that_fails_is_named_with_its_input_and_line(rule, error, what):
    double = Operation(lambda x: x * 2, rule, name="double")
    w = leaf([1.0, 2.0], name="w")

    with pytest.raises(
        error,
        match=r"the rule of double for input 1, 'w' of shape \(2,\), failed at test_backward.py:\d+: .*"
        + what
        + r".*; a rule is called as rule\(g, result, x\) and returns the gradient of its input",
    ):
        double(w).sum().backward()


def test_the_rule_of_the_second_input_is_named_as_such():
    product = Operation(lambda x, y: x * y, lambda g, _z, _x, y: g * y, lambda g: g, name="product")

    with pytest.raises(
        TypeError, match=r"the rule of product for input 2, .* called as rule\(g, result, x, y\)"
    ):
        product(leaf([1.0]), leaf([2.0])).sum().backward()


def test_of_one_tensor_that_is_used_twice_the_wrong_use_is_named():
    x = leaf([1.0, 2.0])
    missing = Operation(
        lambda x, y: x * y, lambda g, _z, _x, y: g * y, lambda g, *_: {}[g.size], name="missing"
    )

    with pytest.raises(LookupError, match="the rule of missing for input 2, "):
        missing(x, x).sum().backward()


def test_a_rule_that_returns_another_shape_is_named():
    total = Operation(lambda x: x * 2, lambda g, _y, _x: g.sum(), name="total")

    with pytest.raises(
        ValueError,
        match=r"test_backward.py:\d+: the rule of total returned \(\) for an input of shape \(2,\)",
    ):
        total(leaf([1.0, 2.0])).sum().backward()


def test_a_result_that_is_asked_for_twice_is_walked_once():
    x = leaf(2.0)
    y = x * x
    z = y + x

    assert newest_first(z, y, z) == [z, y]
