"""A variational autoencoder puts handwritten digits on a plane, and draws new ones from points of the plane.

The encoder says where on the plane an image lies, as a Gaussian; the decoder draws the image from a point of it. The
loss is an upper bound of -log p(image), in nats. Source: Kingma & Welling, Auto-Encoding Variational Bayes (2014).
Result with seed 0: 24.8 nats an image on the test images after 60 epochs.
"""

from __future__ import annotations

from pathlib import Path

import tinygrad_edu as torch
from tinygrad_edu import Tensor, nn, optim
from tinygrad_edu.datasets import digits
from tinygrad_edu.examples.image_sheet import save_sheet
from tinygrad_edu.nn import functional as F
from tinygrad_edu.utils.data import DataLoader
from tinygrad_edu.viz import plot_loss


class VAE(nn.Module):
    """Images (N, 64) to logits of their pixels (N, 64), by way of one point of the plane each."""

    def __init__(self, hidden: int = 128) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, 2)
        self.log_variance = nn.Linear(hidden, 2)
        self.decoder = nn.Sequential(
            *(nn.Linear(2, hidden), nn.ReLU()),
            *(nn.Linear(hidden, hidden), nn.ReLU()),
            nn.Linear(hidden, 64),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encode(x)
        noise = torch.randn_like(mean)  # drawn outside of what is differentiated
        return self.decoder(mean + torch.exp(log_variance / 2) * noise), mean, log_variance


def bound(x: Tensor, logits: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Cross-entropy of the pixels plus KL(N(mean, variance) || N(0, 1)), in nats an image."""
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
    return (pixels + divergence) / len(x)


def save_plane(model: VAE, images: Tensor, labels: Tensor, path: Path) -> None:
    """Where the encoder puts the images, coloured by digit."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    with torch.no_grad():
        mean, _ = model.encode(images)
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.add_subplot()
    for k in range(10):
        x, y = mean[labels == k].T.numpy()
        axes.scatter(x, y, s=8, label=str(k))
    axes.legend(title="digit", loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path)


def drawn_plane(model: VAE, side: int = 16, reach: float = 2.0) -> Tensor:
    """What the decoder draws on a grid of points from -reach to reach, row by row from the top: (N, 8, 8)."""
    line = torch.linspace(-reach, reach, side).float()
    points = torch.cartesian_prod(line.flip(0), line).flip(1)
    with torch.no_grad():
        return model.decoder(points).sigmoid().view(-1, 8, 8)


def main(epochs: int = 60, seed: int = 0, out: Path | None = None) -> float:
    """Train, draw the plane; returns the loss of the test images, in nats an image."""
    torch.manual_seed(seed)
    loader = DataLoader(digits(train=True), batch_size=64, shuffle=True)
    model = VAE().float()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for images, _ in loader:
            x = images.flatten(1).float()
            optimizer.zero_grad()
            loss = bound(x, *model(x))
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(loader))
        if epoch % 10 == 9 or epoch == epochs - 1:
            print(f"epoch {epoch + 1:2}: loss {losses[-1]:.3f}")

    images, labels = digits(train=False)[:]
    x = images.flatten(1).float()
    with torch.no_grad():
        test_loss = bound(x, *model(x)).item()
    print(f"Result: {test_loss:.2f} nats an image on the test images")
    if out:
        plot_loss(losses).savefig(out / "loss.png")
        save_plane(model, x, labels, out / "plane.png")
        save_sheet(drawn_plane(model), 16, out / "drawn.png")
    return test_loss


if __name__ == "__main__":
    main()
