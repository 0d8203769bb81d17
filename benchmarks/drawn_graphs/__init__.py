"""The graphs whose pictures are compared with Graphviz's layout."""

from __future__ import annotations

from collections.abc import Callable

from drawn_graphs.computations import (
    batch_norm,
    chain,
    contrastive,
    five_losses,
    in_place,
    moons,
    plan,
    second_order,
    values_mlp,
)  # fmt: skip
from drawn_graphs.networks import (
    Drawn,
    attention,
    convolution,
    embedding,
    exam,
    gan,
    heads,
    logistic,
    lstm,
    mlp,
    neuron,
    residual,
    residuals,
    rnn,
    rnn_losses,
    transformer,
    transformer_flat,
)  # fmt: skip

GRAPHS: tuple[Callable[[], Drawn], ...] = (
    neuron, logistic, exam, mlp, attention, heads, rnn, rnn_losses, lstm, residual, residuals, gan, embedding,
    convolution, transformer, transformer_flat, second_order, in_place, five_losses, batch_norm, contrastive,
    chain, values_mlp, moons, plan,
)  # fmt: skip
