"""Python reports its calls: how a step on Values is seen at what it does without saying so."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Self


class Profile:
    """A `with` block in which Python tells `note` of every call and return; who listened before goes on after it."""

    def __enter__(self) -> Self:
        self._before: Any = sys.getprofile()
        sys.setprofile(self.note)
        return self

    def __exit__(self, *error: object) -> None:
        if hasattr(self._before, "enable"):  # cProfile's own, which is no function
            self._before.enable()
        else:
            sys.setprofile(self._before)

    def note(self, frame: FrameType, event: str, result: Any) -> None:
        """One call or return."""
        raise NotImplementedError
