from __future__ import annotations

import matplotlib.image
import numpy as np

import tinygrad_edu as torch
from tinygrad_edu.examples.image_sheet import save_sheet


def test_a_sheet_has_a_picture_for_each_place(tmp_path):
    black, white = torch.ones(8, 8), torch.zeros(8, 8)

    save_sheet(torch.stack([black, white, white, black, black]), 2, tmp_path / "sheet.png")

    picture = matplotlib.image.imread(tmp_path / "sheet.png")[..., 0]
    half = len(picture) // 2
    quarters = [picture[:half, :half], picture[:half, half:], picture[half:, :half], picture[half:, half:]]
    assert [np.mean(quarter) < 0.6 for quarter in quarters] == [True, False, False, True]
