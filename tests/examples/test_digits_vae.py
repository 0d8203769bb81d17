from __future__ import annotations

import math

import pytest

import tinygrad_edu as torch
from tinygrad_edu.examples import digits_vae

pytest.importorskip("sklearn")


@pytest.mark.slow
def test_two_epochs_lower_the_bound(tmp_path, capsys):
    loss = digits_vae.main(epochs=2, out=tmp_path)

    assert loss < 64 * math.log(2) * 0.8  # logits of 0, and every point drawn from N(0, 1)
    assert f"Result: {loss:.2f} nats an image" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["drawn.png", "loss.png", "plane.png"]


def test_the_bound_of_an_encoder_that_says_nothing_is_the_loss_of_the_pixels():
    nothing = torch.zeros(3, 2)

    bound = digits_vae.bound(torch.rand(3, 64), torch.zeros(3, 64), nothing, nothing)

    assert bound.item() == pytest.approx(64 * math.log(2))


def test_a_point_off_the_middle_costs_half_its_square():
    nothing, logits, images = torch.zeros(1, 2), torch.zeros(1, 64), torch.zeros(1, 64)

    there = digits_vae.bound(images, logits, torch.tensor([[3.0, 4.0]]), nothing)
    middle = digits_vae.bound(images, logits, nothing, nothing)

    assert (there - middle).item() == pytest.approx(12.5)
