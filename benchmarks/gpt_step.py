"""One training step of a tiny GPT, and one of a small version, in float32.

Four blocks of width 64 with four heads over 32 characters of 65 kinds, batches of 8; the small one has one block of
width 16 with two heads over 8 characters, batches of 8. Attention is written out, as in courses: a linear layer for
queries, keys and values, a softmax behind a mask. SGD. One thread each.

    python benchmarks/gpt_step.py
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from harness import main, model_question

KINDS = 65


class Size(NamedTuple):
    """Blocks, width, heads, characters, examples in a batch."""

    layers: int
    width: int
    heads: int
    context: int
    batch: int


SIZES = {
    "4 layers of 64, context 32": Size(4, 64, 4, 32, 8),
    "1 layer of 16, context 8": Size(1, 16, 2, 8, 8),
}


def model(library: Any, size: Size) -> Any:
    nn = library.nn
    width = size.width

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.register_buffer("mask", library.ones(size.context, size.context).tril() == 0)

        def attention(self, x: Any) -> Any:
            shape = (*x.shape[:2], size.heads, width // size.heads)
            q, k, v = (part.reshape(shape).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
            scores = (q @ k.transpose(-2, -1) / math.sqrt(shape[-1])).masked_fill(self.mask, -math.inf)
            return self.out((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(x.shape))

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.norm1(x))
            return x + self.mlp(self.norm2(x))

    class GPT(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(KINDS, width), nn.Embedding(size.context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(size.layers)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, KINDS)
            self.register_buffer("steps", library.arange(size.context))

        def forward(self, x: Any) -> Any:
            return self.head(self.norm(self.blocks(self.tokens(x) + self.places(self.steps))))

    return GPT()


def batch(size: Size) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    text = rng.integers(0, KINDS, (size.batch, size.context + 1))
    return text[:, :-1].copy(), text[:, 1:].copy()


def loss_of(library: Any, net: Any, x: Any, y: Any) -> Any:
    return library.nn.functional.cross_entropy(net(x).reshape(-1, KINDS), y.reshape(-1))


QUESTION = model_question(
    "Training step of a tiny GPT",
    SIZES,
    model,
    batch,
    loss_of,
    bars=dict(zip(SIZES, [(2.0, 1.2), (1.0, 1.0)])),
)

if __name__ == "__main__":
    main(QUESTION)
