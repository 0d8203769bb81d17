"""Names for the parts of a formula that is too long for a line: 2 s ⊙ (s − Σ s²) with s = softmax(z)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from tinygrad_edu.ops.shape import expand, reshape
from tinygrad_edu.symbolic.expression import Expression, inside_out, rebuilt, symbol, with_inputs
from tinygrad_edu.symbolic.writers.text_writer import Text, text

MAX_SIGNS = 100  # of a line
_SHORTEST = 6  # signs of a part that gets a name
_MOST = 12  # parts of one formula


class Part(NamedTuple):
    """A part of a formula under a name of its own."""

    name: Expression
    formula: Expression


def with_named_parts(
    formula: Expression, name_for: Callable[[str], str], signs: int = MAX_SIGNS
) -> tuple[Expression, list[Part]]:
    """`formula` in at most about so many `signs`, and the parts that it names, in the order of their first use.

    `name_for` gives a free name for the text of a part. The part that shortens the formula most is named first.
    """
    parts: list[Part] = []
    waiting = [formula]
    done: list[Expression] = []
    while waiting:
        line = waiting.pop(0)
        while len(text(line)) > signs and len(parts) < _MOST:
            chosen = _part(line, signs)
            if chosen is None:
                break
            name = symbol(name_for(text(chosen)), chosen.shape)
            parts.append(Part(name, chosen))
            line = _named(line, text(chosen), name)
            done = [_named(other, text(chosen), name) for other in done]
            waiting = [*(_named(other, text(chosen), name) for other in waiting), chosen]
        done.append(line)
    return done[0], [Part(part.name, line) for part, line in zip(parts, done[1:], strict=True)]


def _texts(root: Expression) -> dict[Expression, str]:
    """The text of every part of `root`."""
    pieces: dict[Expression, Any] = {}
    rebuilt(root, Text()._node, pieces)
    return {node: piece.text for node, piece in pieces.items()}


def _part(root: Expression, signs: int) -> Expression | None:
    """The part whose name shortens `root` most; of parts written once, the longest that fits into a line."""
    texts = _texts(root)
    times = _times_written(root)
    counts: Counter[str] = Counter()
    nodes: dict[str, Expression] = {}
    for node, count in times.items():
        if node is root or node.operation is None or len(texts[node]) < _SHORTEST:
            continue
        if not _depends_on_shape(node) or text(node) == texts[node]:
            counts[texts[node]] += count
            nodes[texts[node]] = node
    written = {words: count * (len(words) - 1) for words, count in counts.items()}
    repeated = [words for words, count in counts.items() if count > 1 and written[words] > len(words) + 8]
    if repeated:
        return nodes[max(repeated, key=lambda words: written[words] - len(words))]
    fitting = [words for words in counts if len(words) <= signs] or [*counts]
    return nodes[max(fitting, key=len)] if fitting else None


def _depends_on_shape(node: Expression) -> bool:
    """True if the whole formula of a name may leave out what a part says of dimensions of size 1."""
    return node.operation in (reshape, expand) or node.settings.get("keepdim") is False


def _times_written(root: Expression) -> Counter[Expression]:
    """How often every part is written in `root`."""
    times: Counter[Expression] = Counter({root: 1})
    for node in reversed(inside_out(root)):
        for x in node.inputs:
            if isinstance(x, Expression):
                times[x] += times[node]
    return times


def _named(root: Expression, words: str, name: Expression) -> Expression:
    """`root` with `name` for every part that is written as `words`."""
    by = {
        node: name for node, written in _texts(root).items() if written == words and node.shape == name.shape
    }
    result: Expression = rebuilt(root, with_inputs, dict(by))
    return result
