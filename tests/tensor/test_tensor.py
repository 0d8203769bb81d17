"""Creation, gradients as attributes, backward, and what is said about wrong input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints.warnings import LostGraphWarning
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.coerce import get_default_dtype, set_default_dtype
from tinygrad_edu.tensor.creation import from_numpy
from tinygrad_edu.tensor.tensor import Tensor, tensor


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


# Creation.


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, "float64"),
        ([1.5, 2], "float64"),
        ([1, 2], "int64"),
        ([True, False], "bool"),
        ([], "float64"),
        (np.float32(1), "float32"),
        (np.ones(2, "float32"), "float32"),
        (np.ones(2, "float16"), "float16"),
        (np.ones(2, "uint8"), "uint8"),
        ((1, 2.0), "float64"),
        (range(3), "int64"),
    ],
    ids=str,
)
def test_lists_and_floats_become_float64_and_arrays_keep_their_dtype(data, dtype):
    assert tensor(data).dtype == dtype


def test_data_is_copied():
    source = np.ones(2)
    t, again = tensor(source), from_numpy(source)

    source[:] = 5

    assert t.tolist() == again.tolist() == [1, 1]


def test_a_tensor_from_a_tensor_is_a_copy_without_graph():
    x = leaf([1.0])

    with pytest.warns(
        LostGraphWarning, match=r"copies the numbers of a tensor of shape \(1,\) and no history"
    ):
        y = tensor(x * 2)

    assert y.is_leaf
    assert not y.requires_grad


def test_whole_numbers_become_floats_if_they_get_a_gradient():
    assert leaf([1, 2]).dtype == np.float64


def test_a_list_of_single_tensors_is_a_list_of_numbers():
    assert tensor([tensor(1.0), tensor(2.0)]).tolist() == [1, 2]


def test_default_dtype_changes_floats_and_lists_but_not_arrays():
    set_default_dtype(np.float32)
    try:
        dtypes = [get_default_dtype(), tensor(1.5).dtype, tensor([1]).dtype, tensor(np.ones(1)).dtype]
    finally:
        set_default_dtype(np.float64)

    assert dtypes == [np.float32, np.float32, np.int64, np.float64]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: tensor([[1], [1, 2]]),
            ValueError,
            r"tensor needs rows of equal length, got \[\[1\], \[1, 2\]\]",
        ),
        (
            lambda: tensor([1j]),
            TypeError,
            r"tensor needs real numbers, got complex numbers in \[1j\]; convert",
        ),
        (lambda: tensor("abc"), TypeError, r"tensor needs real numbers, got .* in 'abc'"),
        (lambda: tensor([None]), TypeError, r"tensor needs real numbers, got object data in \[None\]"),
        (
            lambda: tensor([Value(1.0)]),
            TypeError,
            r"tensor needs numbers, got \[Value.*Values and Tensors do not mix",
        ),
        (lambda: tensor({1, 2}), TypeError, r"tensor needs real numbers, got object data"),
        (
            lambda: leaf([1], dtype=int),
            TypeError,
            "tensor needs a floating dtype to have a gradient, got int64",
        ),
        (
            lambda: from_numpy([1.0]),
            TypeError,
            r"from_numpy needs a NumPy array, got list; use tensor\(...\)",
        ),
        (lambda: set_default_dtype(int), TypeError, "set_default_dtype needs a floating dtype, got int64"),
    ],
)
def test_what_cannot_become_a_tensor_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_python_number_changes_no_dtype():
    x = tensor(np.ones(2, "float32"))

    assert [(x * 2.5).dtype, (2 + x).dtype, (x**0.5).dtype, (x * np.float64(2)).dtype] == [np.float32] * 4


# Attributes.


def test_attributes_are_pytorchs():
    x = leaf([[1.0, 2.0, 3.0]], name="x")
    y = x * 2

    assert (x.shape, x.ndim, x.dtype, len(x)) == ((1, 3), 2, np.float64, 1)
    assert (x.is_leaf, y.is_leaf) == (True, False)
    assert x.grad_fn is None
    assert y.grad_fn.name == "multiply"
    assert x.grad is None
    assert x.raw_grad() is None


def test_no_attribute_changes_when_a_result_is_made_without_gradient():
    y = tensor([1.0]) * 2

    assert (y.requires_grad, y.grad_fn, y.is_leaf) == (False, None, True)


def test_data_shares_memory_and_has_no_graph():
    x = leaf([1.0, 2.0])

    x.data.add_(1)

    assert x.tolist() == [2, 3]
    assert not x.data.requires_grad


def test_data_can_be_replaced_by_numbers_of_the_same_shape():
    x = leaf([1.0, 2.0])
    alias = x.detach()

    x.data = [5, 6]

    assert x.tolist() == alias.tolist() == [5, 6]
    with pytest.raises(ValueError, match=r"data needs shape \(2,\), got \(3,\)"):
        x.data = [1, 2, 3]


def test_grad_can_be_set_and_must_fit():
    x = leaf([1.0, 2.0])

    x.grad = [3, 4]
    (x * 1).sum().backward()

    assert x.grad.tolist() == [4, 5]
    with pytest.raises(ValueError, match=r"grad needs the shape of its tensor, \(2,\), got \(1,\)"):
        x.grad = [1.0]


def test_zero_grad_forgets():
    x = leaf(1.0)
    (x * 2).backward()

    x.zero_grad()

    assert x.grad is None


def test_the_gradient_is_the_same_object_every_time():
    x = leaf(1.0)
    (x * 2).backward()

    assert x.grad is x.grad


# backward.


def test_backward_of_many_numbers_needs_a_gradient():
    x = leaf([1.0, 2.0])

    with pytest.raises(
        RuntimeError, match=r"backward needs a single number.*shape \(2,\); take its sum or mean first"
    ):
        (x * 2).backward()

    (x * 2).backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2, 20]


def test_one_number_in_any_shape_will_do():
    x = leaf([[3.0]])

    (x * x).backward()

    assert x.grad.tolist() == [[6]]


@pytest.mark.parametrize("gradient", [[1.0], [[1.0, 1.0]], 1.0], ids=str)
def test_the_gradient_must_have_the_shape_of_the_result(gradient):
    x = leaf([1.0, 2.0])

    with pytest.raises(
        ValueError, match=r"backward needs a gradient of shape \(2,\), that of the tensor, got \("
    ):
        (x * 2).backward(gradient)


NO_GRADIENT = "backward needs a tensor that depends on one with requires_grad=True, but "


def test_backward_says_that_nothing_needs_a_gradient():
    with pytest.raises(
        RuntimeError, match=NO_GRADIENT + "nothing it was computed from has requires_grad=True"
    ):
        (tensor(1.0) * 2).backward()


def test_backward_says_that_no_grad_cut_the_graph_and_where():
    x = leaf(1.0)
    with no_grad():
        y = x * 2

    with pytest.raises(
        RuntimeError, match=NO_GRADIENT + r"the graph was cut by no_grad\(\) at test_tensor.py:\d+"
    ):
        (y + 1).exp().backward()


def test_backward_says_that_detach_cut_the_graph():
    x = leaf(1.0)

    with pytest.raises(RuntimeError, match=NO_GRADIENT + r"the graph was cut by detach\(\)"):
        ((x * 2).detach() + 1).backward()


def test_backward_says_which_operation_has_no_slope():
    x = leaf([1.0, 2.0])

    with pytest.raises(
        RuntimeError, match=r"cut by greater, whose derivative is zero or undefined, at test_tensor.py"
    ):
        (x > 1).sum().backward()


def test_retain_graph_false_frees_the_graph_and_says_so():
    x = leaf(2.0)
    y = (x * 2).exp()

    y.backward(retain_graph=False)

    with pytest.raises(RuntimeError, match=r"the graph was cut by backward\(retain_graph=False\)"):
        y.backward()


@pytest.mark.parametrize("retain_graph", [None, True])
def test_the_graph_is_kept_otherwise(retain_graph):
    x = leaf(2.0)
    y = x * x

    y.backward(retain_graph=retain_graph)
    y.backward()

    assert x.grad.item() == 8


def test_backward_into_chosen_inputs_only():
    x, y, z = leaf(2.0), leaf(3.0), leaf(5.0)

    (x * y * z).backward(inputs=[x, z])
    (x * y * z).backward(inputs=z)

    assert (x.grad.item(), y.grad, z.grad.item()) == (15, None, 12)


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_create_graph_accumulates_with_a_graph():
    x = leaf(2.0)

    (x**3).backward(create_graph=True)
    (x**2).backward(create_graph=True)
    gradient, x.grad = x.grad, None
    gradient.backward()

    assert gradient.item() == 12 + 4
    assert x.grad.item() == 12 + 2


def test_inner_gradients_can_be_read():
    x = leaf(2.0)
    h = x * 3

    (h * h).backward()

    assert h.grad.item() == 12


def test_the_gradient_of_a_float32_leaf_is_float32():
    x = tensor(np.ones(2, "float32"), requires_grad=True)

    (x * np.ones(2)).sum().backward()

    assert x.grad.dtype == np.float32


# requires_grad_ and detach.


def test_requires_grad_can_be_switched_on_a_leaf():
    x = tensor([1.0])

    assert x.requires_grad_() is x
    assert x.requires_grad
    assert not x.requires_grad_(False).requires_grad


def test_requires_grad_of_a_computed_tensor_cannot_be_switched_off():
    with pytest.raises(RuntimeError, match=r"requires_grad_\(False\) needs a leaf.*use detach\(\)"):
        (leaf(1.0) * 2).requires_grad_(False)


def test_whole_numbers_cannot_require_a_gradient():
    with pytest.raises(
        TypeError, match=r"requires_grad_ needs a floating dtype, got int64; use x.double\(\)"
    ):
        tensor([1]).requires_grad_()


def test_detach_keeps_memory_and_name_but_no_graph():
    x = leaf([1.0], name="w")

    y = x.detach()

    assert (y.requires_grad, y.name) == (False, "w")
    assert np.shares_memory(y.raw, x.raw)


# Operands that do not fit.


@pytest.mark.parametrize("other", ["a", None, 1j, object(), {1: 2}], ids=lambda x: type(x).__name__)
def test_only_tensors_arrays_and_numbers_are_operands(other):
    with pytest.raises(TypeError, match=f"add takes Tensors, arrays and numbers, got {type(other).__name__}"):
        tensor([1.0]) + other
    with pytest.raises(TypeError, match="multiply takes Tensors, arrays and numbers"):
        other * tensor([1.0])


@pytest.mark.parametrize("other", [np.complex128(1j), np.str_("a")], ids=lambda x: type(x).__name__)
def test_only_real_numbers_of_numpy_are_operands(other):
    with pytest.raises(TypeError, match=f"add takes Tensors, arrays and numbers, got {type(other).__name__}"):
        tensor([1.0]) + other


def test_equality_with_none_and_text_is_a_plain_answer():
    x = tensor([1.0])

    assert [x == None, x != None, x == "a", x != "a"] == [False, True, False, True]  # noqa: E711


# Copies.


def test_pickle_keeps_numbers_name_and_whether_a_gradient_is_wanted():
    x = leaf([1.0, 2.0], name="w")

    y = pickle.loads(pickle.dumps(x))

    assert (y.tolist(), y.name, y.requires_grad) == ([1, 2], "w", True)


def test_deepcopy_makes_an_independent_leaf():
    x = leaf([1.0, 2.0], name="w")

    y, same = copy.deepcopy([x, x])
    y.data.zero_()

    assert y is same
    assert x.tolist() == [1, 2]
    assert (y.name, y.requires_grad) == ("w", True)


def test_deepcopy_of_a_computed_tensor_is_refused():
    with pytest.raises(RuntimeError, match=r"copying and pickling need a leaf.*use x.detach\(\)"):
        copy.deepcopy(leaf(1.0) * 2)


def test_notebooks_show_latex():
    assert tensor([[1.0, 2.0]])._repr_latex_() == r"$\begin{bmatrix} 1 & 2 \end{bmatrix}$"
    assert Tensor(np.ones((1, 1, 1)))._repr_latex_() is None


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_gradients_with_a_graph_share_no_memory_between_leaves():
    a, b = tensor([1.0], requires_grad=True), tensor([2.0], requires_grad=True)
    ((a + b) ** 2).sum().backward(create_graph=True)

    with no_grad():
        a.grad.mul_(0)

    assert (a.grad.tolist(), b.grad.tolist()) == ([0], [6])


def test_a_gradient_that_is_handed_over_may_be_overwritten_afterwards():
    w, g = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    (w + 0).backward(g)

    g.zero_()

    assert w.grad.tolist() == [3, 4]


REPRS = {
    "tensor([1., 2.])": lambda: tensor([1.0, 2.0]),
    "tensor([1, 2])": lambda: tensor([1, 2]),
    "tensor(True)": lambda: tensor(True),
    "tensor([1.], dtype=float32)": lambda: tensor(np.float32([1])),
    "tensor([1.], requires_grad=True)": lambda: leaf([1.0]),
    "tensor([2.], grad_fn=<multiply>)": lambda: leaf([1.0]) * 2,
    "tensor([1.], name='w')": lambda: tensor([1.0], name="w"),
    "tensor([1.], dtype=float32, requires_grad=True, name='w')": lambda: leaf(np.float32([1]), name="w"),
    "tensor([[1.],\n        [2.]])": lambda: tensor([[1.0], [2.0]]),
}


@pytest.mark.parametrize("shown", REPRS)
def test_a_tensor_shows_its_numbers_and_what_is_not_usual(shown):
    assert repr(REPRS[shown]()) == shown


def test_any_attribute_can_be_set_as_optimizers_do():
    p = leaf([1.0])
    p.momentum = 0.5

    assert (p.momentum, (p * 2).tolist()) == (0.5, [2])


def test_numbers_kept_before_data_is_replaced_can_be_put_back():
    p = leaf([1.0, 2.0])
    old = p.data

    p.data = p.data + 1
    changed = p.tolist()
    p.data = old

    assert (changed, old.tolist(), p.tolist()) == ([2, 3], [1, 2], [1, 2])


def test_in_place_changes_of_data_are_seen_until_it_is_replaced():
    p = leaf([1.0, 2.0])
    data = p.data
    data.add_(1)
    seen = p.tolist()

    p.data = tensor([5.0, 6.0])
    data.zero_()

    assert (seen, p.tolist()) == ([2, 3], [5, 6])
