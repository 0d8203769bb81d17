"""Random input from outside: einsum strings, indices, damaged files, answers and names."""

from __future__ import annotations

import io
import pickle
import xml.dom.minidom

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as torch
from tinygrad_edu.exercise.answer_files import AnswersError, read_answers
from tinygrad_edu.testing.strategies import indices

REFUSALS = (ValueError, TypeError, IndexError, RuntimeError)
LETTERS = st.text("ijk", max_size=3)
EQUATIONS = st.one_of(
    st.builds("{},{}->{}".format, LETTERS, LETTERS, LETTERS),
    st.builds("{}->{}".format, st.text("ij.", max_size=5), st.text("ij.", max_size=5)),
    st.text("ijk->., AB1é", max_size=10),
)
SIDES = st.lists(st.sampled_from([1, 2, 2, 3]), max_size=3).map(tuple)


@pytest.mark.slow
@settings(max_examples=150)
@given(EQUATIONS, st.lists(SIDES, max_size=3))
def test_an_equation_of_einsum_means_what_it_means_to_numpy_or_is_refused(equation, shapes):
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in shapes]

    try:
        found = torch.einsum(equation, *map(torch.tensor, arrays)).numpy()
    except REFUSALS:
        return
    try:
        right = np.einsum(equation, *arrays)
    except ValueError:  # PyTorch, unlike NumPy, lets sides of 1 broadcast, and the dots go without a word
        return

    np.testing.assert_allclose(found, right)


@pytest.mark.slow
@settings(max_examples=150)
@given(st.data())
def test_an_index_picks_what_numpy_picks_and_gets_its_gradient(data):
    shape = data.draw(SIDES)
    index = data.draw(indices(shape))
    x = torch.arange(int(np.prod(shape)), dtype=torch.float64).reshape(shape).requires_grad_()
    expected = np.zeros(shape)

    picked = x[index]
    picked.sum().backward()
    np.add.at(expected, index, 1.0)

    if not isinstance(index, tuple) or not any(isinstance(part, list) for part in index):
        np.testing.assert_array_equal(picked.detach().numpy(), x.detach().numpy()[index])
    assert sorted(picked.detach().numpy().ravel()) == sorted(x.detach().numpy()[index].ravel())
    np.testing.assert_array_equal(x.grad.numpy(), expected)


def saved():
    file = io.BytesIO()
    torch.save({"w": torch.ones(2, 3), "step": 3, "rows": [1.5, "a", None, (1, 2)]}, file)
    return file.getvalue()


DAMAGES = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.binary(max_size=4)), min_size=1, max_size=4
)


def damaged(content, damages):
    for place, length, bytes_there in damages:
        i = place % (len(content) + 1)
        content = content[:i] + bytes_there + content[i + length :]
    return content


@pytest.mark.slow
@settings(max_examples=150)
@given(DAMAGES)
def test_a_damaged_checkpoint_is_refused_or_is_what_was_saved(damages):
    try:
        found = torch.load(io.BytesIO(damaged(saved(), damages)))
    except (ValueError, pickle.UnpicklingError):
        return

    assert found["w"].tolist() == torch.ones(2, 3).tolist()
    assert (found["step"], found["rows"]) == (3, [1.5, "a", None, (1, 2)])


ANSWERS = {
    ".json": b'{"W1": [[1.0, 2e3], [NaN, -Infinity]], "b": [1, null, "x"], "c": {"d": []}}',
    ".csv": b'W1, 0.1, 0.2\nW1, 1, 2\nb; "a\nb"\n',
    ".py": b"def f(x):\n    return x * 2\n",
}


@pytest.mark.parametrize("ending", ANSWERS)
@given(damages=DAMAGES)
def test_damaged_answers_are_read_or_refused(tmp_path_factory, ending, damages):
    path = tmp_path_factory.getbasetemp() / f"answers{ending}"
    path.write_bytes(damaged(ANSWERS[ending], damages))

    try:
        read_answers(path)
    except AnswersError:
        return


NAMES = st.lists(
    st.sampled_from(
        [*"aW<>&\"'\\\n\t\0é{}|%$_^`#;\x7f\r", "𝔸", "]]>", "-->", "</script>", "\u202e", "\ufffe"]
    ),
    min_size=1,
).map("".join)


@settings(max_examples=15)
@given(NAMES, NAMES)
def test_pictures_of_any_names_are_well_formed(first, second):
    x = torch.tensor([1.0, float("nan")], requires_grad=True, name=first)
    loss = (x * torch.tensor([2.0, 5e-324], name=second)).tanh().sum()

    drawing = torch.draw(loss)

    xml.dom.minidom.parseString(drawing.svg.encode())
    for text in (drawing.dot, drawing.mermaid, drawing.markdown, drawing.text):
        assert str(text).encode()
