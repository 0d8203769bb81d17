"""Layers, containers and losses, with PyTorch's names."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn import functional, init, utils
from tinygrad_edu.nn.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from tinygrad_edu.nn.containers import ModuleDict, ModuleList, Sequential
from tinygrad_edu.nn.dropout import Dropout
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.losses import BCELoss, BCEWithLogitsLoss, CCELoss, CrossEntropyLoss, MSELoss
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
from tinygrad_edu.nn.parameter_containers import ParameterDict, ParameterList
from tinygrad_edu.nn.recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from tinygrad_edu.nn.recurrent_layers import GRU, LSTM, RNN, RNNBase

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Buffer",
    "CCELoss",
    "CrossEntropyLoss",
    "Dropout",
    "GRUCell",
    "LSTMCell",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "RNNCell",
    "RNNCellBase",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "UninitializedBuffer",
    "UninitializedParameter",
    "functional",
    "init",
    "utils",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
