from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import Tensor, tensor


def test_item_and_tolist_give_python_numbers():
    assert type(tensor([[1.5]]).item()) is float
    assert type(tensor(3).item()) is int
    assert type(tensor([[1, 2]]).tolist()[0][0]) is int


def test_item_of_many_numbers_is_refused():
    with pytest.raises(
        ValueError, match=r"item needs a single number, but the tensor has shape \(2,\); use tolist"
    ):
        tensor([1.0, 2.0]).item()


def test_numpy_is_a_read_only_view():
    x = tensor([1.0, 2.0])
    array = x.numpy()

    x.zero_()

    assert array.tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5


def test_numpy_of_a_graph_is_refused_unless_forced():
    x = tensor([1.0], requires_grad=True)

    with pytest.raises(RuntimeError, match=r"NumPy would lose the graph .*use x.detach\(\).numpy\(\)"):
        x.numpy()
    with pytest.raises(RuntimeError, match="would lose the graph"):
        np.asarray(x)

    assert x.numpy(force=True).tolist() == [1]


def test_asarray_is_read_only_and_array_is_a_copy():
    x = tensor([1.0])

    copied = np.array(x)
    copied[0] = 5

    assert not np.asarray(x).flags.writeable
    assert x.tolist() == [1]
    assert np.asarray(x, dtype=int).dtype == int


def test_a_dtype_that_needs_a_copy_is_refused_if_copying_is():
    with pytest.raises(ValueError, match="avoid copy"):
        np.asarray(tensor([1.0]), dtype=np.int64, copy=False)
    assert np.asarray(tensor([1.0]), copy=False).tolist() == [1]


@pytest.mark.parametrize(
    "dtype", [np.float32, "float32", np.dtype("float32"), float, int, bool, np.int64], ids=str
)
def test_to_takes_a_dtype_in_any_spelling(dtype):
    assert tensor([1.5, 0.0]).to(dtype).dtype == np.dtype(dtype)
    assert tensor([1.5, 0.0]).astype(dtype).dtype == np.dtype(dtype)


def test_to_takes_the_dtype_of_another_tensor_and_may_do_nothing():
    x = tensor([1.5])

    assert x.to(tensor([1])).dtype == np.int64
    assert x.to(np.float64) is x
    assert x.to(tensor([2.5])) is x


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("float", "float32"), ("double", "float64"), ("long", "int64"), ("int", "int32"), ("bool", "bool")],
)
def test_dtype_methods_are_pytorchs(name, dtype):
    x = tensor([0.0, 1.5, -2.5])

    assert getattr(x, name)().dtype == dtype
    np.testing.assert_array_equal(getattr(x, name)().raw, x.raw.astype(dtype))


def test_a_change_of_dtype_passes_the_gradient_back_in_the_old_one():
    x = tensor([1.0, 2.0], requires_grad=True)

    (x.float() * 3).sum().backward()

    assert x.grad.dtype == np.float64
    assert x.grad.tolist() == [3, 3]


@pytest.mark.parametrize("name", ["long", "int", "bool"])
def test_whole_numbers_have_no_gradient(name):
    whole = getattr(tensor([1.0, 2.0], requires_grad=True), name)()

    assert not whole.requires_grad
    with pytest.raises(RuntimeError, match="cut by cast_whole, whose derivative is zero"):
        whole.sum().backward()


@pytest.mark.parametrize("call", ["astype", "to"])
def test_other_dtypes_are_refused(call):
    with pytest.raises(TypeError, match=f"{call} needs a dtype of real numbers, got complex128"):
        getattr(tensor([1.0]), call)(complex)
    with pytest.raises(TypeError, match=f"{call} needs a dtype such as float or np.int64, got 'junk'"):
        getattr(tensor([1.0]), call)("junk")


def test_a_clone_has_its_own_memory_and_passes_gradients():
    x = tensor([1.0, 2.0], requires_grad=True)

    y = x.clone()
    y.sum().backward()

    assert not np.shares_memory(x.raw, y.raw)
    assert x.grad.tolist() == [1, 1]
    assert tensor([1, 2]).clone().tolist() == [1, 2]


def test_sizes_have_pytorchs_names():
    x = tensor(np.ones((2, 3)))

    assert (x.size(), x.size(0), x.size(-1), x.dim(), x.numel()) == ((2, 3), 2, 3, 2, 6)
    with pytest.raises(IndexError, match="size needs dim between -2 and 1, got 5"):
        x.size(5)


def test_one_number_converts_to_pythons():
    x = tensor([2.5])

    assert (float(x), int(x), bool(x), math.exp(tensor(0.0))) == (2.5, 2, True, 1)
    assert not tensor(0.0)
    assert [10, 20][tensor(1)] == 20
    assert list(range(tensor(3))) == [0, 1, 2]


@pytest.mark.parametrize("convert", [float, int])
def test_many_numbers_do_not(convert):
    with pytest.raises(ValueError, match="item needs a single number"):
        convert(tensor([1.0, 2.0]))


def test_the_truth_of_many_numbers_is_not_defined():
    with pytest.raises(
        ValueError, match=r"the truth of a tensor of shape \(2,\) is not defined; use \(x > 0\).sum"
    ):
        bool(tensor([1.0, 2.0]))


def test_a_fraction_is_no_index():
    with pytest.raises(TypeError, match="an index needs a whole number, got a tensor of float64"):
        [1, 2][tensor(1.0)]


def test_format_of_one_number_is_the_numbers():
    assert f"{tensor(1.5):.3f}" == "1.500"
    assert f"{tensor([1.5])}" == "tensor([1.5])"


@pytest.mark.parametrize("look", [Tensor.numpy, np.asarray])
def test_an_array_from_a_tensor_cannot_be_made_writable(look):
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    with pytest.raises(ValueError, match="WRITEABLE"):
        look(x.T).flags.writeable = True


def test_allclose_compares_with_tensors_arrays_and_numbers():
    x = tensor([1.0, 1.0 + 1e-9])

    assert x.allclose(tensor([1.0, 1.0])) is True
    assert x.allclose(np.ones(2), rtol=0, atol=1e-10) is False
    assert x.allclose(1) is True
    assert tensor([np.nan]).allclose(tensor([np.nan])) is False
    assert tensor([np.nan]).allclose(tensor([np.nan]), equal_nan=True) is True
