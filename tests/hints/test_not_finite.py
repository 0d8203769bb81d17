"""Where the first nan or infinity came from, forward and backward."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import check_finite, no_grad, tensor, watch, where_not_finite
from tinygrad_edu.hints import warnings
from tinygrad_edu.hints.warnings import NotFiniteWarning
from tinygrad_edu.ops.elementwise import log


def test_a_long_number_is_rounded():
    x = tensor([-1.674626708848729e154], requires_grad=True)

    with np.errstate(all="ignore"):
        found = where_not_finite((x * x).sum())

    assert "-1.67463e+154 * -1.67463e+154 = inf" in str(found)


def test_the_first_number_that_is_not_finite_is_found_with_its_place_and_operand():
    p = tensor([[0.5, 0.0]], requires_grad=True)
    with np.errstate(all="ignore"):
        loss = (p.log() * 2).sum()

    answer = str(where_not_finite(loss))

    assert answer.startswith("First number that is not finite: log at test_not_finite.py:")
    assert "element [0, 1]: log(0.0) = -inf" in answer


def test_check_finite_stops_at_the_operation():
    x = tensor([0.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"log at .*log\(0.0\) = -inf"),
        check_finite(),
    ):
        x.log()


def test_check_finite_names_the_rule_on_the_way_back():
    x = tensor([0.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"the derivative rule of sqrt .*infinite at 0"),
        check_finite(),
    ):
        x.sqrt().sum().backward()


def test_finite_numbers_pass():
    x = tensor([1.0], requires_grad=True)

    with check_finite():
        x.log().sum().backward()

    assert x.grad.item() == 1


def test_gradients_are_the_same_with_and_without_the_check():
    x = tensor([0.3, 2.0], requires_grad=True)

    with check_finite(), warnings.off():
        (x.tanh() * x.exp()).sum().backward()

    checked = x.grad.numpy().copy()
    x.grad = None
    (x.tanh() * x.exp()).sum().backward()
    np.testing.assert_array_equal(checked, x.grad.numpy())


def test_a_loss_that_is_not_finite_is_traced_to_its_first_operation():
    p = tensor([0.0, 1.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.warns(NotFiniteWarning, match=r"log at .*, element \[0\]: log\(0.0\)"),
    ):
        (-p.log()).sum().backward()


# What is told of the number, by where it began.

GROWN = "The numbers have grown too large: try a smaller learning rate or smaller inputs."
LOADED = "Look at how these numbers were made or loaded."
KEEP_AWAY = "Keep the numbers away from 0, as in (x + 1e-12).log()."
USE_CROSS_ENTROPY = "Use cross_entropy(logits, y), which never takes the log of 0."
USE_LOGITS = "Use binary_cross_entropy_with_logits(logits, y), which never takes the log of 0."
EXP = (
    "exp of more than 709 is too large for float64 (88 for float32): subtract the maximum first, or use softmax, "
    "logsumexp or cross_entropy."
)
POWER = "0 to a negative power is infinite, a negative number to a fractional power is nan."


def leaf(*numbers, name=None):
    return tensor(list(numbers), requires_grad=True, name=name)


def overwritten():
    w = leaf(1.0, 2.0)
    with no_grad():
        w[1] = np.nan
    return w * w


def viewed():
    w = leaf(np.nan)
    w.detach()
    return w


def difference_of_infinities():
    y = leaf(800.0).exp()
    return y - y


def named():
    h = leaf(0.0) * 2
    h.name = "h"
    return h.log()


def twice():
    h = leaf(1e200) * 2
    return h * h


FIRST = {
    "a leaf": (
        lambda: leaf(1.0, np.nan, name="x").exp(),
        f"element [1]: nan in 'x' of shape (2,), which was not computed in this graph. {LOADED}",
    ),
    "the first nan before the first infinity": (
        lambda: leaf(np.inf, 1.0, np.nan),
        f"element [2]: nan in a tensor of shape (3,), which was not computed in this graph. {LOADED}",
    ),
    "a single number": (
        lambda: tensor(np.inf, requires_grad=True) * 2,
        f"inf in a tensor of shape (), which was not computed in this graph. {LOADED}",
    ),
    "an overwritten leaf": (
        overwritten,
        "element [1]: nan in a tensor of shape (2,), which was not computed in this graph and was last overwritten at "
        "HERE. Run the training inside check_finite() to see which step made it, or try a smaller learning rate.",
    ),
    "a leaf with a view": (
        viewed,
        f"element [0]: nan in a tensor of shape (1,), which was not computed in this graph. {LOADED}",
    ),
    "cut by an operation": (
        lambda: leaf(0.0).log().detach() * leaf(1.0),
        "element [0]: -inf in a tensor of shape (1,), which was not computed in this graph (cut by detach at HERE). "
        f"{LOADED}",
    ),
    "cut by copying": (
        lambda: tensor(leaf(0.0).log()) * leaf(1.0),
        "element [0]: -inf in a tensor of shape (1,), which was not computed in this graph (cut by tensor(...) at "
        f"HERE). {LOADED}",
    ),
    "log of 0": (lambda: leaf(0.5, 0.0).log(), f"log at HERE, element [1]: log(0.0) = -inf. {KEEP_AWAY}"),
    "log below 0": (
        lambda: leaf(0.5, -1.0).log(),
        "log at HERE, element [1]: log(-1.0) = nan. A logarithm needs numbers above 0.",
    ),
    "log of softmax": (
        lambda: leaf(1000.0, 0.0).softmax(0).log(),
        "log at HERE, element [1]: log(0.0) = -inf. Its input came from softmax at HERE. "
        + USE_CROSS_ENTROPY,
    ),
    "log of softmax that was moved": (
        lambda: log(leaf(1000.0, 0.0).softmax(0).reshape(1, 2)[0]),
        "log at HERE, element [1]: log(0.0) = -inf. Its input came from take at HERE. " + USE_CROSS_ENTROPY,
    ),
    "log of softmax that was computed with": (
        lambda: log(leaf(1000.0, 0.0).softmax(0) * 2),
        f"log at HERE, element [1]: log(0.0) = -inf. Its input came from multiply at HERE. {KEEP_AWAY}",
    ),
    "log of sigmoid": (
        lambda: leaf(-1000.0).sigmoid().log(),
        f"log at HERE, element [0]: log(0.0) = -inf. Its input came from sigmoid at HERE. {USE_LOGITS}",
    ),
    "log of 1 - sigmoid": (
        lambda: log(1 - leaf(1000.0).sigmoid()),
        f"log at HERE, element [0]: log(0.0) = -inf. Its input came from subtract at HERE. {USE_LOGITS}",
    ),
    "log of a clamped sigmoid": (
        lambda: leaf(-1000.0).sigmoid().clamp(0).log(),
        f"log at HERE, element [0]: log(0.0) = -inf. Its input came from clamp_min at HERE. {USE_LOGITS}",
    ),
    "log of something named": (
        named,
        f"log at HERE, element [0]: log(0.0) = -inf. 'h' came from multiply at HERE. {KEEP_AWAY}",
    ),
    "divide": (
        lambda: leaf(1.0) / leaf(0.0),
        "divide at HERE, element [0]: 1.0 / 0.0 = inf. Keep the divisor away from 0, as in x / (y + 1e-12).",
    ),
    "sqrt": (
        lambda: leaf(-1.0).sqrt(),
        "sqrt at HERE, element [0]: sqrt(-1.0) = nan. A square root needs numbers of 0 or more.",
    ),
    "exp": (lambda: leaf(800.0).exp(), f"exp at HERE, element [0]: exp(800.0) = inf. {EXP}"),
    "log1p": (
        lambda: leaf(-2.0).log1p(),
        "log1p at HERE, element [0]: log1p(-2.0) = nan. log1p needs numbers above -1.",
    ),
    "power": (lambda: leaf(0.0) ** -1, f"power at HERE, element [0]: 0.0 ** -1 = inf. {POWER}"),
    "multiply": (
        lambda: leaf(1e200) * leaf(1e200),
        f"multiply at HERE, element [0]: 1e+200 * 1e+200 = inf. {GROWN}",
    ),
    "two inputs of one line": (
        lambda: (leaf(1e200) * 2) * (leaf(1e200) * 3),
        "multiply at HERE, element [0]: 2e+200 * 3e+200 = inf. Its input came from multiply at HERE. "
        + GROWN,
    ),
    "one input twice": (
        twice,
        "multiply at HERE, element [0]: 2e+200 * 2e+200 = inf. Its input came from multiply at HERE. "
        + GROWN,
    ),
    "sum": (lambda: leaf(1e308, -1.0, 1e308).sum(), f"sum at HERE, inf from inputs of up to 1e+308. {GROWN}"),
    "matmul": (
        lambda: tensor([[1e200, 1.0]]) @ tensor([[1e200], [1.0]], requires_grad=True),
        f"matmul at HERE, element [0, 0]: inf from inputs of up to 1e+200. {GROWN}",
    ),
    "softmax": (
        lambda: leaf(-np.inf, -np.inf).softmax(0),
        "softmax at HERE, element [0]: nan from inputs that are not all finite. Some of its inputs are infinite: a "
        "softmax needs the greatest number of each row to be finite.",
    ),
    "softmax of infinity": (
        lambda: leaf(np.inf, 1.0).softmax(0),
        "softmax at HERE, element [0]: nan from inputs that are not all finite. Some of its inputs are infinite: a "
        "softmax needs the greatest number of each row to be finite.",
    ),
    "sine of infinity": (
        lambda: leaf(np.inf).sin(),
        "sin at HERE, element [0]: sin(inf) = nan. Some of its inputs are infinite already: run this inside "
        "check_finite() to see which line made them.",
    ),
    "nan of infinities": (
        difference_of_infinities,
        "exp at HERE, element [0]: exp(800.0) = inf. From it nan was made: subtract at HERE, element [0]: "
        f"inf - inf = nan. {EXP}",
    ),
}


def anywhere(text):
    return re.sub(r"test_not_finite\.py:\d+", "HERE", str(text))


@pytest.mark.filterwarnings("ignore:.*copies the numbers")
@pytest.mark.parametrize(("compute", "told"), FIRST.values(), ids=FIRST)
def test_the_first_number_that_is_not_finite_comes_with_what_made_it_and_what_to_do(compute, told):
    with np.errstate(all="ignore"):
        found = where_not_finite(compute().sum())

    assert anywhere(found) == f"First number that is not finite: {told}"


def test_two_inputs_from_two_operations_are_both_told():
    with np.errstate(all="ignore"):
        found = where_not_finite((leaf(400.0).exp() * (leaf(1e200) * 2)).sum())

    assert "Its input came from exp at HERE and its input came from multiply at HERE." in anywhere(found)


def test_the_tensor_where_it_began_is_kept():
    x = leaf(0.0)
    with np.errstate(all="ignore"):
        y = x.log()
        found = where_not_finite((y * 2).sum())

    assert found.node is y


def test_nothing_is_told_of_finite_numbers():
    found = where_not_finite(leaf(1.0).sum())

    assert str(found) == "every number of it is finite, and so is its gradient"
    assert found.node is None


def test_only_tensors_can_be_traced():
    with pytest.raises(TypeError, match="where_not_finite needs a Tensor, got float"):
        where_not_finite(1.0)


def test_a_nan_that_spread_along_many_paths_is_traced_at_once():
    y = leaf(np.nan, name="x")
    for _ in range(60):
        y = y + y

    assert "nan in 'x' of shape (1,)" in str(where_not_finite(y))


def test_a_loss_that_is_not_finite_is_told_to_every_audience():
    with np.errstate(all="ignore"):
        loss = leaf(0.0).log().sum()

    for _ in range(2):  # the same line
        with (
            np.errstate(all="ignore"),
            pytest.warns(NotFiniteWarning, match=r"^the loss is -inf\. First number"),
        ):
            loss.backward()


def test_a_loss_that_is_not_finite_is_told_once_for_every_line():
    def steps():
        for _ in range(2):
            leaf(0.0).log().sum().backward()

    with np.errstate(all="ignore"), pytest.warns(NotFiniteWarning) as said:
        steps()

    assert len(said) == 1


# check_finite.

RULES = {
    "sqrt": (
        lambda: leaf(0.0).sqrt(),
        "sqrt at HERE made it, element [0]: inf from 1, where sqrt(0.0) = 0.0; its derivative 1 / (2 sqrt(x)) is "
        "infinite at 0: keep x away from 0, as in (x + 1e-12).sqrt()",
    ),
    "power": (
        lambda: leaf(0.0) ** 0.5,
        "power at HERE made it, element [0]: inf from 1, where 0.0 ** 0.5 = 0.0; an exponent below 1 has an infinite "
        "derivative at 0: keep the base away from 0",
    ),
    "log": (
        lambda: leaf(1.0, 1e-320).log(),
        "log at HERE made it, element [1]: inf from 1, where log(1e-320) = -736.8272408909739; its derivative 1 / x "
        "grows without bound near 0: keep x away from 0",
    ),
    "divide": (
        lambda: leaf(1.0) / leaf(1e-200),
        "divide at HERE made it, element [0]: -inf from 1, where 1.0 / 1e-200 = 1e+200; its derivative -x / y² grows "
        "without bound near y = 0: keep y away from 0",
    ),
}


@pytest.mark.parametrize(("compute", "told"), RULES.values(), ids=RULES)
def test_check_finite_names_the_rule_with_its_numbers_and_what_to_do(compute, told):
    with pytest.raises(FloatingPointError) as caught, check_finite():
        compute().sum().backward()

    assert anywhere(caught.value) == (
        f"check_finite found the first gradient that is not finite: the derivative rule of {told}"
    )


def test_check_finite_names_a_rule_that_is_not_elementwise_without_an_equation():
    x, w = tensor([[1.0]], requires_grad=True), tensor([[1e200]], requires_grad=True)

    with (
        pytest.raises(
            FloatingPointError,
            match=r"matmul at .* made it, element \[0, 0\]: inf; the derivative there is too",
        ),
        check_finite(),
    ):
        (x @ w).backward([[1e200]])
    assert (x.grad, w.grad) == (None, None)


def test_check_finite_names_a_rule_of_a_broadcast_input_without_an_equation():
    x, w = leaf(1e200), leaf(1.0, 2.0)

    with (
        pytest.raises(
            FloatingPointError,
            match=r"multiply at .* made it, element \[0\]: inf; the derivative there is too",
        ),
        check_finite(),
    ):
        (x * w).backward([1e308, 1e308])


def test_check_finite_traces_a_loss_that_was_computed_before():
    with np.errstate(all="ignore"):
        loss = leaf(0.0).log().sum()

    with (
        pytest.raises(
            FloatingPointError, match=r"check_finite found a loss of -inf\. First number .*: log at"
        ),
        check_finite(),
    ):
        loss.backward()


def test_check_finite_asks_for_finite_results_of_finite_inputs_only():
    with check_finite():
        y = tensor([np.inf]) * 2

    assert y.tolist() == [np.inf]


def test_check_finite_tells_what_to_do():
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            FloatingPointError, match=r"divide at .*: 1.0 / 0.0 = inf\. Keep the divisor away from 0"
        ),
        check_finite(),
    ):
        leaf(1.0) / 0.0


def test_check_finite_is_a_decorator_too():
    @check_finite()
    def step(x):
        return x.log()

    assert step(leaf(1.0)).item() == 0
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="log at"):
        step(leaf(0.0))


def test_without_check_finite_a_watched_walk_may_be_infinite():
    x = leaf(0.0)

    with np.errstate(all="ignore"), watch(lambda *note: None):
        x.sqrt().sum().backward()

    assert x.grad.tolist() == [np.inf]


OVERFLOWS = {
    "divided": lambda e: -(e / e.sum())[1].log(),
    "taken by an index": lambda e: -(e / e.sum()).gather(0, tensor([1])).log().sum(),
    "inverted": lambda e: (1 / e)[0].log(),
}


@pytest.mark.parametrize("name", OVERFLOWS)
def test_an_overflow_is_blamed_and_not_the_logarithm_of_the_zero_that_came_of_it(name):
    with np.errstate(all="ignore"):
        found = str(where_not_finite(OVERFLOWS[name](leaf(1000.0, 0.0).exp())))

    assert found.startswith("First number that is not finite: exp at")
    assert "From it -inf was made: log at" in found or "From it inf was made: log at" in found
    assert found.endswith(EXP)


def test_an_infinity_that_does_not_matter_is_not_blamed():
    x = leaf(0.0, 2.0)
    with np.errstate(all="ignore"):
        found = str(where_not_finite((x.log()[1] * 2000).exp()))

    assert found.startswith("First number that is not finite: exp at")


def test_an_overflow_in_a_sigmoid_is_advised_on_as_one():
    with np.errstate(all="ignore"):
        found = str(where_not_finite((1 / (1 + (-leaf(-1000.0)).exp())).log().sum()))

    assert found.startswith("First number that is not finite: exp at")
    assert "use sigmoid" in found


def test_a_finite_loss_with_a_gradient_that_is_not_gets_a_word():
    x = leaf(0.0, 1.0)

    found = str(where_not_finite((x * x).sqrt().sum()))

    assert "the derivative rule of sqrt at" in found
    assert "inf from 1, where sqrt(0.0) = 0.0" in found
    assert "From it nan was made, as 0 · inf is nan, in the derivative rule of multiply" in found


def test_nothing_times_an_infinite_derivative_is_said_to_be_no_number():
    found = str(where_not_finite((leaf(0.0).sqrt() * 0).sum()))

    assert "nan from 0 (0 · inf is nan), where sqrt(0.0) = 0.0" in found
