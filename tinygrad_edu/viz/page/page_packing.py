"""Large pages packed: picture, names and data as one compressed text, which a short script unpacks again."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping

PACKED_FROM = 300_000  # characters of picture, names and data
PARTS = ("picture", "names", "data")


def packed(parts: Mapping[str, str], unpack: str) -> dict[str, str]:
    """`parts` of a page as they are, or with the first three packed and `unpack` as the script that begins.

    The other script stands in the page as a text then, and runs when all is in its place.
    """
    if sum(len(parts[name]) for name in PARTS) < PACKED_FROM:
        return {**parts, "packed": ""}
    text = json.dumps({name: parts[name] for name in PARTS}, ensure_ascii=False)
    content = base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode()
    block = f'<script type="text/plain" id="packed">{content}</script>'
    code = f'<script type="text/plain" id="code">{parts["script"]}</script>'
    return {**parts, **dict.fromkeys(PARTS, ""), "script": unpack, "packed": f"{block}\n{code}"}
