"""However the code of a step is written, what it reads by name is found."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.plan import capture


def test_an_empty_tuple_in_the_step_is_no_name():
    plan = capture(lambda x: x.sum().reshape(()))

    assert [plan(np.ones(3)).item() for _ in range(4)] == [3, 3, 3, 3]
