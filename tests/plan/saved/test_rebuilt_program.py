"""Files of saved plans are not trusted: damaged, foreign and hostile ones get one clear error, and little memory."""

from __future__ import annotations

import functools
import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.saved.saved_steps import CLASSES, X, classes, ready
from tinygrad_edu import load, load_plan, nn, save, tensor


@pytest.fixture
def file(tmp_path):
    return tmp_path / "step.npz"


@functools.cache
def saved():
    """The bytes of a saved plan."""
    memory = io.BytesIO()
    ready(classes)[0].save(memory)
    return memory.getvalue()


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_flipped_bit_is_noticed_or_changes_nothing(place, bit):
    changed = bytearray(saved())
    changed[place % len(changed)] ^= 1 << bit

    try:
        loaded = load_plan(io.BytesIO(changed))
    except ValueError:
        return
    assert loaded(X[0], CLASSES[0]).item() == load_plan(io.BytesIO(saved()))(X[0], CLASSES[0]).item()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_that_is_cut_off_is_refused(end):
    with pytest.raises(ValueError, match=r"load_plan needs a file that plan\.save wrote"):
        load_plan(io.BytesIO(saved()[: end % len(saved())]))


def test_a_file_of_something_else_is_refused(file):
    save({"w": tensor([1.0])}, file)

    with pytest.raises(
        ValueError, match=r"load_plan needs .*step.npz.* is none: it holds a dict; load reads it"
    ):
        load_plan(file)
    with pytest.raises(FileNotFoundError):
        load_plan(file.with_name("other.npz"))


def put(*path):
    """A change of a blueprint: the last of `path` is put where the others lead."""

    def change(content):
        for key in path[:-2]:
            content = content[key]
        content[path[-2]] = path[-1]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("plan", 2), "it is of version 2, and this tinygrad_edu reads 1"),
        (put("calls", 0, "operation", "system"), "it has the operation 'system', which is unknown"),
        (
            put("calls", 0, "operation", "histogram"),
            "it has histogram, of which nobody knows the shape before",
        ),
        (put("calls", 0, "settings", {"x=print(1), y": 2}), "as the name of a setting"),
        (put("calls", 0, "line", "x\nimport os"), "as a name"),
        (put("calls", 0, "arguments", ({"result": 0},)), "number 0 of 0"),
        (put("calls", 0, "arguments", ({"state": -1},)), "number -1 of"),
        (put("calls", 0, "arguments", ({"explosion": 0},)), "its call 1, .*explosion"),
        (put("calls", 0, "arguments", ()), "its call 1, of .* cannot be made"),
        (put("returned", {"result": 10**9}), "number 1000000000 of"),
        (put("gradients", [(0, 1)]), "it has 1 where an array is needed"),
        (put("arguments", 0, "shape", (8, 5)), "its call .* cannot be made"),
        (put("arguments", 0, "shape", (10**9, 10**9)), "its arrays need more than max_bytes"),
        (put("arguments", 0, "shape", (-8, 4)), r"an array of shape \(-8, 4\)"),
        (put("arguments", 0, "dtype", np.dtype("U3")), "as an argument"),
        (put("arguments", 0, "order", (0, 0)), r"\(0, 0\) is no order of 2 dimensions"),
        (put("states", 0, "order", (5, 7)), r"\(5, 7\) is no order of 2 dimensions"),
        (put("states", 0, "same", 3), "number 3 of 0"),
        (put("states", 0, "names", ['"]; x = ["']), "as a name"),
        (put("settings", "lr", "fast"), "could not convert"),
        (put("calls", []), "number [0-9]+ of 0"),
        (put("name", nn.ReLU()), "it holds an object of class ReLU, whose pickle could run any code"),
    ],
)
def test_a_hostile_file_is_refused(change, message, file):
    content = load(io.BytesIO(saved()))
    change(content)
    save(content, file)

    with pytest.raises(
        ValueError, match=f"load_plan needs a file that plan.save wrote, .* is none: .*{message}"
    ):
        load_plan(file)


BOX = {"size": (2,), "stride": (1,), "dilation": (1,)}


@pytest.mark.parametrize(
    ("operation", "options", "message"),
    [
        ("expand", {"shape": (10**6, 8, 4)}, "its arrays need more than max_bytes"),
        ("expand", {"shape": (-1, 8, 4)}, "negative dimensions"),
        ("overlap_add", {**BOX, "shape": (10**12,)}, "its arrays need more than max_bytes"),
        ("windows", {**BOX, "stride": [-4]}, "it has windows of"),
        ("windows", {**BOX, "dilation": (-(10**9),)}, "it has windows of"),
        ("windows", {**BOX, "size": (10**6,)}, "an array of shape"),
        ("reshape", {"shape": (10**6, 10**6)}, "its arrays need more than max_bytes"),
    ],
)
def test_no_memory_is_taken_on_the_word_of_a_file(operation, options, message, file):
    content = load(io.BytesIO(saved()))
    call = {"operation": operation, "arguments": ({"input": 0},), "settings": options, "line": ""}
    content |= {"calls": [call], "returned": {"result": 0}, "gradients": []}
    save(content, file)

    tracemalloc.start()
    with pytest.raises(ValueError, match=f"but 'step.npz' is none: .*{message}"):
        load_plan(file, max_bytes=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10**7


def test_a_file_without_an_entry_is_refused(file):
    content = load(io.BytesIO(saved()))
    del content["states"]
    save(content, file)

    with pytest.raises(ValueError, match=r"but 'step.npz' is none: it has no entry 'states'"):
        load_plan(file)


def test_more_memory_may_be_allowed(file):
    ready(classes)[0].save(file)

    with pytest.raises(
        ValueError, match="its arrays need more than max_bytes; pass a larger max_bytes if you trust"
    ):
        load_plan(file, max_bytes=100)
    assert load_plan(file, max_bytes=10**6)(X[0], CLASSES[0]).shape == ()
