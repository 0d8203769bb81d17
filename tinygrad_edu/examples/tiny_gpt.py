"""A tiny GPT writes Shakespeare, one character after the other: attention from linear layers alone.

The decoder of Radford et al. (2018) as Karpathy's lecture builds it: blocks of causal self-attention and an MLP, each
added to what goes past it. Four blocks, 64 wide, see 32 characters.
Result with seed 0: the loss falls from 4.1 to 1.8 nats a character in 1000 steps, and is 1.9 on text held back.
"""

from __future__ import annotations

from pathlib import Path

import tinygrad_edu as torch
from tinygrad_edu import Tensor, nn, optim
from tinygrad_edu.datasets import Shakespeare
from tinygrad_edu.nn import functional as F
from tinygrad_edu.viz import plot_loss

BLOCKS, HEADS, WIDTH, CONTEXT = 4, 4, 64, 32


class SelfAttention(nn.Module):
    """Every place looks at itself and at the places before: (N, L, WIDTH) to the same shape."""

    def __init__(self) -> None:
        super().__init__()
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.projection = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("past", torch.tril(torch.ones(CONTEXT, CONTEXT)) == 1)

    def forward(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        parts = self.query_key_value(x).view(n, length, 3, HEADS, WIDTH // HEADS)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # each (n, heads, length, width of a head)
        scores = q @ k.transpose(-2, -1) / (WIDTH // HEADS) ** 0.5
        scores = scores.masked_fill(~self.past[:length, :length], float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return self.projection(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """`x + attention(norm(x))` between the places, then `x + mlp(norm(x))` at every place."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(WIDTH), SelfAttention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.ReLU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Character numbers (N, L) to logits of the next ones (N, L, characters)."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(characters, WIDTH)
        self.position_embedding = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, characters)
        self.apply(self._begin_small)

    def _begin_small(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        places = torch.arange(x.shape[1])
        x = self.token_embedding(x) + self.position_embedding(places)
        return self.head(self.norm(self.blocks(x)))


def loss_of(model: GPT, x: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy, in nats a character."""
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())


def write(model: GPT, start: Tensor, count: int) -> Tensor:
    """`start` (1, L) and `count` more characters, each drawn from what the model expects."""
    model.eval()
    with torch.no_grad():
        for _ in range(count):
            logits = model(start[:, -CONTEXT:])[:, -1]
            start = torch.cat([start, torch.multinomial(F.softmax(logits, dim=-1), 1)], dim=1)
    model.train()
    return start


def main(
    steps: int = 1000, seed: int = 0, out: Path | None = None, batch_size: int = 16, length: int = 400
) -> float:
    """Train, print what the model writes; returns the loss of the text held back, in nats a character."""
    torch.manual_seed(seed)
    text, held_back = Shakespeare(CONTEXT, train=True), Shakespeare(CONTEXT, train=False)
    model = GPT(len(text.characters)).float()  # float32, the default of PyTorch
    optimizer = optim.AdamW(model.parameters(), lr=3e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=3e-4)
    losses = []
    for step in range(steps):
        x, y = text[torch.randint(0, len(text), (batch_size,))]
        optimizer.zero_grad()
        loss = loss_of(model, x, y)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step:4}: loss {losses[-1]:.4f}")

    x, y = held_back[::CONTEXT]
    with torch.no_grad():
        held_loss = loss_of(model, x, y).item()
    print(text.decode(write(model, torch.tensor([text.encode("\n")]), length)[0]))
    print(f"Result: {held_loss:.3f} nats a character on text held back")
    if out:
        plot_loss(losses).savefig(out / "loss.png")
    return held_loss


if __name__ == "__main__":
    main()
