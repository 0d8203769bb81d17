from __future__ import annotations

import pytest

import tinygrad_edu as torch
from tinygrad_edu.examples import digits_gan

pytest.importorskip("sklearn")


@pytest.mark.slow
def test_drawn_images_come_nearer_to_real_ones_than_random_pixels_are(tmp_path, capsys):
    distance, kinds = digits_gan.main(epochs=3, out=tmp_path)

    assert distance < 3.2  # random pixels: 3.5
    assert 1 <= kinds <= 10
    assert "Result: " in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["drawn.png", "loss.png"]


def test_the_nearest_images_name_their_digits():
    real = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])

    distance, kinds = digits_gan.nearest(real[:2] + 0.0, real, torch.tensor([7, 7, 1]))

    assert distance == pytest.approx(0, abs=1e-7)
    assert kinds == 1
