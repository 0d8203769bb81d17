from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import diagnose, nn, tensor
from tinygrad_edu.explanation.diagnosis.written_numbers import decimals_of, read
from tinygrad_edu.hints import warnings


def test_a_number_shows_its_decimals_and_figures():
    written = read("f", "x", [0.12, 1.5, 0.0, 1500.0])

    assert written.decimals.tolist() == [2, 1, 0, -2]
    assert (written.figures, written.shown) == (2, 2)


def test_zeros_at_the_end_count_in_texts():
    written = read("f", "x", ["0.50", "1.20e-3", "−2"])

    assert written.numbers.tolist() == [0.5, 0.0012, -2]
    assert written.decimals.tolist() == [2, 5, 0]
    assert written.figures == 3


@pytest.mark.parametrize(
    ("numbers", "decimals"),
    [([0.25, 1.5], 2), ([3.0, 4.0], None), ([1 / 3, 0.5], None), ([], None), (np.float32([0.1]), 1)],
)
def test_the_decimals_that_numbers_look_rounded_to(numbers, decimals):
    assert decimals_of(np.asarray(numbers)) == decimals


def test_single_precision_with_all_its_digits_is_not_rounded():
    assert not read("f", "x", np.float32([0.12345678, 2.5])).rounded
    assert read("f", "x", np.float32([0.1234, 2.5])).rounded


def test_a_zero_was_rounded_as_the_coarser_of_the_other_numbers_were():
    reach = read("f", "x", [0.0, 0.12, 0.346, 0.789, 0.456]).most(None, scale=1.0, noise=0.0)

    assert 0.005 <= reach[0] < 0.006
    assert reach[2] < 1e-3


def test_a_zero_among_numbers_of_different_digits_may_be_any_number_rounded_to_one_decimal():
    reach = read("f", "x", [0.0, 0.12, -0.0345, 1.2, 0.1]).most(None, scale=1.0, noise=0.0)

    assert np.allclose(reach, [0.05, 0.005, 0.00005, 0.05, 0.05], rtol=0.1)


def test_among_numbers_with_all_their_digits_zeros_and_ones_are_exact():
    reach = read("f", "x", [0.0, 1.0, *np.random.default_rng(0).normal(size=8)]).most(
        None, scale=1.0, noise=0.0
    )

    assert reach.max() < 1e-8


def test_a_number_with_fewer_digits_than_the_others_is_read_by_its_own():
    reach = read("f", "x", [0.12, 1 / 3, 2 / 7, 0.1234]).most(None, scale=1.0, noise=0.0)

    assert np.allclose(reach, [0.005, 0, 0, 0.00005], rtol=0.01, atol=1e-8)


def test_single_precision_is_seen_through_rounding_to_many_decimals_and_in_lists():
    numbers = np.float32([12.3456789, -0.3456789, 987.654321])

    assert read("f", "x", np.round(numbers.astype(float), 8)).bits == 24
    assert read("f", "x", np.round(numbers, 3).tolist()).decimals.tolist() == [3, 3, 3]


def test_half_precision_is_coarse_for_the_smallest_numbers():
    reach = read("f", "x", np.float16([6e-8, 1e-7, 0.0])).most(None, scale=1e-7, noise=0.0)

    assert (reach >= 2.9e-8).all()


def test_exact_numbers_are_right_where_the_graph_is_in_single_precision():
    rng = np.random.default_rng(0)
    X, W, Y = rng.normal(size=(8, 4)), rng.normal(size=(4, 3)), rng.normal(size=(8, 3))
    w = tensor(W.astype("float32"), requires_grad=True, name="W")
    loss = ((tensor(X.astype("float32")) @ w - tensor(Y.astype("float32"))) ** 2).mean()

    assert diagnose(loss, w, 2 * X.T @ (X @ W - Y) / Y.size).right


def test_half_precision_in_a_short_list_is_right():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    loss = (w * tensor([0.13279, 0.2501])).sum()

    assert diagnose(loss, w, np.float16([0.13279, 0.2501]).tolist()).right


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (["1,5"], ValueError, r"f needs a decimal point in W1, got '1,5'; write 1\.5"),
        (["one"], TypeError, r"f needs real numbers for W1, got str 'one'; write them as 0\.5 or 1\.2e-3"),
        ([None], TypeError, r"f needs real numbers for W1, got list \[None\]"),
        ([1j], TypeError, r"f needs real numbers for W1, got list \[1j\]"),
        ([[1], [1, 2]], TypeError, r"f needs real numbers for W1, got list \[\[1\], \[1, 2\]\]"),
        ([0.5, np.nan], ValueError, r"f needs finite numbers for W1, got nan at \[1\]; look there first"),
    ],
)
def test_other_values_are_refused(value, error, message):
    with pytest.raises(error, match=message):
        read("f", "W1", value)


# Right answers, in every form.


def figures(array, n):
    return np.vectorize(lambda x: float(f"{x:.{n - 1}e}"))(array)


FORMS = {
    **{f"{n} decimals": lambda g, n=n: np.round(g, n) for n in range(2, 9)},
    **{f"{n} figures": lambda g, n=n: figures(g, n) for n in range(2, 9)},
    **{f"{n} figures as texts": lambda g, n=n: [f"{x:.{n}g}" for x in g.ravel()] for n in (2, 4, 7)},
    "single precision": lambda g: g.astype(np.float32),
    "single precision, listed": lambda g: g.astype(np.float32).tolist(),
    "single precision as JSON": lambda g: json.loads(json.dumps([float(str(x)) for x in g.astype("f").ravel()])),
    **{f"single precision, {n} decimals": lambda g, n=n: np.round(g.astype(np.float32), n) for n in (4, 6, 8)},
    "half precision": lambda g: g.astype(np.float16),
    "half precision, listed": lambda g: g.astype(np.float16).tolist(),
    "other figures each": lambda g: np.array([float(f"{x:.{2 + i % 3}g}") for i, x in enumerate(g.ravel())]),
    "all digits": lambda g: g,
}  # fmt: skip
LAYOUTS = {
    "as it is": lambda a: a,
    "in lists": lambda a: a.tolist(),
    "by columns": np.asfortranarray,
    "flattened": np.ravel,
    "with one more dimension": lambda a: a[None],
}


@st.composite
def networks(draw, dtype="float64"):
    """The loss of a network with its parameters, and the same gradients computed in another precision."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, d, h, k = (draw(st.integers(*ends)) for ends in ((2, 9), (2, 5), (2, 6), (2, 4)))
    size = 10.0 ** draw(st.integers(-6, 6))
    columns, kind = draw(st.booleans()), draw(st.sampled_from(["squared", "softmax", "logistic"]))
    X, W1, b1 = rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=(1, h))
    W2, y = rng.normal(size=(h, k)), rng.integers(0, k, n)

    def loss_in(dtype):
        x, *parameters = (tensor(a.astype(dtype), requires_grad=a is not X) for a in (X, W1, b1, W2))
        w1, b, w2 = parameters
        z = ((w2.T @ (w1.T @ x.T + b.T).tanh()).T) if columns else (x @ w1 + b).tanh() @ w2
        with warnings.off():
            if kind == "squared":
                loss = ((z - tensor(np.eye(k)[y].astype(dtype))) ** 2).mean()
            elif kind == "softmax":
                loss = nn.functional.cross_entropy(z, tensor(y))
            else:
                loss = nn.functional.binary_cross_entropy_with_logits(z, tensor(np.eye(k)[y].astype(dtype)))
        return loss * size, parameters

    loss, parameters = loss_in("float64")
    single, copies = loss_in("float32")
    single.backward()
    return loss, parameters, [p.grad.raw for p in copies]


def true_gradients(loss, parameters):
    loss.backward()
    found = [p.grad.raw.copy() for p in parameters]
    for p in parameters:
        p.grad = None
    return found


def worth_reading(array):
    """True for numbers that are left when the gradient is written so."""
    return np.count_nonzero(np.asarray(array, float)) > 0


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(networks(), st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(LAYOUTS)), st.integers(0, 2))
def test_right_answers_are_right_in_every_form(network, form, layout, i):
    loss, parameters, _ = network
    g = true_gradients(loss, parameters)[i]
    with np.errstate(over="ignore", under="ignore"):
        written = np.asarray(FORMS[form](g))
    if written.shape != g.shape:
        written = written.reshape(g.shape)
    if not np.isfinite(written.astype(float)).all() or not worth_reading(written):
        return

    diagnosis = diagnose(loss, {parameters[i]: LAYOUTS[layout](written)})

    shape_only = {"kept-dimension", "flattened", "transposed"}
    assert diagnosis.right or {e.mistake for e in diagnosis.explanations} <= shape_only, str(diagnosis)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(networks(), st.sampled_from(["as it is", "listed", "4 decimals", "6 decimals", "5 figures"]))
def test_gradients_computed_in_single_precision_are_right(network, form):
    loss, parameters, single = network
    write = {"as it is": lambda g: g, "listed": lambda g: g.tolist(), **FORMS}[form]

    answers = {p: write(g) for p, g in zip(parameters, single, strict=True)}
    if any(np.any(g) for g in answers.values()):
        assert diagnose(loss, answers).right


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(networks(), st.sampled_from(sorted(FORMS)), st.sampled_from([2, -1, 0.5, 1.1]), st.integers(0, 2))
def test_wrong_answers_are_wrong_in_every_form(network, form, factor, i):
    loss, parameters, _ = network
    g = true_gradients(loss, parameters)[i]
    with np.errstate(over="ignore", under="ignore"):
        written = np.asarray(FORMS[form](factor * g)).reshape(g.shape)
        size, lost = np.abs(g).max(), np.abs(np.asarray(FORMS[form](g), float).reshape(g.shape) - g).max()
    if not np.isfinite(written.astype(float)).all() or lost > 0.02 * size:  # else there is little to tell by
        return

    assert not diagnose(loss, {parameters[i]: written}).right
