"""Indices as PyTorch reads them: whatever is drawn, `x[index]`, `x[index] = v` and their gradients are PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import no_grad
from tinygrad_edu.tensor.indexing import clean_index, numpy_indices
from tinygrad_edu.tensor.tensor import tensor

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

x2 = tensor(np.ones((2, 3)))


# Drawn indices.


@st.composite
def picks(draw, size, shared):
    """An array of places along a dimension, that broadcasts with the others."""
    sizes = tuple(
        1 if draw(st.integers(0, 3)) == 0 else n for n in shared[draw(st.integers(0, len(shared))) :]
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return rng.integers(-size, size, sizes) if size else np.zeros((0,), int)


@st.composite
def indices(draw, sizes):
    """An index for an array of these sizes: numbers, slices, arrays, masks, None, dots, True and False, mixed."""
    shared = draw(st.sampled_from([(2,), (3,), (2, 2), (1,)]))
    parts, rest, may_have_dots = [], list(sizes), True
    while True:
        what = draw(
            st.sampled_from(
                ["end", "number", "slice", "slice", "array", "array", "mask", "none", "dots", "bool"]
            )
        )
        if what == "none":
            parts.append(None)
        elif what == "bool":
            parts.append(draw(st.sampled_from([True, True, True, False])))
        elif what == "dots" and may_have_dots:
            may_have_dots = False
            left = draw(st.integers(0, len(rest)))  # for the parts behind it
            parts.append(...)
            rest = rest[len(rest) - left :]
        elif what == "end" or not rest:
            break
        elif what == "mask":
            dims = draw(st.integers(1, len(rest)))
            mask = np.random.default_rng(draw(st.integers(0, 99))).random(rest[:dims]) < 0.5
            parts.append(mask)
            rest = rest[dims:]
        elif what != "dots":
            size = rest.pop(0)
            parts.append(draw(one_dimension(what, size, shared)))
    if not may_have_dots and rest:  # the dots stand for fewer dimensions than were left for the rest
        parts += [slice(None)] * len(rest)
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


@st.composite
def one_dimension(draw, what, size, shared):
    if what == "number" and size:
        number = draw(st.integers(-size, size - 1))
        return np.array(number) if draw(st.integers(0, 3)) == 0 else number
    if what == "array":
        array = draw(picks(size, shared))
        return array.tolist() if array.ndim == 1 and draw(st.integers(0, 3)) == 0 else array
    bound = st.none() | st.integers(-size - 1, size + 1)
    return slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 2])))


def of(library, key):
    """The index with arrays as tensors of a library."""
    parts = key if isinstance(key, tuple) else (key,)
    made = tuple(library(part) if isinstance(part, np.ndarray) else part for part in parts)
    return made if isinstance(key, tuple) else made[0]


def ours(array):
    return tensor(array)


def theirs(array):
    return torch.from_numpy(np.asarray(array).copy())


SIZES = st.lists(st.sampled_from([1, 2, 3, 3, 0]), max_size=4).map(tuple)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, derandomize=True)
@given(data=st.data(), sizes=SIZES, arrays=st.booleans())
def test_what_an_index_takes_is_pytorchs_and_its_gradient_too(data, sizes, arrays):
    key = data.draw(indices(sizes))
    numbers = np.random.default_rng(0).normal(size=sizes)
    x, y = tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    try:
        expected = y[of(theirs, key)]
    except IndexError:  # arrays that do not broadcast, and places in a dimension of size 0
        with pytest.raises(IndexError):
            x[of(ours, key)]
        return

    taken = x[key if arrays else of(ours, key)]
    assert taken.shape == tuple(expected.shape)
    np.testing.assert_array_equal(taken.detach().numpy(), expected.detach().numpy())

    weights = np.random.default_rng(1).normal(size=taken.shape)
    ((taken * taken) * tensor(weights)).sum().backward()
    ((expected * expected) * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, derandomize=True)
@given(data=st.data(), sizes=SIZES, recorded=st.booleans())
def test_what_is_put_at_an_index_is_pytorchs_and_its_gradients_too(data, sizes, recorded):
    key = data.draw(indices(sizes))
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=sizes)
    x, y = tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    try:
        place = y.detach()[of(theirs, key)]
    except IndexError:
        return
    repeated = torch.bincount(torch.arange(y.numel()).reshape(sizes)[of(theirs, key)].flatten()).gt(1).any()
    start = data.draw(st.integers(0, place.ndim))
    values = rng.normal(size=() if repeated else tuple(place.shape)[start:])  # PyTorch keeps any of several
    v, w = tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)

    h, k = x * 1, y * 1
    if recorded:
        h[of(ours, key)] = v
        k[of(theirs, key)] = w
    else:
        with no_grad():
            h[of(ours, key)] = v
        with torch.no_grad():
            k[of(theirs, key)] = w
    np.testing.assert_array_equal(h.detach().numpy(), k.detach().numpy())

    if recorded and not repeated:
        (h * h * tensor(numbers)).sum().backward()
        (k * k * torch.tensor(numbers)).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-12, atol=1e-12)
        if place.numel():
            np.testing.assert_allclose(v.grad.numpy(), w.grad.numpy(), rtol=1e-12, atol=1e-12)


# Where NumPy does something else.


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ((0, slice(None), [0, 1]), (3, 2, 5)),
        ((slice(None), [0, 1], slice(None), 0), (2, 2, 4)),
        ((0, None, [0, 1]), (1, 2, 4, 5)),
        ((slice(None), [0, 1], ..., [0, 1], slice(None)), (2, 2, 5)),
        ((0, slice(None), tensor(1), [[0, 1]]), (3, 1, 2)),
    ],
    ids=str,
)
def test_numbers_are_taken_away_before_arrays_pick(key, shape):
    x = tensor(np.arange(120.0).reshape(2, 3, 4, 5))

    assert x[key].shape == shape


def test_an_index_is_one_step_unless_a_number_stands_beside_arrays():
    assert len(numpy_indices((0, slice(1)), 3)) == len(numpy_indices(([0, 1], slice(None), [1, 0]), 3)) == 1
    assert numpy_indices((0, slice(None), [0, 1]), 3)[0][1] == (0, slice(None), slice(None))


def test_a_slice_keeps_the_numbers_that_a_tensor_had():
    bound = tensor(1)
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)

    y = x[bound:]
    bound.add_(1)
    y.sum().backward()

    assert x.grad.tolist() == [0, 1, 1]


def test_a_step_may_be_negative_as_in_numpy():
    assert tensor([1.0, 2.0, 3.0])[::-1].tolist() == [3, 2, 1]


@pytest.mark.parametrize("count", [3, 10_000], ids=["few", "many"])
def test_an_element_taken_twice_receives_both_gradients_however_many_they_are(count):
    rng = np.random.default_rng(0)
    rows, weights = rng.integers(-7, 7, count), rng.normal(size=(count, 4))
    x = tensor(np.ones((7, 4)), requires_grad=True)
    expected = np.zeros((7, 4))
    np.add.at(expected, rows, weights)

    (x[rows] * tensor(weights)).sum().backward()

    np.testing.assert_array_equal(x.grad.numpy(), expected)


# The parts of an index.


def test_arrays_in_an_index_are_copied():
    rows = np.array([0, 1])

    key = clean_index(rows)
    rows[:] = 9

    assert key.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (1, 1),
        (None, None),
        (..., ...),
        (np.array(2), 2),
        (np.bool_(True), True),
        (np.int64(3), 3),
        ("a", "a"),
    ],
    ids=str,
)
def test_single_indices_stay_plain(key, expected):
    assert clean_index(key) is expected or clean_index(key) == expected


@pytest.mark.parametrize("key", [[], np.array([], int)], ids=str)
def test_an_empty_index_counts_as_whole_numbers(key):
    assert clean_index(key).dtype.kind == "i"


@pytest.mark.parametrize("key", [[0.5], np.array([]), tensor([1.0]), ["a"]], ids=str)
def test_an_index_is_whole_or_true(key):
    with pytest.raises(IndexError, match=r"an index needs whole numbers or booleans, got .*; use x.long\(\)"):
        clean_index(key)


UNSIGNED = r"an index of uint8 could be a mask or numbers; use x.bool\(\) for a mask, x.long\(\) for numbers"
SEVERAL = (
    r"a list of lists, slices or Tensors could be one array .* x\[tensor\(...\)\] for the one, x\[a, b\] for"
)
REFUSED = [
    (lambda: x2[[0.5]], IndexError, r"an index needs whole numbers or booleans, got float64; use x.long\(\)"),
    (lambda: x2[5], IndexError, r"take cannot take shape \(2, 3\), index=5"),
    (lambda: x2[np.array([1], "uint8")], IndexError, UNSIGNED),
    (lambda: x2[tensor(np.array([1], "uint8"))], IndexError, UNSIGNED),
    (lambda: x2.__setitem__(np.array([1], "uint8"), 0.0), IndexError, UNSIGNED),
    (lambda: x2[5], IndexError, "there is no 5 in dim 0 of size 2"),
    (lambda: x2[:, [0, -4]], IndexError, "there is no -4 in dim 1 of size 3"),
    (lambda: x2[[[0], [1]]], IndexError, SEVERAL),
    (lambda: x2[[tensor(0), tensor(1)]], IndexError, SEVERAL),
    (lambda: x2[[slice(None), 0]], IndexError, SEVERAL),
    (lambda: x2["a"], IndexError, "take cannot take .* index='a'"),
    (lambda: x2[0, 0, 0], IndexError, r"take cannot take .* index=\(0, 0, 0\)"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_are_refused_with_what_was_wanted(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_index_arrays_that_do_not_broadcast_are_named():
    with pytest.raises(
        IndexError, match=r"index arrays whose sizes are equal or 1.*got shapes \(2,\) and \(3,\)"
    ):
        x2[tensor([0, 1]), tensor([0, 1, 2])]
