"""Derivatives as functions, against closed forms."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import nn, ones, stack, tensor, zeros
from tinygrad_edu.autograd import grad, hessian, hvp, jacobian, jvp, vjp
from tinygrad_edu.engine.operation import Operation


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


A = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 4.0]])
X = np.array([0.3, -1.2, 0.7])


def bowl(x):
    """1/2 xᵀ M x with M = AᵀA: gradient M x, Hessian M."""
    y = tensor(A) @ x
    return 0.5 * (y * y).sum()


M = A.T @ A

# grad.


def test_grad_returns_a_tuple_and_touches_no_grad():
    x, y = leaf(2.0), leaf(3.0)

    found = grad(x * x * y, [x, y])

    assert [g.item() for g in found] == [12, 4]
    assert (x.grad, y.grad) == (None, None)


def test_grad_by_an_inner_tensor_and_by_the_output_itself():
    x = leaf(2.0)
    h = x * 3
    y = h * h

    assert [g.item() for g in grad(y, (h, y))] == [12, 1]


def test_inputs_may_come_from_a_generator():
    net = nn.Linear(3, 2)

    found = grad(net(tensor(X)).sum(), net.parameters())

    np.testing.assert_array_equal(found[0].raw, [X, X])
    assert found[1].tolist() == [1, 1]


def test_rest_outputs_are_summed():
    x = leaf(2.0)

    assert grad([x * 3, x * x], x)[0].item() == 3 + 4


@pytest.mark.parametrize(
    "seed", [[1.0, 10.0], np.array([1.0, 10.0]), tensor([1.0, 10.0]), [tensor([1.0, 10.0])]]
)
def test_grad_outputs_weigh_the_numbers_of_the_output(seed):
    x = leaf([1.0, 2.0])

    assert grad(x * x, x, grad_outputs=seed)[0].tolist() == [2, 40]


def test_each_of_rest_outputs_has_its_own_grad_outputs():
    x = leaf([1.0, 2.0])

    (g,) = grad([x * x, x.sum()], x, grad_outputs=[tensor([1.0, 10.0]), None])

    assert g.tolist() == [2 + 1, 40 + 1]


def test_unused_inputs_are_refused_or_none_or_zeros():
    x, other = leaf(2.0), leaf([1.0, 2.0], name="other")

    with pytest.raises(
        RuntimeError, match=r"none depends on 'other' of shape \(2,\); pass allow_unused=True"
    ):
        grad(x * x, [x, other])
    assert grad(x * x, [x, other], allow_unused=True)[1] is None
    assert grad(x * x, [x, other], materialize_grads=True)[1].tolist() == [0, 0]


def test_a_gradient_is_nobody_elses_memory():
    x = leaf(2.0)
    (g,) = grad(x + 1, x, create_graph=True)

    g.mul_(5)

    assert grad(x + 1, x)[0].item() == 1
    assert grad(x * x, x)[0].item() == 4


def test_without_create_graph_the_result_has_no_graph():
    x = leaf(2.0)

    assert not grad(x**3, x)[0].requires_grad
    assert grad(x**3, x, create_graph=True)[0].requires_grad


def test_third_and_fourth_derivatives():
    x = leaf(0.4)
    y = x.sin()
    found = []

    for _ in range(4):
        (y,) = grad(y, x, create_graph=True)
        found.append(y.item())

    np.testing.assert_allclose(found, [np.cos(0.4), -np.sin(0.4), -np.cos(0.4), np.sin(0.4)], rtol=1e-14)


def test_the_third_derivative_of_softplus_is_that_of_the_logistic_function():
    x = leaf(0.3)
    s = 1 / (1 + np.exp(-0.3))

    y = nn.functional.softplus(x)
    for _ in range(3):
        (y,) = grad(y, x, create_graph=True)

    assert y.item() == pytest.approx(s * (1 - s) * (1 - 2 * s), rel=1e-12)


def test_a_gradient_penalty_can_be_trained():
    w, x = leaf([1.0, -2.0]), leaf([0.5, 0.25])

    (slope,) = grad((w * x).tanh().sum(), x, create_graph=True)
    (slope * slope).sum().backward()

    # slope_i = w_i (1 - t²), so d slope_i² / d w_i = 2 slope_i (1 - t²) (1 - 2 w_i x_i t)
    t = np.tanh(w.detach().numpy() * x.detach().numpy())
    expected = (
        2 * slope.detach().numpy() * (1 - t * t) * (1 - 2 * w.detach().numpy() * x.detach().numpy() * t)
    )
    np.testing.assert_allclose(w.grad.raw, expected, rtol=1e-13)


REFUSED = [
    (lambda x: grad(3.0, x), TypeError, "grad needs outputs as Tensors, got float 3.0"),
    (lambda x: grad(x.sum(), "ab"), TypeError, "grad needs inputs as Tensors, got str 'ab'"),
    (lambda x: grad(x.sum(), [x, 1.0]), TypeError, "grad needs inputs as Tensors, got float 1.0"),
    (
        lambda x: grad([x, x], x, grad_outputs=[tensor([1.0, 1.0])]),
        ValueError,
        "grad needs one grad_outputs for each of 2 outputs, got 1",
    ),
    (lambda x: grad(x * x, x), RuntimeError, r"grad needs a single number, but the tensor has shape \(2,\)"),
    (
        lambda x: grad(x * x, x, grad_outputs=[1.0, 2.0, 3.0]),
        ValueError,
        r"grad needs a gradient of shape \(2,\), that of the tensor, got \(3,\)",
    ),
    (lambda x: grad(x.detach().sum(), x), RuntimeError, r"grad needs .* the graph was cut by detach\(\)"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_of_grad_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(leaf([1.0, 2.0]))


# Products with the Jacobian.


def test_vjp_is_a_row_of_numbers_times_the_jacobian():
    result, product = vjp(lambda x: tensor(A) @ x.sin(), tensor(X), [1.0, -2.0])

    np.testing.assert_allclose(result.raw, A @ np.sin(X))
    np.testing.assert_allclose(product.raw, np.array([1.0, -2.0]) @ (A * np.cos(X)), rtol=1e-14)


def test_jvp_is_the_jacobian_times_a_column_of_numbers():
    v = np.array([1.0, -2.0, 0.5])

    result, product = jvp(lambda x: tensor(A) @ x.sin(), tensor(X), v)

    np.testing.assert_allclose(result.raw, A @ np.sin(X))
    np.testing.assert_allclose(product.raw, (A * np.cos(X)) @ v, rtol=1e-14)


def test_products_of_rest_inputs():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])

    _, (by_x, by_y) = vjp(lambda x, y: (x * y).sum(), (tensor(x), tensor(y)))
    _, total = jvp(lambda x, y: x * y, (x, y), (np.array([1.0, 0.0]), np.array([0.0, 10.0])))

    assert (by_x.tolist(), by_y.tolist()) == (y.tolist(), x.tolist())
    assert total.tolist() == [3, 20]


def test_products_have_a_graph_if_asked():
    x = leaf(0.5)

    (by_vjp,) = grad(vjp(lambda x: x.sin(), x, create_graph=True)[1], x)
    (by_jvp,) = grad(jvp(lambda x: x.sin(), x, 1.0, create_graph=True)[1], x)

    assert by_vjp.item() == by_jvp.item() == -np.sin(0.5)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.lists(st.floats(-2, 2), min_size=2, max_size=2))
def test_both_products_agree(v, u):
    def f(x):
        return (tensor(A) @ x).tanh() * x[0]

    (_, left), (_, right) = vjp(f, tensor(X), u), jvp(f, tensor(X), v)

    np.testing.assert_allclose(left.raw @ np.array(v), right.raw @ np.array(u), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("inputs", "v", "needed"),
    [
        (ones(2), [1.0, 2.0, 3.0], r"\[\(2,\)\], got \[\(3,\)\]"),
        (ones(2), 1.0, r"\[\(2,\)\], got \[\(\)\]"),
        ((ones(2), ones(2)), [ones(2)], r"\[\(2,\), \(2,\)\], got \[\(2,\)\]"),
        ((ones(2), ones(2)), ones(2, 2), r"\[\(2,\), \(2,\)\], got \[\(2, 2\)\]"),
    ],
)
def test_jvp_needs_a_direction_of_the_shape_of_every_input(inputs, v, needed):
    with pytest.raises(ValueError, match="jvp needs v of the shapes of the inputs, " + needed):
        jvp(lambda *xs: xs[0] * 2, inputs, v)


# Matrices of derivatives.


def test_jacobian_of_a_linear_function_is_its_matrix():
    np.testing.assert_allclose(jacobian(lambda x: tensor(A) @ x, tensor(X)).raw, A)


def test_jacobian_has_the_dimensions_of_result_and_input():
    found = jacobian(lambda x: x.T * 2, ones(2, 3))

    assert found.shape == (3, 2, 2, 3)
    np.testing.assert_array_equal(found.raw, 2 * np.einsum("ik,jl->jikl", np.eye(2), np.eye(3)))


def test_jacobian_of_softmax():
    p = np.exp(X) / np.exp(X).sum()

    np.testing.assert_allclose(jacobian(lambda x: x.softmax(0), tensor(X)).raw, np.diag(p) - np.outer(p, p))


@pytest.mark.parametrize("x", [3.0, np.array([1, 2]), [1.0, 2.0]], ids=str)
def test_jacobian_takes_numbers_arrays_and_lists(x):
    np.testing.assert_array_equal(
        jacobian(lambda x: x * x, x).raw, np.diag(2.0 * np.array(x)) if np.ndim(x) else 6
    )


def test_hessian_of_a_quadratic_form_is_its_matrix():
    np.testing.assert_allclose(hessian(bowl, tensor(X)).raw, M, rtol=1e-14)


def test_hessian_of_rosenbrocks_function():
    x, y = 0.5, -0.3

    found = hessian(lambda v: (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2, tensor([x, y]))

    expected = [[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200]]
    np.testing.assert_allclose(found.raw, expected, rtol=1e-13)


def test_hessian_of_the_loss_of_a_classifier():
    z = tensor(X[None])
    p = np.exp(X) / np.exp(X).sum()

    found = hessian(lambda z: nn.functional.cross_entropy(z, [1]), z)

    np.testing.assert_allclose(found.raw.reshape(3, 3), np.diag(p) - np.outer(p, p), rtol=1e-12)


def test_hvp_is_the_hessian_times_a_vector():
    v = np.array([1.0, -2.0, 0.5])

    value, product = hvp(bowl, tensor(X), v)

    assert value.item() == pytest.approx(0.5 * X @ M @ X)
    np.testing.assert_allclose(product.raw, M @ v, rtol=1e-13)


def test_third_derivatives_through_hessian_and_hvp():
    x = leaf([0.5, 2.0])

    (by_hessian,) = grad(hessian(lambda x: (x**3).sum(), x, create_graph=True).sum(), x)
    (by_hvp,) = grad(hvp(lambda x: (x**3).sum(), x, [1.0, 1.0], create_graph=True)[1].sum(), x)

    assert by_hessian.tolist() == by_hvp.tolist() == [6, 6]


CONSTANT = {
    "jacobian of a constant": (lambda: jacobian(lambda _: tensor([1.0, 2.0]), ones(3)), (2, 3)),
    "jacobian of nothing": (lambda: jacobian(lambda x: x[:0], ones(3)), (0, 3)),
    "hessian of a linear function": (lambda: hessian(lambda x: (2 * x).sum(), ones(3)), (3, 3)),
    "hessian of a constant": (lambda: hessian(lambda _: tensor(1.0), ones(3)), (3, 3)),
    "hvp of a linear function": (lambda: hvp(lambda x: x.sum(), ones(3), ones(3))[1], (3,)),
    "vjp of a constant": (lambda: vjp(lambda _: tensor(1.0), ones(3))[1], (3,)),
    "jvp of a constant": (lambda: jvp(lambda _: zeros(2), ones(3), ones(3))[1], (2,)),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_what_does_not_depend_has_derivative_zero(name):
    call, shape = CONSTANT[name]

    np.testing.assert_array_equal(call().raw, np.zeros(shape))


def test_one_number_that_depends_beside_one_that_does_not():
    found = jacobian(lambda x: stack([x[0] * 3, tensor(1.0)]), ones(2))

    assert found.tolist() == [[3, 0], [0, 0]]


@pytest.mark.parametrize("function", [jacobian, hessian, vjp])
def test_functions_must_return_a_tensor(function):
    with pytest.raises(
        TypeError, match=f"{function.__name__} needs a function that returns a Tensor, got float 3.0"
    ):
        function(lambda _: 3.0, ones(1))


@pytest.mark.parametrize("call", [hessian, lambda f, x: hvp(f, x, x), vjp])
def test_many_results_are_refused_where_one_number_is_needed(call):
    with pytest.raises(
        RuntimeError,
        match=r"(hessian|hvp|vjp) needs (a function that returns a single number|v of the shapes)",
    ):
        call(lambda x: x * x, ones(2))


def test_hvp_needs_a_vector_of_the_shape_of_the_input():
    with pytest.raises(
        ValueError, match=r"hvp needs v of the shapes of the inputs, \[\(2,\)\], got \[\(3,\)\]"
    ):
        hvp(lambda x: (x**3).sum(), ones(2), [1.0, 2.0, 3.0])


# What it is good for.


def test_newtons_method_finds_a_minimum_in_a_few_steps():
    def f(x):
        return (x[0] - 1) ** 4 + (x[0] * x[1] - 2).cos() + (x * x).sum()

    x = tensor([0.3, 0.8])
    for _ in range(8):
        (slope,) = grad(f(x.requires_grad_()), x)
        x = tensor(x.detach().numpy() - np.linalg.solve(hessian(f, x).numpy(), slope.numpy()))

    (slope,) = grad(f(x.requires_grad_()), x)
    np.testing.assert_allclose(slope.raw, 0, atol=1e-12)
    assert (np.linalg.eigvalsh(hessian(f, x).raw) > 0).all()


# Memory.

SECOND_ORDER = {
    "grad of a grad": lambda x: grad(grad((x**3).sum(), x, create_graph=True)[0].sum(), x),
    "backward of a grad": lambda x: grad((x**3).sum(), x, create_graph=True)[0].sum().backward(),
    "hessian": lambda x: hessian(lambda y: (y**3).sum(), x),
    "hvp": lambda x: hvp(lambda y: (y**3).sum(), x, tensor([1.0, 2.0])),
    "jacobian": lambda x: jacobian(lambda y: y**3, x),
    "jvp": lambda x: jvp(lambda y: y**3, x, tensor([1.0, 2.0])),
}


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_second_derivatives_leave_nothing_for_the_garbage_collector(name):
    SECOND_ORDER[name](leaf([1.0, 2.0]))  # whatever is remembered once
    gc.collect()

    gc.disable()
    try:
        for _ in range(3):
            SECOND_ORDER[name](leaf([1.0, 2.0]))
        left = gc.collect()
    finally:
        gc.enable()

    assert left == 0


def test_the_switches_of_grad_may_come_in_pytorchs_order():
    x = leaf([1.0, 2.0])

    (g,) = grad(x**3, x, ones(2), True, True)

    assert (g.requires_grad, g.tolist()) == (True, [3, 12])


def test_grad_forgets_inner_gradients_while_it_walks():
    alive = []
    seen = []

    def rule(g, _y, _x):
        alive[:] = [r for r in alive if r() is not None]
        seen.append(len(alive))
        g = g * 1.0
        alive.append(weakref.ref(g))
        return g

    same = Operation(lambda x: x * 1.0, rule, name="same")
    x = tensor(np.ones(3), requires_grad=True)
    y = x
    for _ in range(9):
        y = same(y)

    grad(y.sum(), [x])

    assert max(seen) <= 2


def test_the_vector_passed_in_is_not_handed_out_as_a_gradient():
    x, v = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])

    (g,) = grad(x + 0, [x], v)
    g.add_(1)

    assert v.tolist() == [3, 4]
