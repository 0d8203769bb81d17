from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.viz.drawing.colours import THEMES, cell_colours, contrast
from tinygrad_edu.viz.drawing.number_cells import cells_of

READABLE = 4.5  # WCAG 2, level AA


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("is_gradient", [False, True])
@given(x=st.floats(-1, 1))
def test_the_number_in_every_cell_can_be_read(theme, is_gradient, x):
    (first, _), *_ = cell_colours(cells_of(np.array([x, 1.0])), theme, is_gradient=is_gradient)

    assert contrast(first[1], first[2]) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("part", ["ink", "soft", "local", "backward"])
def test_every_text_can_be_read(theme, part):
    assert contrast(getattr(theme, part), theme.page) >= READABLE
    assert contrast(getattr(theme, part), theme.card) >= READABLE


def test_sign_and_kind_of_a_number_are_seen_in_its_colour():
    theme, cells = THEMES["light"], cells_of(np.array([-1.0, 0.0, 1.0]))

    fills = [cell[1] for g in (False, True) for cell in cell_colours(cells, theme, is_gradient=g)[0]]

    assert len(set(fills)) == 5  # both scales have the same zero


def test_not_a_number_looks_like_nothing_else():
    theme = THEMES["light"]

    row = cell_colours(cells_of(np.array([np.nan, np.inf, 1.0])), theme, is_gradient=False)[0]

    assert [cell[1:] for cell in row[:2]] == [theme.strange] * 2
    assert row[2][1:] != theme.strange
