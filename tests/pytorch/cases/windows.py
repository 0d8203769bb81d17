"""Cases of windows."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.pytorch.case import case, refused
from tests.pytorch.cases.creation import options

LENGTHS = st.integers(0, 9)


def _windows():
    for name, setting in {
        "bartlett": [],
        "blackman": [],
        "hann": [],
        "hamming": [0.5, 0.4],
        "kaiser": [3.0],
    }.items():

        @case(f"{name}_window", derivatives=0)
        def _(draw, setting=setting):
            return [draw(LENGTHS), draw(st.booleans()), *setting], options(draw, ["float64", "float32"])


_windows()
refused("hann_window", lambda torch: torch.hann_window(-1), "a window needs sizes of 0 or more")
refused("hann_window", lambda torch: torch.hann_window(3, dtype=torch.int64), "needs a floating dtype")
