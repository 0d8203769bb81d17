"""Data of a page as its script reads them."""

from __future__ import annotations

import json
import math
from typing import Any


def json_number(x: Any) -> Any:
    """`x` for JSON, which knows no NaN and no infinity: these as texts that a script reads by `Number(text)`."""
    x = float(x)
    if math.isfinite(x):
        return int(x) if x == int(x) and abs(x) < 2**53 else x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def for_script(data: Any) -> str:
    """`data` as JSON that nobody can take for the end of a script."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
