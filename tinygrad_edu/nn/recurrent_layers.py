"""Recurrent layers: whole sequences, several layers, both directions."""

from __future__ import annotations

import math
import warnings
from typing import Any

import tinygrad_edu.nn.recurrent_arguments as arguments
from tinygrad_edu.nn.argument_checks import probability
from tinygrad_edu.nn.functional.dropouts import dropout as dropped
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.recurrent_batches import Batch
from tinygrad_edu.nn.recurrent_steps import GATES, State, all_states, gates_of
from tinygrad_edu.nn.starting_values import floats, parameter, start_uniform
from tinygrad_edu.nn.utils.rnn import PackedSequence
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.functions.joining import cat, stack
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]


class RNNBase(Module):
    """What RNN, LSTM and GRU share.

    Each layer reads the states of the one below, after `dropout` while training; with `bidirectional` a second network
    reads the steps from the last to the first, and both states stand side by side.

    Parameters of layer k, and with `_reverse` of its way back: `weight_ih_lk` (gates * hidden_size, inputs),
    `weight_hh_lk` (gates * hidden_size, hidden_size), `bias_ih_lk`, `bias_hh_lk`, with proj_size `weight_hr_lk`; all
    from U(-k, k) with k = 1 / sqrt(hidden_size).
    Shapes: `input` (T, B, input_size), or (B, T, input_size) with `batch_first`, or (T, input_size), or a
    `PackedSequence`; states (num_layers * directions, B, hidden_size), 0 if not given; output (T, B, directions *
    hidden_size) in the form of the input, and the states after the last step.
    """

    state_names: tuple[str, ...] = ("hx",)

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        call = type(self).__name__
        self.mode = mode
        self.input_size = arguments.size(call, "input_size", input_size)
        self.hidden_size = arguments.size(call, "hidden_size", hidden_size)
        self.num_layers = arguments.size(call, "num_layers", num_layers)
        self.proj_size = arguments.size(call, "proj_size", proj_size, 0)
        arguments.switches(call, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        probability(call, dropout)
        self.dropout = float(dropout)
        if proj_size >= hidden_size or (proj_size and mode != "LSTM"):
            raise ValueError(
                f"proj_size needs an LSTM, and to be below hidden_size={hidden_size}, got {call} with {proj_size}"
            )
        if dropout and num_layers == 1:
            warnings.warn(
                f"{call} applies dropout between its layers, and with num_layers=1 there is nothing between; "
                "put nn.Dropout behind the layer",
                stacklevel=3,
            )
        self._make_parameters(floats(call, device, dtype))
        self.reset_parameters()

    def _make_parameters(self, dtype: Any) -> None:
        self._names = []
        rows, outputs = GATES[self.mode] * self.hidden_size, self.proj_size or self.hidden_size
        for k in range(self.num_layers):
            inputs = self.input_size if k == 0 else outputs * (1 + self.bidirectional)
            shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inputs), "weight_hh": (rows, outputs)}
            if self.bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            if self.proj_size:
                shapes["weight_hr"] = (outputs, self.hidden_size)
            for suffix in (f"_l{k}", f"_l{k}_reverse")[: 1 + self.bidirectional]:
                self._names.append({name: f"{name}{suffix}" for name in shapes})
                for name, shape in shapes.items():
                    setattr(self, f"{name}{suffix}", parameter(shape, dtype))

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        start_uniform(1 / math.sqrt(self.hidden_size), *self.parameters())

    def flatten_parameters(self) -> None:
        """Do nothing: on other hardware, parameters are put side by side in memory."""

    @property
    def _flat_weights_names(self) -> list[str]:
        """The names of all parameters, by which programs start them in a way of their own."""
        return [name for names in self._names for name in names.values()]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names.values()] for names in self._names]

    def run(self, input: Any, hx: Any) -> tuple[Any, State]:  # noqa: A002 - PyTorch's name
        """The output, and the states after the last step."""
        call = f"{type(self).__name__}({self.input_size}, {self.hidden_size})"
        data = input.data if isinstance(input, PackedSequence) else input
        dims, shapes = (
            ((2, 2), "a PackedSequence of steps (I,)") if data is not input else ((2, 3), self._shapes())
        )
        data = arguments.fitting_input(call, data, self.input_size, dims, shapes)
        batch = Batch(call, input, data, self.batch_first)
        x, state = batch.steps, self._state(call, batch, hx)
        lasts: list[State] = []
        for k in range(self.num_layers):
            outputs = []
            for _ in range(1 + self.bidirectional):
                own = None if state is None else tuple(part[len(lasts)] for part in state)
                output, last = self._one_way(batch, x, own, len(lasts))
                outputs.append(output)
                lasts.append(last)
            x = cat(outputs, -1) if self.bidirectional else outputs[0]
            if self.dropout and self.training and k + 1 < self.num_layers:
                x = dropped(x, self.dropout, True)
        final = tuple(batch.restored_state(_stacked(parts)) for parts in zip(*lasts, strict=True))
        return batch.restored(x), final

    def _one_way(self, batch: Batch, x: Tensor, state: State | None, number: int) -> tuple[Tensor, State]:
        """The output of a layer in one direction, and its states after the last step."""
        weights = {name: getattr(self, path) for name, path in self._names[number].items()}
        backwards = self.bidirectional and number % 2 == 1
        gates = gates_of(self.mode, batch.reversed(x) if backwards else x, weights)
        if state is None:
            state = tuple(zeros(x.shape[1], n, dtype=gates.dtype) for n in self._state_sizes())
        states = all_states(self.mode, gates, state, weights)
        return batch.reversed(states[0]) if backwards else states[0], batch.last(states)

    def _state_sizes(self) -> tuple[int, ...]:
        return (self.proj_size or self.hidden_size, self.hidden_size)[: len(self.state_names)]

    def _state(self, call: str, batch: Batch, hx: Any) -> State | None:
        """The state that was given, with a batch in the order of the sorted sequences."""
        if hx is None:
            return None
        state = arguments.state_parts(call, hx, self.state_names)
        count = self.num_layers * (1 + self.bidirectional)
        shapes = [batch.state_shape(count, n) for n in self._state_sizes()]
        arguments.fitting_state(call, state, shapes, self.state_names)
        return tuple(map(batch.sorted_state, state))

    def _shapes(self) -> str:
        return f"x {'(B, T, I)' if self.batch_first else '(T, B, I)'} or (T, I)"

    def extra_repr(self) -> str:
        """The arguments that are not the default ones."""
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        defaults["bidirectional"] = False
        others = [
            f"{key}={getattr(self, key)}" for key, value in defaults.items() if getattr(self, key) != value
        ]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *others])


def _stacked(parts: tuple[Tensor, ...]) -> Tensor:
    """The states of all layers and directions; one alone is only another view of its numbers."""
    return stack(parts) if len(parts) > 1 else parts[0].unsqueeze(0)


class RNN(RNNBase):
    """`h' = tanh(W_ih x + b_ih + W_hh h + b_hh)` for each step, or with `relu` as `nonlinearity`. See `RNNBase`.

    Source: Elman, Finding Structure in Time (1990).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *arguments: Any,
        **options: Any,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN needs nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(mode, input_size, hidden_size, num_layers, *arguments, **options)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:  # noqa: A002
        """`(output, h)`: the states of the last layer after each step, and of all layers after the last one."""
        output, (h,) = self.run(input, hx)
        return output, h


class LSTM(RNNBase):
    """Long short-term memory: for each step `c' = σ(f) c + σ(i) tanh(g)` and `h' = σ(o) tanh(c')`. See `RNNBase`.

    i, f, g and o are the parts of `W_ih x + b_ih + W_hh h + b_hh`. With `proj_size`, h' is multiplied by `weight_hr`.
    The state is a pair (h, c).
    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997); with forget gate: Gers et al. (1999).
    """

    state_names = ("h", "c")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__("LSTM", *arguments, **options)

    def forward(
        self,
        input: Any,  # noqa: A002
        hx: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """`(output, (h, c))`: h of the last layer after each step, and the states of all layers after the last one."""
        output, (h, c) = self.run(input, hx)
        return output, (h, c)


class GRU(RNNBase):
    """Gated recurrent unit: for each step `h' = (1 - z) n + z h`, `n = tanh(n_x + r n_h)`. See `RNNBase`.

    r, z and n are the sigmoids and the rest of the parts of `W_ih x + b_ih` and `W_hh h + b_hh`.
    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (2014), with r after the product.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if options.get("proj_size"):
            raise ValueError(f"proj_size needs an LSTM, got GRU with {options['proj_size']}")
        super().__init__("GRU", *arguments, **options)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:  # noqa: A002
        """`(output, h)`: the states of the last layer after each step, and of all layers after the last one."""
        output, (h,) = self.run(input, hx)
        return output, h
