"""Layers with parameters and buffers: what PyTorch's samples do not show."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import capture, nn, tensor

RNG = np.random.default_rng(0)


def test_running_averages_move_while_training_only():
    layer = nn.BatchNorm1d(2)
    x = tensor([[0.0, 10.0], [2.0, 20.0]])

    layer(x)
    layer.eval()
    layer(x + 100)

    assert layer.running_mean.tolist() == pytest.approx([0.1, 1.5])
    assert layer.running_var.tolist() == pytest.approx([1.1, 5.9])
    assert layer.num_batches_tracked.item() == 1


def test_without_momentum_the_running_mean_is_that_of_all_batches():
    layer = nn.BatchNorm1d(1, momentum=None)

    for numbers in ([0.0, 2.0], [3.0, 5.0], [1.0, 1.0]):
        layer(tensor(numbers).reshape(2, 1))

    assert layer.running_mean.item() == pytest.approx(2.0)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_a_plan_moves_running_averages(momentum):
    layers = [nn.BatchNorm1d(3, momentum=momentum) for _ in range(2)]
    batches = [tensor(RNG.normal(size=(4, 3))) for _ in range(6)]
    plan = capture(layers[1])

    for x in batches:
        np.testing.assert_array_equal(layers[0](x).raw, plan(x).raw)

    for name, buffer in layers[0].named_buffers():
        np.testing.assert_array_equal(buffer.raw, layers[1].get_buffer(name).raw)


def test_running_stats_start_anew():
    layer = nn.BatchNorm1d(2)
    layer(tensor(RNG.normal(size=(4, 2))))

    layer.reset_running_stats()

    assert (layer.running_mean.tolist(), layer.running_var.tolist()) == ([0, 0], [1, 1])


def test_a_frozen_table_gets_no_gradient():
    table = tensor(RNG.normal(size=(4, 2)))

    layer = nn.Embedding.from_pretrained(table)

    assert layer(tensor([3])).tolist() == [table[3].tolist()]
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    assert nn.EmbeddingBag.from_pretrained(table, mode="sum")(tensor([[0, 1]])).shape == (1, 2)


def test_the_row_of_padding_stays_zero():
    layer = nn.Embedding(4, 2, padding_idx=-1)

    layer(tensor([3, 0])).sum().backward()

    assert layer.padding_idx == 3
    assert layer.weight[3].tolist() == layer.weight.grad[3].tolist() == [0, 0]


def test_long_rows_are_made_shorter():
    layer = nn.Embedding.from_pretrained(tensor([[3.0, 4.0], [0.3, 0.4]]), max_norm=1.0)

    layer(tensor([0, 1]))

    np.testing.assert_allclose(layer.weight.raw, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", ["same", 2])
def test_padding_keeps_the_size(mode, padding):
    layer = nn.Conv2d(1, 1, 5, padding=padding, padding_mode=mode)

    assert layer(tensor(RNG.normal(size=(1, 1, 8, 9)))).shape == (1, 1, 8, 9)


def test_the_adjoint_takes_the_size_of_its_result():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2)
    x = tensor(RNG.normal(size=(1, 1, 4, 4)))

    assert layer(x).shape == (1, 1, 9, 9)
    assert layer(x, output_size=(10, 9)).shape == layer(x, output_size=(1, 1, 10, 9)).shape == (1, 1, 10, 9)


def test_parameters_are_drawn_anew():
    layer = nn.Conv1d(2, 3, 2)
    before = layer.weight.raw.copy()

    layer.reset_parameters()

    assert not np.array_equal(layer.weight.raw, before)


@pytest.mark.parametrize(
    "make",
    [
        lambda dtype: nn.Linear(2, 3, dtype=dtype),
        lambda dtype: nn.Conv2d(2, 3, 2, dtype=dtype),
        lambda dtype: nn.BatchNorm2d(2, dtype=dtype),
        lambda dtype: nn.LayerNorm(2, dtype=dtype),
        lambda dtype: nn.Embedding(2, 3, dtype=dtype),
        lambda dtype: nn.PReLU(dtype=dtype),
    ],
)
def test_parameters_have_the_dtype_asked_for(make):
    layer = make(torch.float32)

    assert {p.dtype for p in layer.parameters()} == {np.dtype(np.float32)}


def test_a_generator_makes_starting_values_repeatable():
    first, second = (nn.Linear(3, 2, generator=np.random.default_rng(5)) for _ in range(2))

    assert first.weight.tolist() == second.weight.tolist()


def test_identity_takes_any_arguments():
    x = tensor([1.0])

    assert nn.Identity(54, unused=True)(x) is x


def test_places_of_a_pooling_lead_back():
    x = tensor(RNG.normal(size=(1, 1, 4, 4)))
    values, places = nn.MaxPool2d(2, return_indices=True)(x)

    back = nn.MaxUnpool2d(2)(values, places, output_size=x.shape)

    assert back.shape == x.shape
    assert (back.raw[back.raw != 0] == x.raw[back.raw != 0]).all()
