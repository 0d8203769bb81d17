"""The battery and its table: right operations and modules pass, each law finds what breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.autograd import Function
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.testing import add_case, cases, check_module, check_operation, gradient_verdict
from tinygrad_edu.testing.laws import LAWS, each_input_alone, gradients_add_up, layout_does_not_matter
from tinygrad_edu.testing.module_examples import EXAMPLES
from tinygrad_edu.testing.trial import Trial

X = np.random.default_rng(0).normal(size=(2, 3))
WRONG = Elementwise(np.exp, None, lambda g, y, _x: 2 * g * y, name="wrong")
EASY = ("add", "matmul", "amax", "cholesky", "igamma", "where", "bitwise_and", "take")


@pytest.mark.slow
@pytest.mark.parametrize("name", EASY)
def test_an_operation_passes_at_its_first_case(name):
    first = cases(name)[0]

    assert all(check_operation(first.function, *first.inputs, order=1))


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_passes_at_all_its_cases(name):
    assert all(check_operation(OPERATIONS[name]))


@pytest.mark.parametrize("name", ["Linear", "Embedding", "Dropout", "BatchNorm1d"])
def test_a_module_passes(name):
    (case,) = cases(name)
    before = case.function.state_dict()

    battery = check_module(case.function, *case.inputs)

    assert battery
    assert list(battery.broken) == list(LAWS)
    assert all(np.array_equal(x.raw, case.function.state_dict()[key].raw) for key, x in before.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_module_passes(name):
    (case,) = cases(name)

    assert check_module(case.function, *case.inputs)


def test_the_battery_prints_every_law():
    lines = str(check_module(nn.Linear(3, 2), X)).splitlines()

    assert lines[0].startswith("Linear: 14 of 14 agree, worst relative difference ")
    assert lines[1:] == [f"  {law}: yes" for law in LAWS]


def test_a_wrong_operation_is_refused_with_its_verdict():
    with pytest.raises(
        AssertionError, match=r"wrong: the gradient of wrong by x .* it is 2 times the true gradient"
    ):
        check_operation(WRONG)


def test_a_wrong_layer_is_refused_and_its_parameter_named():
    class Layer(nn.Linear):
        def forward(self, x):
            return x @ self.weight.T + self.bias.detach()

    with pytest.raises(
        AssertionError, match=r"by parameters\['bias'\] is wrong in 2 of 2 numbers, .*outside the graph"
    ):
        check_module(Layer(3, 2), X)


def test_a_law_says_what_breaks_it():
    class Flags(Function):
        """Halves the gradient where only one input requires one."""

        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            share = 1 if all(ctx.needs_input_grad) else 0.5
            return g * y * share, g * x * share

    trial = Trial(Flags.apply, [X, X + 1])

    assert each_input_alone(trial) == "the gradient of input 0 is another one if only that input requires one"
    assert gradients_add_up(trial) == layout_does_not_matter(trial) == ""


def test_an_operation_that_looks_at_the_layout_is_found():
    own = Operation(lambda x: x * (1 + x.flags.c_contiguous), lambda g, y, x: g * y / x, name="own")

    assert "Fortran's order" in layout_does_not_matter(Trial(own, [X]))


def test_a_result_that_depends_on_recording_is_found():
    with pytest.raises(
        AssertionError, match="recording does not matter: the results are others where no gradient"
    ):
        check_operation(lambda x: x * (1 + x.requires_grad), X)


# The table.


def test_every_operation_and_every_module_has_cases():
    assert all(case.inputs for name in OPERATIONS for case in cases(name))
    assert all(len(cases(name)) == 1 for name in EXAMPLES)
    with pytest.raises(
        KeyError, match="needs the name of an operation, of a module, or one of add_case, got 'nope'"
    ):
        cases("nope")


def test_cases_of_ones_own_are_one_line_each():
    square = Operation(np.square, lambda g, _y, x: g * 2 * x, name="my_square")
    add_case("my_square", square, X, reference=lambda x: x * x)
    add_case("my_square", square, "text", error="takes Tensors, arrays and numbers")

    assert len(check_operation(square)) == 1
    assert [case.error for case in cases("my_square")] == ["", "takes Tensors, arrays and numbers"]


def test_a_reference_that_differs_and_an_error_that_does_not_come_are_found():
    cube = Operation(lambda x: x**3, lambda g, _y, x: g * 3 * x * x, name="my_cube")
    add_case("my_cube", cube, X, reference=lambda x: x * x)
    fourth = Operation(lambda x: x**4, lambda g, _y, x: g * 4 * x**3, name="my_fourth")
    add_case("my_fourth", fourth, X, error="nothing")

    with pytest.raises(AssertionError, match="6 of 6 numbers are not close"):
        check_operation(cube)
    with pytest.raises(
        AssertionError, match="my_fourth should be refused with 'nothing', but nothing was raised"
    ):
        check_operation(fourth)
    with pytest.raises(
        ValueError, match="check_operation needs inputs, or cases of lambda_ by add_case, got none"
    ):
        check_operation(lambda_)


def lambda_(x):
    return x


def test_a_mistake_that_diagnose_knows_is_named_by_it():
    own = Operation(
        lambda x, w: np.tanh(x @ w),
        lambda g, _y, _x, w: g @ w.swapaxes(0, 1),
        lambda g, _y, x, _w: x.swapaxes(0, 1) @ g,
        name="own",
    )

    verdict = gradient_verdict(own, X @ X.T, X)

    assert not verdict
    assert "the tanh derivative left out" in str(verdict)


def test_inputs_of_whole_numbers_alone_have_no_gradient():
    (battery,) = check_operation(lambda x: x * 2, tensor([1, 2]))

    assert str(battery.verdict) == "no gradient flows back, and none is checked"
