"""Cases of windows."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.pytorch.case import case, refused
from tests.pytorch.cases.creation import options

LENGTHS = st.integers(0, 9)
SETTINGS = {
    "bartlett": {}, "blackman": {}, "cosine": {}, "hamming": {}, "hann": {}, "nuttall": {},
    "exponential": {"tau": 0.7}, "gaussian": {"std": 1.3}, "kaiser": {"beta": 2.5},
    "general_cosine": {"a": [0.4, 0.5, 0.1]}, "general_hamming": {"alpha": 0.3},
}  # fmt: skip


def _windows():
    for name, settings in SETTINGS.items():

        @case(f"signal.windows.{name}", derivatives=0)
        def _(draw, settings=settings):
            kwargs = options(draw, ["float64", "float32"])
            kwargs.pop("pin_memory", None)
            return [draw(LENGTHS)], settings | kwargs | {"sym": draw(st.booleans())}

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
# fmt: off
refused("signal.windows.hann", lambda torch: torch.signal.windows.hann(-1), r"a window needs sizes of 0 or more")
refused("signal.windows.hann", lambda torch: torch.signal.windows.hann(3, dtype=torch.int64), "needs a floating dtype")
refused("signal.windows.hann", lambda torch: torch.signal.windows.hann(3, dtype=torch.half), "needs float32 or float64")
refused("signal.windows.gaussian", lambda torch: torch.signal.windows.gaussian(3, std=0), "std above 0, got 0")
refused("signal.windows.exponential", lambda torch: torch.signal.windows.exponential(3, tau=0), "tau above 0, got 0")
refused("signal.windows.exponential", lambda torch: torch.signal.windows.exponential(3, center=1), "needs sym=False")
refused("signal.windows.kaiser", lambda torch: torch.signal.windows.kaiser(3, beta=-1), "beta of 0 or more, got -1")
refused("signal.windows.general_cosine", lambda torch: torch.signal.windows.general_cosine(3, a=[]), "one number or")
# fmt: on
