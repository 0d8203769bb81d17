"""Operations of a user's own, as `autograd.Function`."""

from __future__ import annotations

import copy
import gc

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import autograd, capture, draw, nn, optim, tensor
from tinygrad_edu.autograd import Function, grad, gradgradcheck


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Scaled(Function):
    """`(n a b, a > b, a + b)`, by setup_context."""

    @staticmethod
    def forward(a, n, b):
        return a * b * n, a > b, a + b

    @staticmethod
    def setup_context(ctx, inputs, output):
        a, ctx.n, b = inputs
        ctx.save_for_backward(a, b)
        ctx.mark_non_differentiable(output[1])

    @staticmethod
    def backward(ctx, g_product, g_mask, g_sum):
        a, b = ctx.saved_tensors
        assert not g_mask.any()
        return g_product * b * ctx.n + g_sum, None, g_product * a * ctx.n + g_sum


def leaf(data):
    return tensor(data, requires_grad=True)


def test_the_gradient_is_the_one_of_backward():
    x = leaf([1.0, 2.0])

    class Five(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 3

        @staticmethod
        def backward(ctx, g):
            return g * 5

    y = Five.apply(x)
    y.sum().backward()

    assert y.tolist() == [3, 6]
    assert x.grad.tolist() == [5, 5]
    assert y.grad_fn.name == "Five"


def test_written_with_operations_it_can_be_differentiated_again():
    assert gradgradcheck(Exp.apply, leaf([0.5, -1.0]))
    x = leaf([1.0, 2.0])

    g = Exp.apply(x).sum()
    for _ in range(3):
        (g,) = grad(g.sum(), x, create_graph=True)

    np.testing.assert_allclose(g.detach(), np.exp([1.0, 2.0]))


def test_several_results_of_which_one_has_no_gradient():
    a, b = leaf([1.0, 2.0]), leaf([[3.0, 4.0]])

    product, mask, total = Scaled.apply(a, 2, b)
    (product.sum() + 3 * total.sum()).backward()

    assert (product.shape, mask.tolist(), mask.requires_grad) == ((1, 2), [[False, False]], False)
    assert a.grad.tolist() == [9, 11]
    assert b.grad.tolist() == [[5, 7]]


def test_backward_is_called_once_for_all_inputs_and_sums_what_was_broadcast():
    calls = []

    class Sum(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            calls.append(ctx.needs_input_grad)
            return g, g

    a, b = leaf([1.0, 2.0]), leaf(3.0)
    Sum.apply(a, b).sum().backward()

    assert calls == [(True, True)]
    assert b.grad.item() == 2


def test_none_is_no_gradient_and_more_nones_than_inputs_do_not_matter():
    class Half(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g, None, None

    a, b = leaf([1.0]), leaf([1.0])
    Half.apply(a, b).sum().backward()

    assert (a.grad.tolist(), b.grad.tolist()) == ([1], [0])


def test_without_a_gradient_nothing_is_recorded():
    assert not Exp.apply(tensor([1.0])).requires_grad
    with torch.no_grad():
        assert not Exp.apply(leaf([1.0])).requires_grad


def test_a_result_that_is_the_input_is_a_result():
    class Same(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return -g

    x = leaf([1.0])
    y = Same.apply(x)
    y.sum().backward()

    assert y is not x
    assert x.grad.tolist() == [-1]


def test_a_class_without_backward_fails_when_it_is_defined():
    with pytest.raises(TypeError, match=r"Bad needs a static method backward\(ctx, ...\)"):

        class Bad(Function):
            @staticmethod
            def forward(ctx, x):
                return x


def test_a_saved_tensor_that_was_overwritten_is_noticed():
    x = leaf([1.0, 2.0])
    y = Exp.apply(x)
    with torch.no_grad():
        y.add_(1)

    with pytest.raises(
        RuntimeError, match=r"a tensor that Exp saved, .* was overwritten at test_custom_function"
    ):
        y.sum().backward()


@pytest.mark.parametrize("call", [Exp.apply, lambda x: Scaled.apply(x, 2, x)[2]])
def test_a_call_leaves_nothing_for_the_garbage_collector(call):
    x = leaf([1.0, 2.0])
    gc.collect()

    gc.disable()
    try:
        (slope,) = grad(call(x).sum() ** 2, x, create_graph=True)
        grad(slope.sum(), x)
        del slope
        left = gc.collect()
    finally:
        gc.enable()

    assert left == 0


def test_the_derivative_passes_through_a_saved_result_that_nobody_uses():
    class Squares(Function):
        """`(x^2, x^3)`, whose gradient is computed from both."""

        @staticmethod
        def forward(ctx, x):
            square, cube = x * x, x * x * x
            ctx.save_for_backward(square, cube)
            return square, cube

        @staticmethod
        def backward(ctx, g_square, g_cube):
            square, cube = ctx.saved_tensors
            return g_square * 2 * cube / square + g_cube * 3 * square

    x = leaf([2.0])
    (slope,) = grad(Squares.apply(x)[0], x, create_graph=True)

    assert slope.item() == 4
    assert grad(slope, x)[0].item() == 2


def test_wrong_use_is_refused():
    class Wrong(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * b

        @staticmethod
        def backward(ctx, g):
            return g

    class Saves(Wrong):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(3)

    class Dirty(Wrong):
        @staticmethod
        def forward(ctx, a, b):
            ctx.mark_dirty(a)

    a = leaf([1.0])
    with pytest.raises(ValueError, match=r"Wrong.backward needs .* for each of 2 inputs, got 1"):
        Wrong.apply(a, a).sum().backward()
    with pytest.raises(TypeError, match="save_for_backward of Saves takes Tensors, got int 3"):
        Saves.apply(a, a)
    with pytest.raises(NotImplementedError, match="Dirty cannot overwrite its inputs"):
        Dirty.apply(a, a)


def test_it_works_in_a_picture_and_in_a_plan():
    layer = nn.Linear(2, 2)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad()
        loss = Exp.apply(layer(x)).sum()
        loss.backward()
        optimizer.step()
        return loss

    x = tensor([[0.1, 0.2]])
    planned, losses = capture(step), []
    start = copy.deepcopy(layer.state_dict())
    for run in (step, planned):
        layer.load_state_dict(start)
        losses.append([run(x).item() for _ in range(6)])

    assert losses[0] == losses[1]
    assert "Exp" in draw(Exp.apply(layer(x)).sum()).svg
    assert autograd.Function is Function
