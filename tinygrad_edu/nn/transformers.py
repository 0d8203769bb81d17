"""Stacks of transformer layers, and the transformer of an encoder and a decoder."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.containers import ModuleList
from tinygrad_edu.nn.init import xavier_uniform_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.normalization_layers import LayerNorm
from tinygrad_edu.nn.starting_values import floats, whole
from tinygrad_edu.nn.transformer_layers import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from tinygrad_edu.tensor.creation import full
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Transformer", "TransformerDecoder", "TransformerEncoder"]


def _copies(call: str, layer: Module, count: int) -> ModuleList:
    whole(call, num_layers=count)
    return ModuleList([deepcopy(layer) for _ in range(count)])


class TransformerEncoder(Module):
    """`num_layers` copies of `encoder_layer`, one after the other, and `norm` at the end if it is given.

    The copies start from equal numbers, as in PyTorch. `enable_nested_tensor` and `mask_check` change no result.
    """

    def __init__(
        self,
        encoder_layer: TransformerEncoderLayer,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies("TransformerEncoder", encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """The sequence after all layers. For the masks see `MultiheadAttention`."""
        for layer in self.layers:
            src = layer(
                src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal)
            )
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """`num_layers` copies of `decoder_layer`, one after the other, and `norm` at the end if it is given.

    The copies start from equal numbers, as in PyTorch.
    """

    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        super().__init__()
        self.layers = _copies("TransformerDecoder", decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The sequence after all layers, which all look into the same memory."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of the source and a decoder of the target, which looks at what the encoder made of the source.

    Embeddings, positions and the last layer are the caller's. All matrices start from `xavier_uniform_`.
    Shapes: src (S, N, d_model), tgt and result (T, N, d_model), or N first with `batch_first`, or without N.
    Source: Vaswani et al., Attention Is All You Need (2017).
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = functional.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        layer = (
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
        )
        place: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}

        def norm() -> LayerNorm:
            return LayerNorm(d_model, eps=layer_norm_eps, **place)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*layer, **place), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*layer, **place), num_decoder_layers, norm()
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.ndim > 1:
                xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """What the decoder makes of the target. For the masks see `MultiheadAttention`."""
        self._check(src, tgt)
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    def _check(self, src: Any, tgt: Any) -> None:
        batch = 0 if self.batch_first else 1
        sizes = {src.shape[-1], tgt.shape[-1], self.d_model}
        if src.ndim != tgt.ndim or len(sizes) > 1 or (src.ndim == 3 and src.shape[batch] != tgt.shape[batch]):
            raise ValueError(
                f"Transformer(d_model={self.d_model}) takes src and tgt of rows of {self.d_model} numbers, of one "
                f"batch, but they have shapes {src.shape} and {tgt.shape}"
            )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """The mask (sz, sz) by which no place looks at later ones: -inf above the diagonal, else 0."""
        kind = floats("generate_square_subsequent_mask", device, dtype)
        return full((sz, sz), -math.inf, dtype=kind).triu(1)
