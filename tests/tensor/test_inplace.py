"""In-place operations: the same memory, the right gradients, and what is refused."""

from __future__ import annotations

import contextlib
import gc
import operator
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.engine.grad_mode import enable_grad, no_grad
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.testing import check_gradients


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
    "//=": (lambda x: x.__ifloordiv__(3), [0, 1]),
    "%=": (lambda x: x.__imod__(3), [1, 1]),
    "pow_": (lambda x: x.pow_(2), [1, 16]),
    "gt_": (lambda x: x.gt_(2), [0, 1]),
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


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_methods_on_a_result_change_it_for_everybody_who_holds_it(name):
    call, expected = IN_PLACE[name]
    h = alias = leaf([1.0, 4.0]) * 1

    assert call(h) is h
    assert alias.tolist() == expected
    assert h.requires_grad


SLOPES = {
    "+=": [1, 1], "-=": [1, 1], "*=": [2, 2], "/=": [0.5, 0.5], "add_": [1, 1], "sub_": [1, 1], "mul_": [3, 3],
    "clamp_": [0, 0], "clamp_ from above": [1, 0], "div_": [0.25, 0.25], "copy_": [0, 0], "copy_ of one": [0, 0],
    "//=": [0, 0], "%=": [1, 1], "pow_": [2, 8], "gt_": [0, 0],
    "zero_": [0, 0], "fill_": [0, 0], "fill_ with a tensor": [0, 0], "add_ of one": [1, 1], "sub_ of one": [1, 1],
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PLACE)
def test_gradients_flow_through_in_place_methods(name):
    x = leaf([1.0, 4.0])
    h = x * 1

    IN_PLACE[name][0](h)
    h.sum().backward()

    assert x.grad.tolist() == SLOPES[name]


def test_bits_are_shifted_in_place():
    x = alias = tensor([5, 8])

    x <<= 2
    x >>= 1

    assert alias.tolist() == [10, 16]


def test_augmented_assignment_changes_a_result_in_place():
    x = leaf(3.0)
    h = first = x * x

    h += 1
    h *= x
    h.backward()

    assert first is h
    assert h.item() == 30
    assert x.grad.item() == 2 * 3 * 3 + 10


def test_a_function_may_change_the_result_it_is_given():
    def bump(z):
        z += 1

    h = leaf([1.0, 2.0]) * 1
    bump(h)

    assert h.tolist() == [2, 3]


def test_plain_numbers_become_part_of_the_graph_that_is_added_to_them():
    x, total = leaf(3.0), tensor(0.0)

    for _ in range(2):
        total += x * x
    total.backward()

    assert total.item() == 18
    assert x.grad.item() == 12


def test_what_was_computed_before_keeps_the_old_numbers():
    x = leaf([1.0, 2.0])
    h = x * 3
    before = h + 0  # which needs no numbers of h
    h *= 10

    (before.sum() + h.sum()).backward()

    assert before.tolist() == [3, 6]
    assert x.grad.tolist() == [33, 33]


def test_old_numbers_that_the_operation_itself_needs_are_kept():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 5.0])
    h = x.exp()
    h *= w  # the rule of w needs the exponential, and so does that of exp

    h.sum().backward()

    np.testing.assert_allclose(x.grad.numpy(), w.detach().numpy() * np.exp([1, 2]))
    np.testing.assert_allclose(w.grad.numpy(), np.exp([1, 2]))


def test_old_numbers_that_another_result_needs_are_missed():
    h = leaf([1.0, 2.0]) * 3
    y = h * h
    h += 1

    with pytest.raises(
        RuntimeError,
        match=r"backward needs the numbers that multiply .* but a tensor of .* was overwritten at",
    ):
        y.sum().backward()


def test_old_numbers_that_were_overwritten_without_gradients_are_missed_after_another_operation_too():
    x, w = leaf([1.0, 2.0]), leaf([1.0, 1.0])
    h = x.exp()
    with no_grad():
        h *= 2  # the rule of exp needs its result
    h += w

    with pytest.raises(
        RuntimeError, match=r"numbers that exp worked with .* but its result was overwritten at"
    ):
        h.sum().backward()


@pytest.mark.parametrize(
    "clear", [lambda h: h.zero_(), lambda h: h.fill_(2.0), lambda h: h.__setitem__(..., 2.0)]
)
def test_a_result_that_is_a_single_number_can_be_overwritten(clear):
    x = leaf([1.0, 2.0])
    h = x.sum()
    clear(h)

    (h + x[0] * 3).backward()

    assert x.grad.tolist() == [3, 0]


def test_a_tensor_may_be_added_to_or_multiplied_by_itself():
    x = leaf([1.0, 2.0])
    h = x * 1
    h += h * h
    h *= h

    h.sum().backward()

    v = np.array([1.0, 2.0])
    np.testing.assert_allclose(x.grad.numpy(), 2 * (v + v * v) * (1 + 2 * v))


def test_a_view_changed_in_place_changes_what_it_is_a_view_of():
    x = leaf([1.0, 2.0, 3.0])
    h = x * 1
    v = h[0:2]
    v *= 0

    h.sum().backward()

    assert h.tolist() == [0, 0, 3]
    assert x.grad.tolist() == [0, 0, 1]


def test_views_see_what_is_done_to_their_base():
    x = leaf([1.0, 2.0, 3.0])
    h = x * 1
    v, w = h[1:], h[:2]
    h *= 5
    v[0] = 7.0

    (v.sum() + 10 * w.sum()).backward()

    assert (v.tolist(), w.tolist()) == ([7, 15], [5, 7])
    assert x.grad.tolist() == [50, 0, 5]


@pytest.mark.parametrize(
    "start", [lambda x: x * 1, lambda _x: tensor([1.0, 2.0])], ids=["a result", "a constant"]
)
def test_numbers_repeated_without_copying_follow_what_they_repeat(start):
    x = leaf([1.0, 2.0])
    h = start(x)
    repeated = h.expand(3, 2)
    h *= x

    (repeated * repeated).sum().backward()

    v = np.array([1.0, 2.0])
    np.testing.assert_array_equal(repeated.detach().numpy(), [v * v] * 3)
    assert x.grad.tolist() == ([12, 96] if start(x).requires_grad else [6, 48])


def test_the_same_numbers_in_another_graph_are_written_all_the_same():
    x = leaf([1.0, 2.0])
    h = x * 3
    detached = h.detach()
    with no_grad():
        part = h[1]

    h[1] = part  # which cuts the way to x[1]
    detached[...] = h
    detached.sum().backward()

    assert detached.requires_grad
    assert x.grad.tolist() == [3, 0]


def test_views_of_views_are_written_through():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    h = x * 1
    column, flat = h.T[0], h.reshape(4)
    column *= x[1]
    flat[3] = 0.0

    (h * h).sum().backward()

    assert h.tolist() == [[3, 2], [12, 0]]
    assert x.grad.tolist() == [[18, 4], [102, 72]]


def test_rows_of_a_buffer_are_filled_one_by_one():
    x, rows = leaf([1.0, 2.0]), zeros(3, 2)
    for i in range(3):
        rows[i] = x * i
    (rows * rows).sum().backward()

    assert rows.tolist() == [[0, 0], [1, 2], [2, 4]]
    assert x.grad.tolist() == [10, 20]


def test_a_view_of_plain_numbers_carries_a_gradient_into_them():
    x, buffer = leaf([1.0, 2.0]), zeros(2, 2)
    row = buffer[1]
    row += x * x

    buffer.sum().backward()

    assert buffer.tolist() == [[0, 0], [1, 4]]
    assert x.grad.tolist() == [2, 4]


def test_what_is_added_at_an_index_counts_once_for_each_place():
    x, w = leaf([1.0, 2.0, 3.0]), leaf([2.0, 3.0])
    h = x * 1
    h[1:] += w
    h[0] *= w[0]

    (h * h).sum().backward()

    assert h.tolist() == [2, 4, 6]
    assert x.grad.tolist() == [8, 8, 12]
    assert w.grad.tolist() == [8 + 4, 12]


def test_of_two_numbers_put_in_one_place_the_last_has_the_gradient():
    h, w = leaf([1.0, 2.0]) * 1, leaf([5.0, 6.0, 7.0])
    h[[0, 1, 0]] = w

    h.sum().backward()

    assert h.tolist() == [7, 6]
    assert w.grad.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "index", [tensor([0, 2]), np.array([True, False, True]), tensor([True, False, True])]
)
def test_numbers_are_put_where_an_array_says(index):
    x, w = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0])
    h = x * 1
    h[index] = w

    (h * h).sum().backward()

    assert h.tolist() == [4, 2, 5]
    assert x.grad.tolist() == [0, 4, 0]
    assert w.grad.tolist() == [8, 10]


def test_masked_numbers_are_filled():
    x = leaf([1.0, -2.0, 3.0])
    h = x * 2

    assert h.masked_fill_(h < 0, -100) is h
    h.sum().backward()

    assert h.tolist() == [2, -100, 6]
    assert x.grad.tolist() == [2, 0, 2]


def test_in_place_operations_have_derivatives_of_any_order():
    def f(x):
        h = x * x
        v = h[1:]
        v *= x[:2]
        h[0] = x[2] ** 3
        h += h.exp()
        return h

    check_gradients(f, np.array([0.3, -0.7, 0.5]), order=2)


steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)
VIEWS = [
    lambda x: x[0:2], lambda x: x[1], lambda x: x.T, lambda x: x.reshape(-1), lambda x: x[..., 1:], lambda x: x[..., 0]
]  # fmt: skip
WRITTEN = [
    lambda x, _y: x.mul_(0.7), lambda x, y: x.mul_(y.mean()), lambda x, y: x.add_(y.sum(), alpha=0.1),
    lambda x, _y: x.__ipow__(2), lambda x, y: x.copy_(y.mean()), lambda x, _y: x.zero_(),
    lambda x, y: x.__setitem__(0, y.sum() * 0.1), lambda x, y: x.masked_fill_(x.detach() > 0.5, y.mean()),
    lambda x, y: x.sub_(x * y.mean()), lambda x, _y: x.__setitem__(..., x.sin()),
]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60)
@given(steps)
def test_random_views_and_in_place_operations_agree_with_differences(steps):
    """Every number of the pool counts, so that all views and bases must see each other, in values and gradients."""

    def f(x):
        pool = [x * 1.0, x.sin(), zeros(3, 3)]
        for what, i, j in steps:
            a, b = pool[i % len(pool)], pool[j % len(pool)]
            if j % 2 and a.ndim and min(a.shape) > 1:
                pool.append(VIEWS[what % len(VIEWS)](a))
            else:
                WRITTEN[what](a, b) if a.ndim else a.mul_(0.5)
        return stack([(p * p).sum() for p in pool])

    x = np.random.default_rng(0).normal(size=(3, 3))
    with_numbers = f(tensor(x)).numpy()

    np.testing.assert_array_equal(f(leaf(x)).detach().numpy(), with_numbers)
    with contextlib.suppress(RuntimeError):  # numbers that another result needs were overwritten
        check_gradients(f, x)


def test_in_place_operations_leave_no_cycles():
    gc.collect()
    gc.disable()
    try:
        x, rows = leaf([1.0, 2.0]), zeros(3, 2)
        for i in range(3):
            rows[i] = x * i + rows[i - 1]
        rows += rows * 2
        reference = weakref.ref(rows)
        rows.sum().backward()
        del rows
        assert reference() is None
    finally:
        gc.enable()


def test_numbers_that_stand_in_several_places_are_not_overwritten():
    with pytest.raises(
        RuntimeError,
        match=r"\*= would overwrite numbers that stand in several places.*work on a copy: x = x.clone\(\)",
    ):
        tensor([[1.0]]).expand(2, 3).__imul__(2)
    with pytest.raises(
        RuntimeError, match=r"x\[...\] = y would overwrite numbers that stand in several places"
    ):
        tensor([1.0, 2.0]).expand(3, 2)[0].__setitem__(0, 5.0)


def test_a_view_of_a_leaf_is_part_of_it():
    w = leaf([1.0, 2.0], name="w")

    with pytest.raises(
        RuntimeError, match="would overwrite a view of a leaf that gets a gradient, 'w' of shape"
    ):
        w[0].mul_(2)


def test_a_view_made_without_gradients_takes_none_in():
    buffer = zeros(2)
    with no_grad():
        view = buffer[:1]

    view.mul_(2)
    with pytest.raises(
        RuntimeError,
        match=r"add_ would put a gradient into a view that was made in no_grad\(\), a tensor of shape \(1,\), of which "
        r"the tensor behind it would not know; make the view outside no_grad\(\)",
    ):
        view.add_(leaf([1.0]))


def test_a_detached_tensor_changes_the_numbers_but_not_the_graph():
    h = leaf([1.0, 2.0]) * 1
    d = h.detach()
    d += leaf([1.0, 1.0])

    assert h.tolist() == [2, 3]
    assert d.requires_grad
    assert h.operation is OPERATIONS["multiply"]


def test_powers_in_place_without_gradients_change_the_parameter_itself():
    p = alias = leaf([1.0, 2.0])
    with no_grad():
        p **= 2

    assert p is alias
    assert p.requires_grad
    assert p.tolist() == [1, 4]


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


def test_an_item_that_is_not_there_cannot_be_assigned():
    with pytest.raises(
        IndexError, match=r"put cannot take shape \(1,\), index=5; there is no 5 in dim 0 of size 1"
    ):
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


@pytest.mark.parametrize(
    ("part", "expected"), [(lambda x: x.T, [[1, 3], [2, 4]]), (lambda x: x[::-1], [[3, 4], [1, 2]])]
)
def test_a_tensor_takes_its_own_numbers_in_another_order(part, expected):
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    x[:] = part(x)

    assert x.tolist() == expected


def shifted_left(x):
    x[:3] = x[1:]


def shifted_right(x):
    x[1:] = x[:-1]


def turned_round(x):
    x[:] = x[::-1]


def shifted_in_a_view(x):
    part = x[1:]
    part[1:] = part[:-1]


def shifted_in_a_view_of_another_shape(x):
    x.reshape(2, 2).T[1] = x[1:3]


def added_to_the_next(x):
    x[1:] += x[:-1]


def put_at_an_index_twice(x):
    x[[0, 0, 2]] += [10.0, 20.0, 30.0]
    x[[1, 1]] *= 2


# The numbers afterwards, and how often each number before is among 1, 10, 100, 1000 times those afterwards.
OVERLAPS = [
    (shifted_left, [2, 3, 4, 4], [0, 1, 10, 1100]),
    (shifted_right, [1, 1, 2, 3], [11, 100, 1000, 0]),
    (turned_round, [4, 3, 2, 1], [1000, 100, 10, 1]),
    (shifted_in_a_view, [1, 2, 2, 3], [1, 110, 1000, 0]),
    (shifted_in_a_view_of_another_shape, [1, 2, 3, 3], [1, 10, 1100, 0]),
    (added_to_the_next, [1, 3, 5, 7], [11, 110, 1100, 1000]),
    (put_at_an_index_twice, [21, 4, 33, 4], [1, 20, 100, 1000]),
]


@pytest.mark.parametrize(("write", "numbers", "slopes"), OVERLAPS, ids=lambda x: getattr(x, "__name__", ""))
def test_a_tensor_takes_its_own_numbers_as_they_were_before(write, numbers, slopes):
    x = leaf([1.0, 2.0, 3.0, 4.0])
    constant, result = x.detach().clone(), x * 1
    as_array = x.detach().numpy().copy()

    for y in (constant, result, as_array):
        write(y)
    (result * tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()

    assert constant.tolist() == result.tolist() == as_array.tolist() == numbers
    assert x.grad.tolist() == slopes


@pytest.mark.parametrize("name", ["fill_", "copy_"])
def test_a_plain_fraction_is_not_cut_off_for_whole_numbers(name):
    x = tensor([1, 2])

    with pytest.raises(
        ValueError, match=r"numbers that fit int64, but the result has shape .* and is float64"
    ):
        getattr(x, name)(2.5)
    assert getattr(x, name)(3.0).tolist() == [3, 3]


UNFIT = {
    "fill_ of an array": (
        lambda x: x.fill_([1, 2]),
        r"fill_ needs a single number, got shape \(2,\); use copy_",
    ),
    "copy_ of three": (
        lambda x: x.copy_([1, 2, 3]),
        r"copy_ needs shape \(2,\) .*but the result has shape \(3,\)",
    ),
    "add_ of a column": (
        lambda x: x.add_([[1], [2]]),
        r"add_ needs .*but the result has shape \(2, 2\) and is int64",
    ),
    "an item": (
        lambda x: x.__setitem__(0, [1, 2]),
        r"x\[...\] = y needs shape \(\) .*but the result has shape \(2,\)",
    ),
    "a slice": (
        lambda x: x.__setitem__(slice(1), tensor([1.5])),
        r"needs shape \(1,\) .*that fit int64, but .*float64",
    ),
}


@pytest.mark.parametrize(("write", "message"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_is_said_by_the_call_that_was_made(write, message):
    x = tensor([1, 2])

    with pytest.raises(ValueError, match=message):
        write(x)
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize(("name", "value"), [("fill_", (2.0,)), ("copy_", ([1.0, 2.0],)), ("zero_", ())])
def test_what_overwrites_a_leaf_names_itself(name, value):
    with pytest.raises(RuntimeError, match=f"^{name} would overwrite a leaf that gets a gradient"):
        getattr(leaf([1.0, 2.0]), name)(*value)


def test_nothing_can_be_taken_out_of_a_tensor():
    x = tensor([1.0, 2.0])

    with pytest.raises(
        TypeError, match=r"del cannot take numbers out of a tensor of shape \(2,\); make .* x\[1:\]"
    ):
        del x[0]


def test_a_view_by_an_operation_of_ones_own_without_a_way_back_is_not_written():
    first = Operation(lambda x: x[:1], lambda g, _y, like: g * (like * 0 + 1), view=True, name="first")
    h = leaf([1.0]) * 1

    with pytest.raises(
        RuntimeError, match=r"a view by first cannot reach a tensor of shape \(1,\) .* no view_back"
    ):
        first(h)[0].mul_(2)
    assert h.tolist() == [1]


ONE = tensor(1)
BY_ONE_TENSOR = {
    "row": (lambda h: h[ONE], lambda h: h[1]),
    "column": (lambda h: h[:, ONE], lambda h: h[:, 1]),
    "part of a row": (lambda h: h[ONE, 1:], lambda h: h[1, 1:]),
    "number": (lambda h: h[ONE, ONE], lambda h: h[1, 1]),
}


@pytest.mark.parametrize("name", BY_ONE_TENSOR)
def test_a_single_number_in_a_tensor_picks_a_view_as_a_plain_number_does(name):
    results = []
    for pick in BY_ONE_TENSOR[name]:
        x = tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        h = x * 1
        v = pick(h)
        v *= 10
        (h * h).sum().backward()
        results.append((h.tolist(), x.grad.tolist()))

    assert results[0] == results[1]


def test_rows_that_a_loop_over_indices_picks_are_overwritten():
    h = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True) * 1

    for i in tensor([0, 1]):
        row = h[i]
        row += 1

    assert h.tolist() == [[2, 3], [4, 5]]


def hidden(of_leaf=False):
    x = tensor([1.0, 2.0], requires_grad=True)
    h = x if of_leaf else x * 1
    with no_grad():
        return h, h.view(2)


@pytest.mark.parametrize(
    "write", [lambda v, h: v[0:1].add_(h[1]), lambda v, h: v.mul_(10), lambda v, h: v.T.mul_(2)]
)
def test_a_view_from_no_grad_and_its_views_change_no_result_behind_the_back_of_its_graph(write):
    h, v = hidden()

    with pytest.raises(RuntimeError, match=r"a view that was made in no_grad\(\)"):
        write(v, h)

    assert h.tolist() == [1, 2]


def test_a_view_from_no_grad_changes_its_leaf_in_no_grad_only():
    w, v = hidden(of_leaf=True)

    with pytest.raises(RuntimeError, match="a view of a leaf that gets a gradient"):
        v.mul_(10)
    with no_grad():
        v.mul_(10)

    assert w.tolist() == [10, 20]


@pytest.mark.parametrize("change", [operator.iand, operator.ior, operator.ixor])
def test_masks_change_in_place_for_all_who_see_them(change):
    m, n = tensor([True, True, False]), tensor([False, True, True])
    seen, expected = m[:], change(m.numpy().copy(), n.numpy())

    assert change(m, n) is m
    assert seen.tolist() == expected.tolist()
