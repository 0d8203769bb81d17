"""Layers, containers and losses, with PyTorch's names."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn import activations as _activations
from tinygrad_edu.nn import batch_normalization as _batch_normalization
from tinygrad_edu.nn import convolution_layers as _convolution_layers
from tinygrad_edu.nn import dropout as _dropout
from tinygrad_edu.nn import embedding_layers as _embedding_layers
from tinygrad_edu.nn import functional, init, parallel, utils
from tinygrad_edu.nn import lazy as _lazy
from tinygrad_edu.nn import losses as _losses
from tinygrad_edu.nn import normalization_layers as _normalization_layers
from tinygrad_edu.nn import padding_layers as _padding_layers
from tinygrad_edu.nn import pooling_layers as _pooling_layers
from tinygrad_edu.nn import projected_class_losses as _projected_class_losses
from tinygrad_edu.nn import reshaping_layers as _reshaping_layers
from tinygrad_edu.nn import sdp_kernels as attention
from tinygrad_edu.nn import smooth_activations as _smooth_activations
from tinygrad_edu.nn.activations import *
from tinygrad_edu.nn.attention_layers import MultiheadAttention
from tinygrad_edu.nn.batch_normalization import *
from tinygrad_edu.nn.containers import ModuleDict, ModuleList, Sequential
from tinygrad_edu.nn.convolution_layers import *
from tinygrad_edu.nn.dropout import *
from tinygrad_edu.nn.embedding_layers import *
from tinygrad_edu.nn.lazy import *
from tinygrad_edu.nn.linear import Bilinear, Linear
from tinygrad_edu.nn.losses import *
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.normalization_layers import *
from tinygrad_edu.nn.padding_layers import *
from tinygrad_edu.nn.parallel import DataParallel
from tinygrad_edu.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
from tinygrad_edu.nn.parameter_containers import ParameterDict, ParameterList
from tinygrad_edu.nn.pooling_layers import *
from tinygrad_edu.nn.projected_class_losses import *
from tinygrad_edu.nn.recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from tinygrad_edu.nn.recurrent_layers import GRU, LSTM, RNN, RNNBase
from tinygrad_edu.nn.reshaping_layers import *
from tinygrad_edu.nn.smooth_activations import *
from tinygrad_edu.nn.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
from tinygrad_edu.nn.transformers import Transformer, TransformerDecoder, TransformerEncoder

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Bilinear",
    "Buffer",
    "DataParallel",
    "GRUCell",
    "LSTMCell",
    "Linear",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "RNNCell",
    "RNNCellBase",
    "Sequential",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "UninitializedBuffer",
    "UninitializedParameter",
    "attention",
    "functional",
    "init",
    "parallel",
    "utils",
]
__all__ += _activations.__all__
__all__ += _batch_normalization.__all__
__all__ += _convolution_layers.__all__
__all__ += _dropout.__all__
__all__ += _embedding_layers.__all__
__all__ += _lazy.__all__
__all__ += _losses.__all__
__all__ += _normalization_layers.__all__
__all__ += _padding_layers.__all__
__all__ += _pooling_layers.__all__
__all__ += _projected_class_losses.__all__
__all__ += _reshaping_layers.__all__
__all__ += _smooth_activations.__all__

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
