"""An example of every layer: how it is made, and inputs for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu import nn as all_layers
from tinygrad_edu.tensor.tensor import tensor

nn: Any = all_layers  # whose constructors take arguments of many kinds

Inputs = Callable[[np.random.Generator], list[Any]]

# Modules that are made of other modules, or are no function by themselves.
MAKES_MODULES = {
    *(
        "DataParallel",
        "Module",
        "ModuleDict",
        "ModuleList",
        "ParameterDict",
        "ParameterList",
        "RNNBase",
        "RNNCellBase",
    ),
    "Sequential",
}


def normal(*shapes: tuple[int, ...]) -> Inputs:
    """Inputs of normally distributed numbers."""
    return lambda rng: [tensor(rng.normal(size=shape)) for shape in shapes]


def whole(high: int, *shape: int) -> Inputs:
    """An input of whole numbers below `high`."""
    return lambda rng: [tensor(rng.integers(0, high, shape))]


def both(*inputs: Inputs) -> Inputs:
    """The inputs of several."""
    return lambda rng: [x for each in inputs for x in each(rng)]


def positive(*shape: int) -> Inputs:
    """An input of numbers between 0.4 and 0.6, which stay probabilities for a few steps."""
    return lambda rng: [tensor(rng.uniform(0.4, 0.6, shape))]


def signs(*shape: int) -> Inputs:
    """An input of 1 and -1."""
    return lambda rng: [tensor(rng.integers(0, 2, shape) * 2.0 - 1)]


def pooled(n: int) -> Inputs:
    """The greatest numbers of windows of size 2, and their places."""

    def inputs(rng: np.random.Generator) -> list[Any]:
        x = tensor(rng.normal(size=(2, 3, *[4] * n)))
        return [*getattr(nn.functional, f"max_pool{n}d")(x, 2, return_indices=True)]

    return inputs


MATRIX, SIGNAL, IMAGE, VOLUME = (4, 6), (2, 4, 8), (2, 4, 6, 6), (2, 4, 4, 4, 4)
OF_DIM = {1: SIGNAL, 2: IMAGE, 3: VOLUME}
ELEMENTWISE = (
    "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh Identity LeakyReLU LogSigmoid Mish PReLU RReLU ReLU "
    "ReLU6 SELU SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink Dropout AlphaDropout FeatureAlphaDropout"
)
EXAMPLES: dict[str, tuple[Callable[..., Any], Inputs]] = {
    name: (getattr(nn, name), normal(MATRIX)) for name in ELEMENTWISE.split()
}
for name in ("LogSoftmax", "Softmax", "Softmin"):
    EXAMPLES[name] = (partial(getattr(nn, name), dim=-1), normal(MATRIX))
for n, shape in OF_DIM.items():
    of_dim = {
        f"AdaptiveAvgPool{n}d": (2,),
        f"AdaptiveMaxPool{n}d": (3,),
        f"AvgPool{n}d": (2,),
        f"BatchNorm{n}d": (4,),
        f"CircularPad{n}d": (1,),
        f"ConstantPad{n}d": (1, 2.5),
        f"Conv{n}d": (4, 2, 2),
        f"ConvTranspose{n}d": (4, 2, 2),
        f"Dropout{n}d": (),
        f"InstanceNorm{n}d": (4,),
        f"LPPool{n}d": (2, 2),
        f"MaxPool{n}d": (2,),
        f"ReflectionPad{n}d": (1,),
        f"ReplicationPad{n}d": (1,),
        f"ZeroPad{n}d": (1,),
    }
    EXAMPLES |= {name: (partial(getattr(nn, name), *args), normal(shape)) for name, args in of_dim.items()}
    EXAMPLES[f"MaxUnpool{n}d"] = (partial(getattr(nn, f"MaxUnpool{n}d"), 2), pooled(n))
    EXAMPLES[f"LPPool{n}d"] = (partial(getattr(nn, f"LPPool{n}d"), 2, 2), positive(*shape))
EXAMPLES |= {
    "Bilinear": (partial(nn.Bilinear, 3, 4, 2), normal((5, 3), (5, 4))),
    "ChannelShuffle": (partial(nn.ChannelShuffle, 2), normal(IMAGE)),
    "CosineSimilarity": (nn.CosineSimilarity, normal(MATRIX, MATRIX)),
    "Embedding": (partial(nn.Embedding, 5, 3, padding_idx=1), whole(5, 4, 2)),
    "EmbeddingBag": (partial(nn.EmbeddingBag, 5, 3), whole(5, 4, 2)),
    "Flatten": (nn.Flatten, normal(IMAGE)),
    "Fold": (partial(nn.Fold, (4, 4), 2), normal((2, 8, 9))),
    "GroupNorm": (partial(nn.GroupNorm, 2, 4), normal(IMAGE)),
    "LayerNorm": (partial(nn.LayerNorm, 6), normal(MATRIX)),
    "Linear": (partial(nn.Linear, 6, 3), normal(MATRIX)),
    "LocalResponseNorm": (partial(nn.LocalResponseNorm, 2), normal(IMAGE)),
    "PairwiseDistance": (nn.PairwiseDistance, normal(MATRIX, MATRIX)),
    "PixelShuffle": (partial(nn.PixelShuffle, 2), normal(IMAGE)),
    "PixelUnshuffle": (partial(nn.PixelUnshuffle, 2), normal(IMAGE)),
    "RMSNorm": (partial(nn.RMSNorm, 6), normal(MATRIX)),
    "Softmax2d": (nn.Softmax2d, normal(IMAGE)),
    "Threshold": (partial(nn.Threshold, 0.1, -1.0), normal(MATRIX)),
    "Unflatten": (partial(nn.Unflatten, 1, (2, 3)), normal(MATRIX)),
    "Unfold": (partial(nn.Unfold, 2), normal(IMAGE)),
    "Upsample": (partial(nn.Upsample, scale_factor=2, mode="bilinear"), normal(IMAGE)),
    "UpsamplingBilinear2d": (partial(nn.UpsamplingBilinear2d, scale_factor=2), normal(IMAGE)),
    "UpsamplingNearest2d": (partial(nn.UpsamplingNearest2d, scale_factor=2), normal(IMAGE)),
}

# Of sequences (length, examples, features).
SEQUENCE = (3, 2, 4)
TRANSFORMER = {"nhead": 2, "dim_feedforward": 6, "dropout": 0.0}
EXAMPLES |= {
    "GRU": (partial(nn.GRU, 4, 3), normal(SEQUENCE)),
    "GRUCell": (partial(nn.GRUCell, 4, 3), normal((2, 4), (2, 3))),
    "LSTM": (partial(nn.LSTM, 4, 3, bidirectional=True), normal(SEQUENCE)),
    "LSTMCell": (partial(nn.LSTMCell, 4, 3), normal((2, 4))),
    "MultiheadAttention": (partial(nn.MultiheadAttention, 4, 2), normal(*[SEQUENCE] * 3)),
    "RNN": (partial(nn.RNN, 4, 3), normal(SEQUENCE)),
    "RNNCell": (partial(nn.RNNCell, 4, 3), normal((2, 4))),
    "Transformer": (
        partial(nn.Transformer, 4, num_encoder_layers=1, num_decoder_layers=1, **TRANSFORMER),
        normal(SEQUENCE, SEQUENCE),
    ),
    "TransformerDecoder": (
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, **TRANSFORMER), 1),
        normal(SEQUENCE, SEQUENCE),
    ),
    "TransformerDecoderLayer": (
        partial(nn.TransformerDecoderLayer, 4, **TRANSFORMER),
        normal(SEQUENCE, SEQUENCE),
    ),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, **TRANSFORMER), 2),
        normal(SEQUENCE),
    ),
    "TransformerEncoderLayer": (partial(nn.TransformerEncoderLayer, 4, **TRANSFORMER), normal(SEQUENCE)),
}

# Losses: predictions and targets.
NUMBERS = normal(MATRIX, MATRIX)
EXAMPLES |= {
    "AdaptiveLogSoftmaxWithLoss": (
        partial(nn.AdaptiveLogSoftmaxWithLoss, 6, 9, [3, 6], div_value=2.0),
        both(normal(MATRIX), whole(9, 4)),
    ),
    "BCELoss": (nn.BCELoss, both(positive(*MATRIX), positive(*MATRIX))),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, both(normal(MATRIX), positive(*MATRIX))),
    "CCELoss": (nn.CCELoss, both(positive(*MATRIX), positive(*MATRIX))),
    "CosineEmbeddingLoss": (nn.CosineEmbeddingLoss, both(NUMBERS, signs(4))),
    "CrossEntropyLoss": (
        partial(nn.CrossEntropyLoss, weight=tensor(np.arange(1.0, 7.0))),
        both(normal(MATRIX), whole(6, 4)),
    ),
    "GaussianNLLLoss": (nn.GaussianNLLLoss, both(NUMBERS, positive(*MATRIX))),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss, both(normal(MATRIX), signs(*MATRIX))),
    "HuberLoss": (nn.HuberLoss, NUMBERS),
    "KLDivLoss": (nn.KLDivLoss, both(normal(MATRIX), positive(*MATRIX))),
    "L1Loss": (nn.L1Loss, NUMBERS),
    "LinearCrossEntropyLoss": (partial(nn.LinearCrossEntropyLoss, 6, 3), both(normal(MATRIX), whole(3, 4))),
    "MSELoss": (nn.MSELoss, NUMBERS),
    "MarginRankingLoss": (partial(nn.MarginRankingLoss, 0.5), both(NUMBERS, signs(*MATRIX))),
    "MultiLabelMarginLoss": (nn.MultiLabelMarginLoss, both(normal(MATRIX), whole(6, *MATRIX))),
    "MultiLabelSoftMarginLoss": (nn.MultiLabelSoftMarginLoss, both(normal(MATRIX), positive(*MATRIX))),
    "MultiMarginLoss": (nn.MultiMarginLoss, both(normal(MATRIX), whole(6, 4))),
    "NLLLoss": (nn.NLLLoss, both(normal(MATRIX), whole(6, 4))),
    "PoissonNLLLoss": (nn.PoissonNLLLoss, both(normal(MATRIX), whole(6, *MATRIX))),
    "SmoothL1Loss": (nn.SmoothL1Loss, NUMBERS),
    "SoftMarginLoss": (nn.SoftMarginLoss, both(normal(MATRIX), signs(*MATRIX))),
    "TripletMarginLoss": (nn.TripletMarginLoss, normal(MATRIX, MATRIX, MATRIX)),
    "TripletMarginWithDistanceLoss": (nn.TripletMarginWithDistanceLoss, normal(MATRIX, MATRIX, MATRIX)),
}
