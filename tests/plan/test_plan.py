"""A plan is the step, bit for bit: for every operation of the tables, and for whole training loops."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.ops import test_rules as _RULES
from tinygrad_edu import Tensor, autograd, manual_seed, nn, no_grad, tensor, zeros
from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture

X = np.array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
Y = np.repeat(np.eye(3), 2, axis=0)


def training(operation, arrays, settings):
    """A step that moves the inputs of an operation against the gradient of a weighted sum of its results."""
    params = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]

    def step(weights):
        for p in params:
            p.zero_grad()
        result = operation(*params, **settings)
        loss = (result * weights).sum()
        loss.backward()
        with no_grad():
            for p in params:
                if p.grad is not None:
                    p.sub_(p.grad * 0.01)
        return loss, result

    return params, step


@pytest.mark.parametrize(("name", "arrays", "settings"), _RULES.rows())
def test_a_plan_of_every_operation_equals_the_eager_step_bit_for_bit(name, arrays, settings):
    params, step = training(OPERATIONS[name], arrays, settings)
    others, other = training(OPERATIONS[name], arrays, settings)
    plan, rng = capture(other), np.random.default_rng(0)
    shape = step(1.0)[1].shape
    other(1.0)

    for _ in range(5):
        weights = tensor(rng.normal(size=shape))
        for a, b in zip(step(weights), plan(weights), strict=True):
            np.testing.assert_array_equal(a.raw, b.raw)
        for p, q in zip(params, others, strict=True):
            np.testing.assert_array_equal(p.raw, q.raw)
            np.testing.assert_array_equal(p.raw_grad(), q.raw_grad())
    assert (
        plan.ready or OPERATIONS[name].view
    )  # what is in the memory of a parameter that moves is made as written


def test_sums_over_an_array_in_another_order_of_memory_are_added_in_the_eager_order():
    w = tensor(np.random.default_rng(0).normal(size=(17, 33, 5)) * 10.0 ** np.arange(5))
    step = lambda x: [(w.permute(2, 0, 1) * x).sum(), ((w.permute(1, 2, 0) + x).tanh() * x).mean()]  # noqa: E731
    plan = capture(step)

    for i in range(5):
        x = tensor(0.01 * i)
        assert [a.item() for a in plan(x)] == [a.item() for a in step(x)]


def test_inputs_in_another_order_of_memory_are_added_in_the_eager_order():
    x = np.random.default_rng(0).normal(size=(33, 65)) * 10.0 ** np.arange(65)
    plan = capture(lambda x: x.sum())

    for array in (x, x, x, np.asfortranarray(x), x, np.asfortranarray(x), x[:, ::-1].T, x):
        assert plan(array).item() == tensor(array).sum().item()


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[::2, :4],
        lambda x: x[:40, ::100],
        lambda x: x.T[:40, :4],
        lambda x: x[:1, :4].expand(40, 4),
    ],
    ids=["rows", "columns", "transposed", "expanded"],
)
@pytest.mark.parametrize("form", [lambda x: x, Tensor.numpy], ids=["Tensor", "array"])
def test_products_of_slices_equal_the_eager_ones_bit_for_bit(view, form):
    rng = np.random.default_rng(0)
    w = tensor(rng.normal(size=(4, 3)).astype(np.float32), requires_grad=True)

    def step(x):
        w.zero_grad()
        loss = ((x @ w) ** 2).mean() + x.sum(0).std()
        loss.backward()
        return loss

    plan = capture(step)
    for _ in range(4):
        x = form(view(tensor(rng.normal(size=(80, 400)).astype(np.float32))))
        loss, gradient = plan(x), w.grad
        assert loss.item() == step(x).item()
        np.testing.assert_array_equal(gradient.raw, w.grad.raw)


def network(seed=0, dtype=np.float64, **options):
    manual_seed(seed)
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)).to(dtype)
    optimizer = SGD(net.parameters(), lr=0.1, **options)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return net, optimizer, step


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("target", [Y, np.argmax(Y, axis=1)], ids=["probabilities", "class numbers"])
@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, {"maximize": True}],
    ids=str,
)
def test_a_training_loop_equals_the_eager_one_bit_for_bit(options, target, dtype):
    net, optimizer, step = network(dtype=dtype, **options)
    other, its_optimizer, its_step = network(dtype=dtype, **options)
    plan = capture(its_step)
    x, y = tensor(X.astype(dtype)), tensor(target if target.ndim == 1 else target.astype(dtype))

    for i in range(8):
        if i == 5:
            optimizer.param_groups[0]["lr"] = its_optimizer.param_groups[0]["lr"] = 0.03
        assert step(x, y).item() == plan(x, y).item()
        for p, q in zip(net.parameters(), other.parameters(), strict=True):
            np.testing.assert_array_equal(p.raw, q.raw)
            np.testing.assert_array_equal(p.raw_grad(), q.raw_grad())
    assert plan.ready


def test_a_forward_alone_can_be_captured_and_returns_tensors_of_their_own():
    net, _, _ = network()
    plan = capture(net)

    results = [plan(X + i) for i in range(5)]

    for i, result in enumerate(results):
        np.testing.assert_array_equal(result.raw, net(X + i).raw)


def test_another_batch_size_gets_a_program_of_its_own():
    _, _, step = network()
    _, _, its_step = network()
    plan = capture(its_step)

    for rows in (6, 6, 6, 4, 4, 4, 6, 4):
        assert step(tensor(X[:rows]), tensor(Y[:rows])).item() == plan(X[:rows], Y[:rows]).item()


@pytest.mark.parametrize("seed", [None, 3], ids=["the default generator", "one of its own"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dropout_is_drawn_afresh_in_every_run_as_in_the_eager_step(seed, dtype):
    def make():
        manual_seed(0)
        generator = None if seed is None else np.random.default_rng(seed)
        net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.4, generator=generator), nn.Linear(8, 2)).to(dtype)
        optimizer = SGD(net.parameters(), lr=0.1)

        def step(x):
            optimizer.zero_grad()
            h = net[1](net[0](x))
            loss = (net[2](h) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss, h

        return net, step

    histories = []
    for wrap in (capture, lambda step: step):
        net, step = make()
        step, history = wrap(step), []
        for i in range(12):
            net.train(i not in (5, 9))
            history += [x.tolist() for x in step(tensor(X.astype(dtype)))]
        histories.append([*history, *[p.tolist() for p in net.parameters()]])

    assert histories[0] == histories[1]
    assert len({str(h) for h in histories[0][1:-4:2]}) == 12


def test_what_is_repeated_constant_or_unused_is_dropped():
    w = tensor([1.0, 2.0], requires_grad=True)

    @capture
    def step(x):
        w.zero_grad()
        unused = (x - 170_001).exp()  # noqa: F841
        loss = ((w * x).exp() + (w * x).exp()).sum()
        loss.backward()
        return loss

    for _ in range(3):
        step(tensor([1.0, 1.0]))

    names = [call.operation.name for call in step.program.calls]
    assert names.count("exp") == 1
    assert "170001" not in step.program.text


def test_results_and_structure_come_back_as_the_step_returns_them():
    @capture
    def step(x):
        return {"double": x * 2, "pair": [x + 1, "text"], "best": x.max(dim=0)}

    for i in range(4):
        found = step(tensor([[1.0, 5.0], [3.0, 2.0]]) + i)

    assert found["double"].tolist() == [[8, 16], [12, 10]]
    assert found["pair"][0].tolist() == [[5, 9], [7, 6]]
    assert found["pair"][1] == "text"
    assert found["best"].values.tolist() == [6, 8]
    assert found["best"].indices.tolist() == [1, 0]


CREATED = {
    "zeros": lambda x: torch.zeros(2, 3),
    "ones": lambda x: torch.ones(3, dtype=np.float32),
    "full": lambda x: torch.full((2, 1), 7.5),
    "arange": lambda x: torch.arange(3),
    "linspace": lambda x: torch.linspace(0, 1, 3),
    "eye": lambda x: torch.eye(2, 3),
    "zeros_like": torch.zeros_like,
    "ones_like": torch.ones_like,
    "tensor": lambda x: tensor([1.0, 2.0, 3.0]),
}


@pytest.mark.parametrize("name", CREATED)
def test_tensors_made_in_the_step_from_numbers_are_constants(name):
    w = tensor([[1.0, 2.0, 3.0]], requires_grad=True)

    def step(x):
        w.zero_grad()
        made = CREATED[name](x)
        loss = (w * x * made).sum() + made.sum()
        loss.backward()
        return loss, made

    plan = capture(step)

    for i in range(5):
        x = tensor(np.arange(6.0).reshape(2, 3) + i)
        loss, made = plan(x)
        gradient = w.grad
        expected, same = step(x)
        assert loss.item() == expected.item()
        assert made.dtype == same.dtype
        np.testing.assert_array_equal(made.raw, same.raw)
        np.testing.assert_array_equal(gradient.raw, w.grad.raw)
    assert plan.ready


OVERWRITING = {
    "zero_": lambda w, x: w.zero_(),
    "fill_": lambda w, x: w.fill_(1.5),
    "fill_ with infinity": lambda w, x: w.fill_(float("-inf")),
    "fill_ with a Tensor": lambda w, x: w.fill_(x.sum()),
    "copy_": lambda w, x: w.copy_(x),
    "copy_ of one row": lambda w, x: w.copy_(x[0]),
    "copy_ of another dtype": lambda w, x: w.copy_(x.float()),
    "add_": lambda w, x: w.add_(x, alpha=2),
    "data": lambda w, x: w.data.copy_(x * 2),
}


@pytest.mark.parametrize("name", OVERWRITING)
def test_what_the_step_overwrites_is_overwritten_in_every_run(name):
    def make():
        w = tensor(np.ones((2, 3)))

        def step(x):
            before = w * 1
            y = (x * 2).exp()
            OVERWRITING[name](w, x)
            return before, y + w

        return w, step

    (w, step), (its_w, its_step) = make(), make()
    plan = capture(its_step)

    for i in range(5):
        x = tensor(np.arange(6.0).reshape(2, 3) - i)
        for a, b in zip(step(x), plan(x), strict=True):
            np.testing.assert_array_equal(a.raw, b.raw)
        np.testing.assert_array_equal(w.raw, its_w.raw)
    assert plan.ready


def micro_batches(w, x):
    for part in (x[:2], x[2:]):
        ((part @ w) ** 2).sum().backward()


def gradient_of_inputs(w, x):
    inner = x.detach().requires_grad_()
    (g,) = autograd.grad(((inner @ w) ** 2).sum(), inner)
    (((x + 0.1 * g) @ w) ** 2).mean().backward()


def twice(w, x):
    ((x @ w) ** 2).mean().backward(create_graph=True)
    (w.grad**2).sum().backward()


def constant_gradient(w, x):
    (x @ w).sum().backward(create_graph=True)


def class_weights(w, x):
    cross_entropy((x @ w).reshape(2, 2), tensor([0, 1]), weight=x[0, :2].abs()).backward()


GRADIENTS = [micro_batches, gradient_of_inputs, twice, constant_gradient, class_weights]


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
@pytest.mark.filterwarnings("ignore:capture leaves .* alone")
@pytest.mark.parametrize("compute", GRADIENTS)
def test_gradients_put_together_in_the_step_equal_the_eager_ones_bit_for_bit(compute):
    weights = [tensor([0.5, -1.0, 2.0], requires_grad=True) for _ in range(2)]

    def step(w, x):
        w.zero_grad()
        compute(w, x)
        w.data = w.data - 0.01 * w.grad

    plan = capture(lambda x: step(weights[0], x))
    for i in range(20):
        x = np.random.default_rng(i).normal(size=(4, 3))
        plan(tensor(x))
        step(weights[1], tensor(x))

        np.testing.assert_array_equal(weights[0].raw, weights[1].raw)
        np.testing.assert_array_equal(weights[0].grad.raw, weights[1].grad.raw)


def test_a_step_that_returns_and_leaves_nothing_is_followed():
    total = zeros(2)

    @capture
    def step(x):
        total.add_(x)

    assert [step(np.ones(2)) for _ in range(5)] == [None] * 5
    assert total.tolist() == [5, 5]
