"""Recurrent cells. Against PyTorch: `tests/pytorch/test_recurrent.py`."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import float32, nn, ones, rand, tensor, zeros


@pytest.mark.parametrize(("cell", "layer"), [("RNNCell", "RNN"), ("GRUCell", "GRU"), ("LSTMCell", "LSTM")])
def test_a_cell_in_a_loop_is_the_layer(cell, layer):
    whole, step = getattr(nn, layer)(2, 3), getattr(nn, cell)(2, 3)
    step.load_state_dict({name.removesuffix("_l0"): p for name, p in whole.state_dict().items()})
    x, state, outputs = rand(4, 5, 2), None, []

    for each in x:
        state = step(each, state)
        outputs.append((state[0] if layer == "LSTM" else state).detach().numpy())

    np.testing.assert_allclose(outputs, whole(x)[0].detach(), rtol=1e-12, atol=1e-15)


def test_an_lstm_cell_by_hand():
    cell = nn.LSTMCell(1, 1)
    for parameter in cell.parameters():
        parameter.data = zeros(*parameter.shape)
    cell.bias_ih.data = tensor([0.0, 0.0, np.arctanh(0.5), 0.0])

    h, c = cell(tensor([[7.0]]), (tensor([[1.0]]), tensor([[2.0]])))

    assert c.item() == pytest.approx(0.5 * 2 + 0.5 * 0.5)
    assert h.item() == pytest.approx(0.5 * np.tanh(1.25))


def test_a_cell_prints_what_is_not_default():
    assert repr(nn.GRUCell(2, 3)) == "GRUCell(2, 3)"
    assert repr(nn.RNNCell(2, 3, False, "relu")) == "RNNCell(2, 3, bias=False, nonlinearity=relu)"


def test_a_cell_of_float32_stays_so():
    cell = nn.GRUCell(2, 3, dtype=float32)

    assert cell(ones(1, 2, dtype=float32)).dtype == np.float32


def test_wrong_shapes_are_named():
    with pytest.raises(
        ValueError, match=r"GRUCell\(2, 3\) takes x \(B, I\) or \(I,\) with I = 2, .*\(4, 5\)"
    ):
        nn.GRUCell(2, 3)(ones(4, 5))
    with pytest.raises(
        ValueError, match=r"RNNCell\(2, 3\) needs hx of shape \(4, 3\) for this input, got \(4, 2\)"
    ):
        nn.RNNCell(2, 3)(ones(4, 2), zeros(4, 2))
    with pytest.raises(
        ValueError, match=r"LSTMCell\(2, 3\) needs c of shape \(3,\) for this input, got \(2,\)"
    ):
        nn.LSTMCell(2, 3)(ones(2), (zeros(3), zeros(2)))
    with pytest.raises(ValueError, match="RNNCell needs nonlinearity 'tanh' or 'relu', got 'gelu'"):
        nn.RNNCell(2, 3, nonlinearity="gelu")
