"""Recurrent layers: shapes, messages, plans and derivations. Against PyTorch: `tests/pytorch/test_recurrent.py`."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import capture, draw, explain, float32, manual_seed, nn, ones, optim, rand, tensor, zeros
from tinygrad_edu.autograd import gradcheck, gradgradcheck
from tinygrad_edu.func import functional_call

KINDS = {
    "RNN": lambda: nn.RNN(2, 3),
    "LSTM": lambda: nn.LSTM(2, 3),
    "LSTM, both ways": lambda: nn.LSTM(2, 2, bidirectional=True),
    "LSTM, projected": lambda: nn.LSTM(2, 3, proj_size=2),
    "GRU": lambda: nn.GRU(2, 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_first_and_second_derivatives_match_differences(kind):
    layer, rng = KINDS[kind](), np.random.default_rng(0)
    names = [name for name, _ in layer.named_parameters()][:2]
    points = [dict(layer.named_parameters())[name].detach().clone().requires_grad_() for name in names]
    x = tensor(rng.normal(size=(3, 2, 2)), requires_grad=True)

    def output(x, *weights):
        return functional_call(layer, dict(zip(names, weights, strict=True)), (x,))[0]

    assert gradcheck(output, (x, *points))
    assert gradgradcheck(output, (x, *points))


@pytest.mark.slow
def test_first_states_have_second_derivatives():
    layer, rng = nn.LSTM(2, 3), np.random.default_rng(0)
    x, h, c = (
        tensor(rng.normal(size=shape), requires_grad=True) for shape in ((3, 2, 2), (1, 2, 3), (1, 2, 3))
    )

    def outputs(x, h, c):
        output, (h, c) = layer(x, (h, c))
        return output, h, c

    assert gradgradcheck(outputs, (x, h, c))


def step_of(layer):
    optimizer = optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)

    def step(x):
        optimizer.zero_grad()
        loss = (layer(x)[0] ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_equals_the_eager_step_bit_for_bit(kind, dtype):
    layers = [KINDS[kind]().to(dtype) for _ in range(2)]
    layers[1].load_state_dict(layers[0].state_dict())
    plan, eager, rng = capture(step_of(layers[0])), step_of(layers[1]), np.random.default_rng(0)

    for _ in range(4):
        x = rng.normal(size=(4, 2, 2)).astype(dtype)
        np.testing.assert_array_equal(plan(x).detach(), eager(tensor(x)).detach())
        for p, q in zip(layers[0].parameters(), layers[1].parameters(), strict=True):
            np.testing.assert_array_equal(p.detach(), q.detach())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_network_is_drawn_explained_and_written_for_jax(kind):
    layer = KINDS[kind]()
    plan = capture(step_of(layer))
    for _ in range(3):
        plan(rand(4, 2, 2))

    loss = (layer(rand(4, 2, 2))[0] ** 2).mean()

    assert "∂L" in str(explain(loss))
    assert draw(loss).svg
    assert "import jax" in plan.source("jax")


@pytest.mark.slow
def test_the_derivation_of_an_lstm_names_the_operation():
    text = str(explain((nn.LSTM(2, 3)(rand(6, 2, 2))[0] ** 2).sum()))

    assert "lstm(" in text
    assert len(text.splitlines()) < 150


def test_a_packed_sequence_gives_what_each_sequence_gives_alone():
    layer = nn.GRU(2, 3, bidirectional=True)
    sequences = [tensor(np.random.default_rng(n).normal(size=(n, 2))) for n in (2, 4, 1)]

    output, h = layer(nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False))

    for i, (x, found) in enumerate(zip(sequences, nn.utils.rnn.unpack_sequence(output), strict=True)):
        expected, last = layer(x)
        np.testing.assert_allclose(found.detach(), expected.detach(), rtol=1e-12)
        np.testing.assert_allclose(h[:, i].detach(), last.detach(), rtol=1e-12)


def test_dropout_between_layers_draws_anew_while_training():
    layer = nn.RNN(2, 50, 2, dropout=0.5)
    x = ones(1, 1, 2)
    manual_seed(0)

    first, second = layer(x)[0].detach(), layer(x)[0].detach()

    assert (first.numpy() != second.numpy()).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].detach(), layer(x)[0].detach())


def test_weights_are_listed_by_layer_and_direction():
    layer = nn.GRU(2, 3, 2, bidirectional=True, bias=False)

    assert [[w.shape for w in weights] for weights in layer.all_weights] == [
        [(9, 2), (9, 3)],
        [(9, 2), (9, 3)],
        [(9, 6), (9, 3)],
        [(9, 6), (9, 3)],
    ]
    assert layer.flatten_parameters() is None


def test_numbers_of_float32_meet_weights_of_float64():
    output, (h, _) = nn.LSTM(2, 3)(rand(4, 1, 2, dtype=float32))

    assert output.dtype == h.dtype == np.float64


def test_parameters_have_the_dtype_that_is_asked_for():
    layer = nn.LSTM(2, 3, dtype=float32, device="cpu")

    assert {p.dtype for p in layer.parameters()} == {np.dtype(np.float32)}
    assert layer(rand(4, 1, 2, dtype=float32))[0].dtype == np.float32


WRONG = {
    "rows": (
        lambda: nn.LSTM(28, 64)(ones(5, 2, 3)),
        r"LSTM\(28, 64\) takes x \(T, B, I\) or .*I = 28, .*\(5, 2, 3\)",
    ),
    "batch first": (
        lambda: nn.RNN(2, 3, batch_first=True)(ones(2)),
        r"takes x \(B, T, I\) or \(T, I\) with I = 2",
    ),
    "no steps": (
        lambda: nn.GRU(2, 3)(ones(0, 1, 2)),
        r"sequences of at least 1 step, but x has shape \(0, 1, 2\)",
    ),
    "state": (
        lambda: nn.GRU(2, 3)(ones(5, 1, 2), zeros(1, 2, 3)),
        r"needs hx of shape \(1, 1, 3\) for this input, got \(1, 2, 3\)",
    ),
    "c": (
        lambda: nn.LSTM(2, 3, 2)(ones(5, 1, 2), (zeros(2, 1, 3), zeros(1, 1, 3))),
        r"needs c of shape \(2, 1, 3\) for this input, got \(1, 1, 3\)",
    ),
    "single": (
        lambda: nn.RNN(2, 3)(ones(5, 2), zeros(1, 1, 3)),
        r"needs hx of shape \(1, 3\) for this input, got \(1, 1, 3\)",
    ),
    "hidden": (lambda: nn.RNN(2, 0), "hidden_size of 1 or more, got 0"),
    "nonlinearity": (lambda: nn.RNN(2, 3, nonlinearity="x"), "nonlinearity 'tanh' or 'relu', got 'x'"),
    "dropout": (lambda: nn.LSTM(2, 3, 2, dropout=2), "p as a number from 0 to 1, got 2"),
    "projection": (lambda: nn.LSTM(2, 3, proj_size=3), "to be below hidden_size=3, got LSTM with 3"),
    "projected GRU": (lambda: nn.GRU(2, 3, proj_size=2), "proj_size needs an LSTM, got GRU with 2"),
    "projected RNN": (lambda: nn.RNN(2, 3, proj_size=2), "proj_size needs an LSTM, .* got RNN with 2"),
}
WRONG_TYPES = {
    "hidden": (lambda: nn.LSTM(2, 3.0), "LSTM needs hidden_size as a whole number, got float 3.0"),
    "bias": (lambda: nn.GRU(2, 3, 1, 2), "GRU needs bias as True or False, got int 2"),
    "whole numbers": (
        lambda: nn.LSTM(2, 3)(ones(5, 1, 2).long()),
        "takes floats, but x is int64; use nn.Embedding",
    ),
    "no pair": (
        lambda: nn.LSTM(2, 3)(ones(5, 1, 2), zeros(1, 1, 3)),
        r"takes its state hx as a pair \(h, c\)",
    ),
    "a pair": (
        lambda: nn.GRU(2, 3)(ones(5, 1, 2), (zeros(1, 1, 3),) * 2),
        "takes its state hx as one Tensor, got tuple",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_sizes_are_named(name):
    call, message = WRONG[name]

    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_wrong_types_are_named(name):
    call, message = WRONG_TYPES[name]

    with pytest.raises(TypeError, match=message):
        call()


def test_dropout_after_a_single_layer_is_warned_of():
    with pytest.warns(UserWarning, match="LSTM applies dropout between its layers"):
        nn.LSTM(2, 3, dropout=0.5)


def test_programs_find_all_parameters_by_name():
    layer = nn.GRU(2, 3, num_layers=2)

    assert layer._flat_weights_names == list(dict(layer.named_parameters()))
    assert layer._parameters[layer._flat_weights_names[0]] is layer.weight_ih_l0


def test_an_lstm_takes_a_batch_of_no_sequences():
    net = nn.LSTM(3, 4)

    output, _ = net(tensor(np.zeros((5, 0, 3))))
    output.sum().backward()

    assert output.shape == (5, 0, 4)
    np.testing.assert_array_equal(net.weight_hh_l0.grad, np.zeros((16, 4)))
