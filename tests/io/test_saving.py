"""What is saved comes back, from paths and open files, for objects of every kind that a file can hold."""

from __future__ import annotations

import io
import math
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tinygrad_edu as torch
from tinygrad_edu.nn import Linear, Parameter


def there_and_back(x, **options):
    memory = io.BytesIO()
    torch.save(x, memory)
    memory.seek(0)
    return torch.load(memory, **options)


def same(a, b):
    """True for objects of the same kinds with the same values; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return (a.requires_grad, a.name) == (b.requires_grad, b.name) and same(a.raw, b.raw)
    if isinstance(a, np.ndarray | np.generic):
        equal_nan = a.dtype.kind in "fc"
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=equal_nan)
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


PLAIN = [
    *(None, True, False, 0, -1, 2**62, 2**63, -(2**200), 0.1, -0.0, math.inf, -math.inf, 1e-320),
    *("", "a\0b", "file", "\ud800", "Ω", b"", b"\0\xff", (), [], {}, set(), {1, 2}, frozenset({"a"}), 1 + 2j),
    *(
        (1, [2, (3,)]),
        {1: "a", "b": None, (1, 2): 3.0},
        OrderedDict(b=1, a=2),
        torch.float32,
        torch.device("cpu"),
    ),
    *(np.float32(1.5), np.int8(-3), np.bool_(True), np.str_("x"), np.array(["a", "bc"]), np.array(1 + 2j)),
]


@pytest.mark.parametrize("x", PLAIN, ids=lambda x: repr(x)[:20])
def test_plain_values_come_back(x):
    assert same(there_and_back(x), x)


@pytest.mark.parametrize(
    "dtype",
    ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", ">f8"],
)
def test_tensors_and_arrays_keep_dtype_and_shape(dtype):
    array = (np.random.default_rng(0).random((2, 3, 4)) * 100).astype(dtype)

    assert same(there_and_back(array), array)
    assert same(there_and_back(torch.tensor(array)), torch.tensor(array))


@pytest.mark.parametrize(
    "view",
    [lambda x: x.T, lambda x: x[::2], lambda x: x[:, :1].expand(4, 5), lambda x: x[:0], lambda x: x[0, 0]],
)
def test_views_come_back_with_their_values(view):
    x = view(torch.rand(4, 6))

    assert same(there_and_back(x).contiguous(), x.contiguous())


def test_what_makes_a_tensor_a_parameter_stays():
    w, b, x = Parameter(torch.ones(2), name="w"), Parameter(torch.ones(2), requires_grad=False), torch.ones(3)
    x.requires_grad_()

    found = there_and_back([w, b, x, x * 2])

    assert [type(each) for each in found] == [Parameter, Parameter, torch.Tensor, torch.Tensor]
    assert [each.requires_grad for each in found] == [True, False, True, True]
    assert found[0].name == "w"
    assert all(each.is_leaf for each in found)
    found[0].sum().backward()


def test_one_tensor_in_two_places_is_one_again():
    x = torch.ones(3)

    found = there_and_back({"a": x, "b": [x]})

    assert found["a"] is found["b"][0]


def test_what_was_loaded_can_be_changed():
    found = there_and_back({"x": torch.ones(2), "array": np.ones(2)})

    found["x"][0] = 5
    found["array"][0] = 5

    assert found["x"].tolist() == found["array"].tolist() == [5, 1]


SCALARS = st.one_of(
    *(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.complex_numbers(allow_nan=False),
    )
)
ARRAYS = arrays.arrays(
    st.sampled_from(["float64", "float32", "float16", "int64", "int8", "uint8", "bool", ">i4"]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.tuples(st.integers(), st.text()))


@pytest.mark.slow
@given(
    st.recursive(
        st.one_of(SCALARS, ARRAYS, ARRAYS.map(torch.tensor)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=4).map(tuple),
            st.dictionaries(KEYS, inner, max_size=4),
            st.dictionaries(KEYS, inner, max_size=4).map(OrderedDict),
        ),
        max_leaves=15,
    )
)
def test_nested_objects_come_back(x):
    assert same(there_and_back(x), x)


def test_a_checkpoint_as_programs_write_it(tmp_path):
    net = Linear(3, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.ones(3)).sum().backward()
    optimizer.step()
    file = tmp_path / "checkpoint.pth"

    torch.save(
        {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.5}, file
    )
    found = torch.load(file, map_location="cpu", weights_only=True, mmap=True)

    assert (found["epoch"], found["loss"]) == (3, 0.5)
    other = Linear(3, 2)
    other.load_state_dict(found["model"])
    np.testing.assert_array_equal(other.weight.detach(), net.weight.detach())
    again = torch.optim.SGD(other.parameters(), lr=1, momentum=0.9)
    again.load_state_dict(found["optimizer"])
    assert same(again.state_dict()["param_groups"], optimizer.state_dict()["param_groups"])
    assert same(again.state_dict()["state"], optimizer.state_dict()["state"])


def test_numpy_alone_reads_the_file(tmp_path):
    file = tmp_path / "weights.pt"

    torch.save({"w": torch.ones(2, 3)}, file)

    with np.load(file) as found:
        assert sorted(found) == ["structure", "t0"]
        np.testing.assert_array_equal(found["t0"], np.ones((2, 3)))
        assert bytes(found["structure"]).endswith(b'"object": {"dict": [["w", {"tensor": 0}]]}}')


def test_paths_and_open_files_are_the_same(tmp_path):
    path = tmp_path / "x.pt"
    torch.save([1], str(path))
    assert torch.load(path) == torch.load(str(path)) == [1]
    with path.open("wb") as file:
        torch.save([2], file)
    with path.open("rb") as file:
        assert torch.load(file) == [2]


def test_a_whole_module_is_read_if_the_file_is_trusted():
    found = there_and_back({"model": Linear(3, 2), "epoch": 1}, weights_only=False)

    assert found["model"](torch.ones(3)).shape == (2,)
    with pytest.raises(
        pickle.UnpicklingError,
        match=r"the BytesIO is refused: it holds an object of class Linear.*weights_only=False",
    ):
        there_and_back(Linear(3, 2))


def test_a_class_that_is_gone_is_named(monkeypatch):
    monkeypatch.setattr("tests.io.test_saving.Gone", Gone, raising=False)
    memory = io.BytesIO()
    torch.save(Gone(), memory)
    monkeypatch.delattr("tests.io.test_saving.Gone", raising=False)
    memory.seek(0)

    with pytest.raises(
        pickle.UnpicklingError, match=r"its object of class Gone cannot be built.*import its classes"
    ):
        torch.load(memory, weights_only=False)


class Gone:
    """A class that is there when its object is saved, and not when it is loaded."""

    __module__ = "tests.io.test_saving"


@pytest.mark.parametrize("x", [lambda: 1, [{"a": lambda: 1}]])
def test_what_no_file_can_hold_is_named_with_its_place(x):
    place = r"\[0\]\['a'\]" if isinstance(x, list) else "the top"

    with pytest.raises(TypeError, match=rf"save needs tensors, dicts, lists.*got <function.* at {place}"):
        torch.save(x, io.BytesIO())


def test_an_object_that_contains_itself_is_refused():
    loop = {"a": []}
    loop["a"].append(loop)

    with pytest.raises(ValueError, match=r"do not contain themselves, got dict at \['a'\]\[0\]"):
        torch.save(loop, io.BytesIO())


def test_too_many_levels_are_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(ValueError, match="save needs objects nested less deeply"):
        torch.save(deep, io.BytesIO())


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(TypeError, match=r"save needs a path or a file open for writing, got list \[1\]"):
        torch.save("x.pt", [1])
    with pytest.raises(TypeError, match="save needs a file that is open in binary, got one for text"):
        torch.save([1], io.StringIO())
    with pytest.raises(FileNotFoundError, match=r"save needs a folder that exists, got none at .*missing"):
        torch.save([1], tmp_path / "missing" / "x.pt")


@pytest.mark.parametrize(
    "place", [None, "cpu", torch.device("cpu"), lambda storage, _: storage, {"cuda:0": "cpu"}]
)
def test_a_place_for_the_tensors_is_accepted(place):
    assert there_and_back([1], map_location=place) == [1]


def test_places_that_are_not_here_are_refused():
    with pytest.raises(ValueError, match="load computes on the CPU only, got device 'cuda'"):
        there_and_back([1], map_location="cuda")
    with pytest.raises(TypeError, match="load needs map_location as a device, a function or a dict, got 3"):
        there_and_back([1], map_location=3)
