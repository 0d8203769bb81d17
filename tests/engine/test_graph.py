"""The walk: sums over paths, repeated calls, size, release, and numbers that were changed too early."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing import check_gradients


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

CHOICES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=12
)


SMOOTH = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - b,
    lambda a, _: a.tanh(),
    lambda a, _: a.sin(),
    lambda a, _: a.sigmoid(),
]


def run(choices, x, y):
    """A graph of smooth operations: any two of the nodes found so far are the inputs of the next."""
    nodes = [x, y]
    for kind, left, right in choices:
        nodes.append(SMOOTH[kind](nodes[left % len(nodes)], nodes[right % len(nodes)]))
    total = nodes[-1].sum()
    for node in nodes[2::3]:
        total = total + node.tanh().sum()
    return total


@settings(deadline=None, max_examples=40)
@given(CHOICES)
def test_random_graphs_match_finite_differences(choices):
    check_gradients(lambda x, y: run(choices, x, y), [[0.3, -0.2, 0.5]], [[0.1], [-0.4]], rtol=1e-5)


@settings(deadline=None, max_examples=10)
@given(CHOICES)
def test_random_graphs_match_finite_differences_at_second_order(choices):
    check_gradients(lambda x, y: run(choices[:6], x, y), [0.3, -0.2], 0.1, order=2, rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(CHOICES)
def test_watched_and_unwatched_gradients_are_the_same_numbers(choices):
    def gradients():
        x, y = leaf([0.3, -0.2]), leaf([[0.1], [0.2]])
        run(choices, x, y).backward()
        return [None if v.grad is None else v.grad.tolist() for v in (x, y)]

    plain = gradients()
    with grad_mode.watch(lambda *note: None):
        watched = gradients()

    assert plain == watched


# Size and release.


def test_dropping_the_loss_frees_the_graph_at_once_without_the_garbage_collector():
    x = leaf([1.0, 2.0])
    h = (x * 2).exp()
    seen = [weakref.ref(h), weakref.ref(h.sum())]
    loss = (h.reshape(2, 1) @ h.reshape(1, 2)).softmax(1)[0].mean()
    seen.append(weakref.ref(loss))
    loss.backward()
    gc.collect()

    gc.disable()
    try:
        del h, loss
        alive = [ref() is not None for ref in seen]
    finally:
        gc.enable()

    assert alive == [False, False, False]


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_a_graph_of_gradients_is_freed_at_once_too():
    x = leaf([1.0, 2.0])
    loss = (x**3).sum()
    loss.backward(create_graph=True)
    second = (x.grad * x.grad).sum()
    second.backward()
    seen = [weakref.ref(loss), weakref.ref(second)]
    gc.collect()

    gc.disable()
    try:
        del loss, second
        x.grad = None
        alive = [ref() is not None for ref in seen]
    finally:
        gc.enable()

    assert alive == [False, False]


def test_an_error_during_backward_leaves_no_cycle():
    x = leaf([1.0])
    h = x * 2
    y = (h * h).sum()
    h.detach().mul_(2)
    seen = weakref.ref(y)

    gc.disable()
    try:
        with pytest.raises(RuntimeError, match="overwritten"):
            y.backward()
        del y
    finally:
        gc.enable()
    gc.collect()

    assert seen() is None


def test_a_chain_of_a_million_additions_goes_forward_backward_and_away():
    assert sys.getrecursionlimit() <= 20_000
    x = leaf(0.0)
    y = x

    for _ in range(1_000_000):
        y = y + 1.0
    y.backward()
    value = y.item()
    del y

    assert value == 1_000_000
    assert x.grad.item() == 1


def test_a_node_takes_less_than_600_bytes():
    count = 10_000
    y = leaf(0.0)
    y = y + 1.0

    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            y = y + 1.0
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert used / count < 600


# Numbers changed too early.


def overwritten_message(operation, who="a tensor of shape"):
    here = r"test_graph.py:\d+"
    return f"backward needs the numbers that {operation} .*{here}, but {who}.* overwritten at {here}; "


CHANGES = {
    "add_": lambda h: h.add_(1),
    "sub_": lambda h: h.sub_(1),
    "mul_": lambda h: h.mul_(2),
    "div_": lambda h: h.div_(2),
    "zero_": lambda h: h.zero_(),
    "fill_": lambda h: h.fill_(3),
    "copy_": lambda h: h.copy_([7.0, 7.0]),
    "item": lambda h: h.__setitem__(0, 5.0),
    "+=": lambda h: h.__iadd__(1),
    "-=": lambda h: h.__isub__(1),
    "*=": lambda h: h.__imul__(2),
    "/=": lambda h: h.__itruediv__(2),
    "data": lambda h: setattr(h, "data", [7.0, 7.0]),
    "data.add_": lambda h: h.data.add_(1),
    "detach().add_": lambda h: h.detach().add_(1),
    "view": lambda h: h.detach().view(2, 1).add_(1),
    "row": lambda h: h.detach()[0:1].add_(1),
    "transpose": lambda h: h.detach().view(1, 2).T.zero_(),
    "data.item": lambda h: h.data.__setitem__(1, 5.0),
    "view of view": lambda h: h.detach().view(2, 1)[0].detach().view(1).zero_(),
    "assign": lambda h: h.assign(np.zeros(2)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_leaf_changed_before_backward_is_noticed(change):
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()

    with grad_mode.no_grad():
        CHANGES[change](w)

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_an_input_that_needs_no_gradient_changed_before_backward_is_noticed(change):
    w, x = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    loss = (w * x).sum()

    CHANGES[change](x)

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_an_inner_result_changed_before_backward_is_noticed(change):
    w = leaf([1.0, 2.0])
    h = w.exp()
    loss = h.sum()

    with grad_mode.no_grad():
        CHANGES[change](h)

    with pytest.raises(RuntimeError, match=overwritten_message("exp", "its result")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_changing_what_no_rule_needs_is_no_error(change):
    w, x = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    loss = (w + x).sum()

    CHANGES[change](x)
    loss.backward()

    assert w.grad.tolist() == [1, 1]


def test_the_base_of_a_view_changed_is_noticed():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    w = leaf([1.0, 1.0])
    loss = (x[0] * w).sum()

    x.zero_()

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


def test_the_message_names_the_tensor_and_advises():
    w, x = leaf([1.0]), tensor([2.0], name="batch")
    loss = (w * x).sum()
    x.zero_()

    with pytest.raises(RuntimeError, match=r"'batch' of shape \(1,\).* overwritten at .*after backward\(\)"):
        loss.backward()


def test_a_changed_factor_matters_only_to_the_other_one():
    w, x = leaf([2.0]), tensor([3.0])
    loss = (w * x).sum()

    with grad_mode.no_grad():
        w.zero_()
    loss.backward()  # only the gradient of x would need the old w

    assert w.grad.tolist() == [3]


def test_changing_after_backward_is_no_error_and_the_next_pass_uses_the_new_numbers():
    w = leaf([1.0, 2.0])
    for expected in ([2, 4], [0, 0]):
        w.grad = None
        (w * w).sum().backward()
        assert w.grad.tolist() == expected

        with grad_mode.no_grad():
            w.zero_()


def test_a_graph_built_after_the_change_is_fine_beside_one_built_before():
    w = leaf([1.0])
    before = (w * w).sum()
    with grad_mode.no_grad():
        w.fill_(5.0)
    after = (w * w).sum()

    after.backward()

    assert w.grad.tolist() == [10]
    with pytest.raises(RuntimeError, match="overwritten"):
        before.backward()


def test_a_change_between_two_backward_calls_is_noticed():
    w = leaf([1.0])
    loss = (w * w).sum()
    loss.backward()

    with grad_mode.no_grad():
        w.fill_(5.0)

    with pytest.raises(RuntimeError, match="overwritten"):
        loss.backward()


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_a_change_is_noticed_with_create_graph_too():
    w = leaf([1.0])
    loss = (w * w).sum()
    with grad_mode.no_grad():
        w.fill_(5.0)

    with pytest.raises(RuntimeError, match="overwritten"):
        loss.backward(create_graph=True)


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("position", [0, 1])
def test_a_change_of_what_a_fused_loss_worked_with_is_noticed_or_harmless(position, create_graph):
    def cross_entropy():
        inputs = leaf([[0.1, 0.7, -0.3]]), tensor([[0.0, 1.0, 0.0]])
        return inputs, OPERATIONS["cross_entropy"](*inputs, 1, dim=1)

    (expected, _), loss = cross_entropy()
    loss.backward(create_graph=create_graph)
    inputs, loss = cross_entropy()
    with grad_mode.no_grad():
        inputs[position].fill_(5.0)

    try:
        loss.backward(create_graph=create_graph)
    except RuntimeError as error:
        assert "overwritten" in str(error)  # noqa: PT017 - the right answer will do as well
    else:
        np.testing.assert_allclose(inputs[0].grad.raw, expected.grad.raw)


def test_a_mask_changed_before_backward_does_not_matter():
    w, mask = leaf([1.0, 2.0]), np.array([True, False])
    picked = w[mask]

    mask[:] = False
    picked.sum().backward()

    assert w.grad.tolist() == [1, 0]


def test_an_index_tensor_changed_before_backward_is_noticed():
    w, rows = leaf([1.0, 2.0]), tensor([0, 0], name="rows")
    picked = w[rows].sum()

    rows.fill_(1)

    with pytest.raises(
        RuntimeError, match=r"numbers that take worked with .* 'rows' of shape \(2,\) was overwritten"
    ):
        picked.backward()


def test_source_arrays_changed_after_tensor_do_not_matter():
    source, factor = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    w = Tensor(source, requires_grad=True)
    loss = (w * factor).sum()

    source[:], factor[:] = 0, 0
    loss.backward()

    assert w.grad.tolist() == [3, 4]
    assert w.tolist() == [1, 2]


def test_shared_settings_are_not_an_escape():
    w = leaf(np.arange(6.0).reshape(2, 3))
    shape = [3, 2]
    y = w.reshape(shape)

    shape[:] = [1, 6]
    (y * y).sum().backward()

    assert w.grad.tolist() == (2 * w.detach()).tolist()


# Operations and Variables by themselves.


def test_an_operation_reads_what_its_rules_name():
    operation = Operation(lambda x, y: x, lambda g, z, _x, y: g, lambda g, _z, like, _y: g, name="example")

    assert [operation.reads(i, 2) for i in (0, 1)] == [[0, 2], []]


def test_variadic_rules_read_all_or_nothing():
    assert OPERATIONS["cat"].reads(1, 3) == []


def test_an_elementwise_rule_may_broadcast_but_another_may_not():
    wrong = Operation(lambda x: x * 2, lambda g, _y, _x: g.sum(), name="wrong")

    with pytest.raises(
        AssertionError, match=r"the rule of wrong returned .*\(\) for an input of shape \(2,\)"
    ):
        wrong(leaf([1.0, 2.0])).sum().backward()


def test_a_watcher_sees_every_operation_of_forward_and_backward():
    x, w = tensor([[1.0, 2.0]]), leaf([[0.5], [0.25]])
    seen = []

    with grad_mode.watch(lambda operation, inputs, settings, result: seen.append(operation.name)):
        loss = (x @ w).sigmoid().sum()
        forward = len(seen)
        loss.backward()

    assert seen[:forward] == ["matmul", "sigmoid", "sum"]
    assert {"expand", "multiply", "subtract", "permute", "matmul"} <= set(seen[forward:])


def test_what_a_watcher_saw_can_be_computed_again_from_its_notes():
    x, w = tensor([[1.0, 2.0]]), leaf([[0.5], [0.25]])
    notes = []

    with grad_mode.watch(lambda *note: notes.append(note)):
        ((x @ w).tanh() * 3).sum().backward()

    for operation, inputs, options, result in notes:
        raws = [i.raw if isinstance(i, Tensor) else i for i in inputs]
        np.testing.assert_array_equal(operation.forward(*raws, **options), result.raw)


def test_a_watcher_sees_overwriting():
    w = tensor([1.0])
    seen = []

    with grad_mode.watch(
        lambda operation, inputs, settings, result: seen.append((operation.name, result is w))
    ):
        w.add_(2)

    assert seen == [("add", False), ("assign", True)]


def test_gradients_while_watched_have_no_graph():
    w = leaf(2.0)

    with grad_mode.watch(lambda *note: None):
        (w * w).backward()

    assert not w.grad.requires_grad
