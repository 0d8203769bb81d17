"""When numbers fit."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.explanation.diagnosis.mistakes.constants import Constant


def test_a_prediction_that_leaves_a_number_open_may_be_multiplied_by_a_constant():
    e = Evidence(np.array([50.0, -2.0, 4.0]), np.ones(3), np.full(3, 0.01))
    minus = Constant(-1.0, "-1", "sign-lost", 1, "")

    assert e.times(np.array([[np.nan, 2.0, -4.0], [1.0, 2.0, -4.0]]), [minus]) == [(0, minus)]
