"""One step of a recurrent network, and all steps of a sequence.

The gates' share of the inputs, `x @ weight_ih.T + bias`, does not depend on the state: it is computed for all steps at
once, and here called `gates`. A state is a tuple: (h,), or (h, c) of an LSTM.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops.contractions import linear
from tinygrad_edu.ops.recurrent import lstm
from tinygrad_edu.tensor.functions.joining import chunk, stack
from tinygrad_edu.tensor.tensor import Tensor

State = tuple[Tensor, ...]
Weights = dict[
    str, Any
]  # `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, `weight_hr`, as far as there are any
Step = Callable[[Tensor, State, Weights], State]

GATES = {
    "RNN_TANH": 1,
    "RNN_RELU": 1,
    "LSTM": 4,
    "GRU": 3,
}  # how many times `hidden_size` numbers a step computes


def gates_of(mode: str, x: Tensor, weights: Weights) -> Tensor:
    """`x @ weight_ih.T + bias`: with both biases, but in a GRU, where the state's own is multiplied by a gate."""
    bias = weights.get("bias_ih")
    if bias is None:
        return linear(x, weights["weight_ih"])
    return linear(x, weights["weight_ih"], bias if mode == "GRU" else bias + weights["bias_hh"])


def rnn_step(activation: Callable[[Tensor], Tensor]) -> Step:
    """`h' = activation(gates + W h)`, Elman's network."""

    def step(gates: Tensor, state: State, weights: Weights) -> State:
        return (activation(gates + linear(state[0], weights["weight_hh"])),)

    return step


def lstm_step(gates: Tensor, state: State, weights: Weights) -> State:
    """`c' = σ(f) c + σ(i) tanh(g)` and `h' = σ(o) tanh(c')`, with i, f, g, o the four parts of `gates + W h`.

    With `weight_hr` h' is projected to fewer numbers.
    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997); with forget gate: Gers et al. (1999).
    """
    h, c = state
    i, f, g, o = chunk(gates + linear(h, weights["weight_hh"]), 4, -1)
    c = elementwise.sigmoid(f) * c + elementwise.sigmoid(i) * elementwise.tanh(g)
    h = elementwise.sigmoid(o) * elementwise.tanh(c)
    return h if "weight_hr" not in weights else linear(h, weights["weight_hr"]), c


def gru_step(gates: Tensor, state: State, weights: Weights) -> State:
    """`h' = n + σ(z) (h - n)` with `n = tanh(n_x + σ(r) n_h)`; r, z and n are the parts of `gates` and of `W h + b`.

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (2014), with r after the product.
    """
    (h,) = state
    bias = weights.get("bias_hh")
    own = linear(h, weights["weight_hh"]) if bias is None else linear(h, weights["weight_hh"], bias)
    r_x, z_x, n_x = chunk(gates, 3, -1)
    r_h, z_h, n_h = chunk(own, 3, -1)
    n = elementwise.tanh(n_x + elementwise.sigmoid(r_x + r_h) * n_h)
    return (n + elementwise.sigmoid(z_x + z_h) * (h - n),)


STEPS: dict[str, Step] = {
    "RNN_TANH": rnn_step(elementwise.tanh),
    "RNN_RELU": rnn_step(elementwise.relu),
    "LSTM": lstm_step,
    "GRU": gru_step,
}


def all_states(mode: str, gates: Tensor, state: State, weights: Weights) -> State:
    """The states after each step: (steps, batch, size) each, from `gates` (steps, batch, gates)."""
    if mode == "LSTM" and "weight_hr" not in weights:
        found = lstm(gates, weights["weight_hh"], *state)
        return found[0], found[1]
    step, states = STEPS[mode], []
    for each in gates.unbind(0):
        state = step(each, state, weights)
        states.append(state)
    return tuple(stack(parts) for parts in zip(*states, strict=True))
