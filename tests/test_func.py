"""Transformations of functions against PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as ours
from tinygrad_edu import func, nn

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

X = np.array([0.3, -1.2, 0.7])
A = np.arange(6.0).reshape(2, 3) / 4


def bend(x):
    return (x.sin() * x).sum()


def both(x, y):
    return (x * y).sin()


def aux(x):
    return (x**3).sum(), x * 2


CALLS = {
    "grad": lambda f, t: f.grad(bend)(t(X)),
    "grad argnums": lambda f, t: f.grad(lambda x, y: both(x, y).sum(), argnums=(0, 1))(t(X), t(X + 1)),
    "grad negative argnum": lambda f, t: f.grad(lambda x, y: both(x, y).sum(), argnums=-1)(t(X), t(X + 1)),
    "grad has_aux": lambda f, t: f.grad(aux, has_aux=True)(t(X)),
    "grad_and_value": lambda f, t: f.grad_and_value(bend)(t(X)),
    "grad of grad": lambda f, t: f.grad(lambda x: f.grad(bend)(x).sum())(t(X)),
    "grad of a dict": lambda f, t: f.grad(lambda d: both(d["a"], d["b"]).sum())({"a": t(X), "b": t(X)})["a"],
    "vjp": lambda f, t: f.vjp(both, t(X), t(X + 1))[1](t(X)),
    "vjp value": lambda f, t: f.vjp(both, t(X), t(X + 1))[0],
    "jvp": lambda f, t: f.jvp(both, (t(X), t(X + 1)), (t(X), t(X))),
    "linearize": lambda f, t: f.linearize(both, t(X), t(X + 1))[1](t(X), t(X)),
    "jacrev": lambda f, t: f.jacrev(lambda x: t(A) @ x.sin())(t(X)),
    "jacfwd": lambda f, t: f.jacfwd(lambda x: t(A) @ x.sin())(t(X)),
    "jacrev argnums": lambda f, t: f.jacrev(both, argnums=(0, 1))(t(X), t(X + 1)),
    "jacrev has_aux": lambda f, t: f.jacrev(aux, has_aux=True)(t(X)),
    "hessian": lambda f, t: f.hessian(bend)(t(X)),
    "vmap": lambda f, t: f.vmap(bend)(t(A)),
    "vmap of two": lambda f, t: f.vmap(both, in_dims=(0, None))(t(A), t(X)),
    "vmap other dims": lambda f, t: f.vmap(both, in_dims=(1, 0), out_dims=1)(t(A), t(A.T)),
    "vmap of grad": lambda f, t: f.vmap(f.grad(bend))(t(A)),
    "vmap of vmap": lambda f, t: f.vmap(f.vmap(lambda x: x * 2))(t(A)),
    "vmap of several": lambda f, t: f.vmap(lambda x: (x.sin(), x.sum()))(t(A)),
    "vmap of a dict": lambda f, t: f.vmap(lambda d: d["a"] * 2, in_dims=({"a": 0},))({"a": t(A)}),
    "vmap negative dim": lambda f, t: f.vmap(bend, in_dims=-1)(t(A)),
}


def flat(result):
    return [x for each in result for x in flat(each)] if isinstance(result, tuple | list) else [result]


@pytest.mark.filterwarnings("ignore")  # PyTorch's own, of its forward mode
@pytest.mark.parametrize("name", CALLS)
def test_transformation_is_that_of_pytorch(name):
    mine, theirs = flat(CALLS[name](func, ours.tensor)), flat(CALLS[name](torch.func, torch.tensor))

    assert len(mine) == len(theirs)
    for x, y in zip(mine, theirs):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-12, atol=1e-12)


def test_a_result_keeps_the_graph_to_what_the_function_reads():
    w, x = ours.tensor([2.0], requires_grad=True), ours.tensor([3.0])

    slope = func.grad(lambda x: (w * x * x).sum())(x)
    slope.sum().backward()

    assert w.grad.item() == 6
    assert not func.grad(lambda x: (x * x).sum())(x).requires_grad


def test_gradients_of_each_example_of_a_model():
    layer, x, y = nn.Linear(3, 2), ours.randn(4, 3), ours.randn(4, 2)
    parameters = {name: p.detach() for name, p in layer.named_parameters()}

    def loss(parameters, x, y):
        return ((func.functional_call(layer, parameters, (x,)) - y) ** 2).sum()

    found = func.vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)

    for i in range(4):
        layer.zero_grad()
        ((layer(x[i]) - y[i]) ** 2).sum().backward()
        np.testing.assert_allclose(found["weight"][i], layer.weight.grad, rtol=1e-12)


def test_a_functional_call_leaves_the_module_as_it_was():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    before = net.state_dict()["0.weight"].tolist()

    result = func.functional_call(
        net, {"0.weight": ours.zeros(2, 2), "0.bias": ours.zeros(2)}, ours.ones(1, 2)
    )

    assert result.tolist() == [[0, 0]]
    assert net.state_dict()["0.weight"].tolist() == before
    with pytest.raises(KeyError, match=r"names of parameters, and Sequential has no '0.wait'"):
        func.functional_call(net, {"0.wait": ours.zeros(2, 2)}, ours.ones(1, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: func.grad(lambda x: x)(ours.ones(2)), "grad needs a function that returns a single number"),
        (
            lambda: func.grad(lambda x: x.sum(), has_aux=True)(ours.ones(2)),
            "has_aux=True needs a function",
        ),
        (
            lambda: func.vmap(both)(ours.ones(2), ours.ones(3)),
            r"one size of all mapped dimensions, got \[2, 3\]",
        ),
        (lambda: func.grad(bend)(2.0), "grad needs Tensors to differentiate by, got float 2.0"),
        (lambda: func.vmap(bend, in_dims=None)(ours.ones(2)), "one size of all mapped dimensions, got none"),
    ],
)
def test_wrong_use_is_refused(call, message):
    with pytest.raises((RuntimeError, TypeError, ValueError), match=message):
        call()
