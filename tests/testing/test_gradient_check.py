import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.transcendental import cos
from tinygrad_edu.testing import check_gradients, gradient_verdict

WRONG_EXP = Operation(np.exp, lambda g, y, x: g * y * 1.001)
WRONG_TWICE = Operation(np.exp, lambda g, y, x: g * y.detach() if hasattr(y, "detach") else g * y)


def test_a_right_rule_passes_to_third_order():
    check_gradients(lambda x, y: (x * y).exp() / y, [0.3, -0.2], [1.1, 0.7], order=3)


def test_a_wrong_rule_is_reported_with_its_worst_number():
    with pytest.raises(
        AssertionError,
        match=r"exp by x is wrong in 2 of 2 numbers, most at \[1\]: 7.0763\d* by the rule of exp, "
        r"7.0693\d* by differences",
    ):
        check_gradients(WRONG_EXP, [0.1, 2.0])


def test_a_gradient_that_is_only_wrong_when_differentiated_again_is_found_at_order_2():
    check_gradients(WRONG_TWICE, [0.1, 2.0])

    with pytest.raises(AssertionError, match="by differences"):
        check_gradients(WRONG_TWICE, [0.1, 2.0], order=2)


def test_a_gradient_that_was_lost_is_found():
    with pytest.raises(AssertionError, match=r"0 because no gradient flows back to it, 2\.539"):
        check_gradients(lambda x: x.detach() * 3, [0.5])


def test_of_a_function_every_operation_on_the_way_is_named():
    with pytest.raises(AssertionError, match=r"the function by y .* by the rules of multiply and exp, "):
        check_gradients(lambda k, y: WRONG_EXP(y * k), 3, [2.0])


def test_a_nan_gradient_is_wrong():
    nan_rule = Operation(np.negative, lambda g, y, x: g * np.nan)

    with pytest.raises(AssertionError, match="nan by the rule of negative"):
        check_gradients(nan_rule, [0.5, 1.0])


def test_whole_numbers_are_constants():
    check_gradients(lambda x, rows: x[rows], [0.5, 1.0], np.array([0, 0, 1]), order=2)
    check_gradients(lambda x, rows: x[rows], [0.5, 1.0], [0, 0, 1])
    check_gradients(lambda x, n: x * n.sign(), [0.5, 1.0], 2)


@pytest.mark.parametrize("order", [0, -1, 1.0, True])
def test_order_is_a_whole_number_of_1_or_more(order):
    with pytest.raises(ValueError, match="check_gradients needs order of 1 or more"):
        check_gradients(lambda x: x, [1.0], order=order)


def test_a_point_of_floating_numbers_is_needed():
    with pytest.raises(ValueError, match=r"at least one point of floating numbers, as 1\.0, got int64, list"):
        check_gradients(lambda x, y: x, np.array([1, 2]), [3])
    with pytest.raises(ValueError, match="got none"):
        check_gradients(lambda x: x)


def test_a_rule_with_a_method_of_tensors_is_told_of_the_operation():
    logcosh = Elementwise(lambda x: np.log(np.cosh(x)), None, lambda g, y, x: g * x.tanh(), name="logcosh")

    text = str(gradient_verdict(logcosh, [0.5]))

    assert text.endswith("a rule runs on arrays, too, so write tanh(x), from tinygrad_edu.ops.elementwise")


def test_a_rule_may_raise_an_attribute_error_without_a_name():
    def rule(g, y, x):
        raise AttributeError("nothing")

    assert "it raises AttributeError: nothing" in str(
        gradient_verdict(Elementwise(np.sin, None, rule), [0.5])
    )


def test_results_that_are_no_numbers_are_said_to_be_left_out():
    logcosh = Elementwise(lambda x: np.log(np.cosh(x)), None, lambda g, y, x: g * 7, name="logcosh")

    verdict = gradient_verdict(logcosh, [800.0, -900.0])

    assert verdict.kind == "outside the domain"
    assert verdict.text.endswith("; 2 results of logcosh left out: inf or nan")


def test_the_function_returns_a_tensor():
    with pytest.raises(TypeError, match="needs a function that returns a Tensor, got float"):
        check_gradients(lambda x: 1.0, [1.0])


def test_inputs_drawn_as_what_flows_back_hide_nothing():
    sine = Elementwise(np.sin, None, lambda g, _y, _x: g * cos(g), name="sine")

    for seed in range(3):
        x = np.random.default_rng(seed).uniform(0.5, 1.5, (2, 3))
        assert not gradient_verdict(sine, x)
