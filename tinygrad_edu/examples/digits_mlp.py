"""Handwritten digits read by a multilayer perceptron, written with `nn` only.

The images, 8 x 8 pixels each, are those of the UCI repository that scikit-learn brings.
Result with seed 0: 98.06 % of 360 test images after 20 epochs.
"""

from __future__ import annotations

from pathlib import Path

import tinygrad_edu as torch
from tinygrad_edu import nn, optim
from tinygrad_edu.datasets import digits
from tinygrad_edu.utils.data import DataLoader
from tinygrad_edu.viz import plot_loss


def accuracy(net: nn.Module, loader: DataLoader) -> float:
    """The share of images whose greatest logit is that of the right digit."""
    right = 0
    with torch.no_grad():
        for images, labels in loader:
            right += (net(images).argmax(dim=1) == labels).sum().item()
    return right / len(loader.dataset)


def main(epochs: int = 20, seed: int = 0, out: Path | None = None) -> float:
    """Train, print the test accuracy after each epoch; returns the last one."""
    torch.manual_seed(seed)
    train_loader = DataLoader(digits(train=True), batch_size=32, shuffle=True)
    test_loader = DataLoader(digits(train=False), batch_size=360)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    loss_function = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    losses, share = [], 0.0
    for epoch in range(epochs):
        total = 0.0
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = loss_function(net(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(train_loader))
        share = accuracy(net, test_loader)
        print(f"epoch {epoch + 1:2}: loss {losses[-1]:.4f}, test accuracy {share:.2%}")
    print(f"Result: {share:.2%} of the test images")
    if out:
        plot_loss(losses, log=True).savefig(out / "loss.png")
    return share


if __name__ == "__main__":
    main()
