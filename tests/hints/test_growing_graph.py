"""Graphs that grow from step to step, or are never freed: told, with the line that keeps them."""

from __future__ import annotations

import pytest

from tinygrad_edu import tensor
from tinygrad_edu.hints.warnings import GrowingGraphWarning


def test_an_update_that_makes_a_new_tensor_is_told_soon():
    def run():
        w = tensor([1.0], requires_grad=True)
        for _ in range(39):
            (w * w).sum().backward()
            w = w - 0.1 * w.grad

    with pytest.warns(
        GrowingGraphWarning, match=r"each subtract at .* remembers the one before; write with no_g"
    ):
        run()


def test_a_total_that_keeps_every_graph_is_told():
    w = tensor([1.0], requires_grad=True)

    def run():
        total = 0
        for _ in range(300):
            total = total + (w * w).sum()
            total.backward()

    with pytest.warns(GrowingGraphWarning, match=r"total \+= loss.item\(\)|item"):
        run()
