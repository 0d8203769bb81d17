"""Recurrent cells: one step at a time, for loops that a program writes itself."""

from __future__ import annotations

import math
from typing import Any

import tinygrad_edu.nn.recurrent_arguments as arguments
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.recurrent_steps import GATES, STEPS, State, gates_of
from tinygrad_edu.nn.starting_values import floats, parameter, start_uniform
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]


class RNNCellBase(Module):
    """What the cells share: `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`, all from U(-k, k).

    k = 1 / sqrt(hidden_size).
    Shapes: `x` (B, input_size) or (input_size,); each part of the state (B, hidden_size) or (hidden_size,), 0 if it is
    not given.
    """

    mode = ""
    state_names: tuple[str, ...] = ("hx",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        call = type(self).__name__
        self.input_size = arguments.size(call, "input_size", input_size, 0)
        self.hidden_size = arguments.size(call, "hidden_size", hidden_size, 0)
        self.bias = bias
        rows, kind = num_chunks * hidden_size, floats(call, device, dtype)
        self.weight_ih = parameter((rows, input_size), kind)
        self.weight_hh = parameter((rows, hidden_size), kind)
        self.register_parameter("bias_ih", parameter(rows, kind) if bias else None)
        self.register_parameter("bias_hh", parameter(rows, kind) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        k = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        start_uniform(k, *self.parameters())

    def step(self, input: Any, hx: Any) -> State:  # noqa: A002 - PyTorch's name
        """The state after one step."""
        call = f"{type(self).__name__}({self.input_size}, {self.hidden_size})"
        x = arguments.fitting_input(call, input, self.input_size, (1, 2), "x (B, I) or (I,)")
        weights = dict(self.named_parameters(recurse=False))
        gates = gates_of(self.mode, x, weights)
        shape = (*x.shape[:-1], self.hidden_size)
        if hx is None:
            state: Any = (zeros(*shape, dtype=gates.dtype),) * len(self.state_names)
        else:
            state = arguments.state_parts(call, hx, self.state_names)
            arguments.fitting_state(call, state, [shape] * len(state), self.state_names)
        return STEPS[self.mode](gates, state, weights)

    def extra_repr(self) -> str:
        """The arguments that are not the default ones."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias is True else f", bias={self.bias}")


class RNNCell(RNNCellBase):
    """`h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`, or with `relu` as `nonlinearity`. See `RNNCellBase`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self._check(nonlinearity)
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    @staticmethod
    def _check(nonlinearity: Any) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell needs nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")

    @property
    def mode(self) -> str:  # type: ignore[override]
        """The kind of the step."""
        return f"RNN_{self.nonlinearity.upper()}"

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:  # noqa: A002
        """The next state."""
        self._check(self.nonlinearity)
        return self.step(input, hx)[0]

    def extra_repr(self) -> str:
        """The arguments that are not the default ones."""
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class LSTMCell(RNNCellBase):
    """`c' = σ(f) c + σ(i) tanh(g)` and `h' = σ(o) tanh(c')`: see `recurrent_steps.lstm_step`, and `RNNCellBase`."""

    mode = "LSTM"
    state_names = ("h", "c")

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, GATES["LSTM"], device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:  # noqa: A002
        """The next state (h, c)."""
        h, c = self.step(input, hx)
        return h, c


class GRUCell(RNNCellBase):
    """`h' = (1 - σ(z)) n + σ(z) h`: see `recurrent_steps.gru_step`, and `RNNCellBase`."""

    mode = "GRU"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, GATES["GRU"], device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:  # noqa: A002
        """The next state."""
        return self.step(input, hx)[0]
