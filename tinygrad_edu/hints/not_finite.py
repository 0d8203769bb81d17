"""The origin of nan and infinity: the first operation and number, forward; the first derivative rule, backward."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.grad_mode import current, is_walking, watch
from tinygrad_edu.engine.graph import CREATE, Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.hints.finite_advice import advice, advice_for
from tinygrad_edu.hints.hidden_infinities import finite, first_bad, hidden_cause
from tinygrad_edu.hints.warnings import NotFiniteWarning, is_told, warn
from tinygrad_edu.ops.elementwise import Elementwise

MAX_CHARACTERS = 12  # characters of a number


class Report:
    """The place where a result stopped being finite. Its text is the sentence; `node` the Tensor that began it."""

    def __init__(self, text: str, node: Any = None) -> None:
        self.text = text
        self.node = node

    def __repr__(self) -> str:
        return self.text


def where_not_finite(loss: Any) -> Report:
    """The first (oldest) nan or infinity on the way to `loss`: operation, line, element, numbers, and what to do.

    Also an infinity that became a finite number again, as in 1 / inf = 0, if what came of that is not finite; and of a
    finite loss the first derivative that is not. Raises `TypeError` unless `loss` is a Tensor.
    """
    if not isinstance(loss, Variable):
        raise TypeError(f"where_not_finite needs a Tensor, got {type(loss).__name__}")
    if finite(loss):
        return _of_gradients(loss)
    nan = bool(np.isnan(loss.raw).any())
    birth = _oldest(loss, np.isnan if nan else _not_finite)
    origin = _oldest(birth, _not_finite) if nan else birth
    hidden = hidden_cause(origin)
    birth, origin = (birth, origin) if hidden is None else (origin, hidden)
    begun_before = origin is not birth and origin.operation is not None
    origin = origin if begun_before else birth
    sentences = [f"First number that is not finite: {_computed(origin)}.", _sources(origin)]
    if begun_before:
        made = birth.raw[first_bad(birth.raw)]
        sentences.append(f"From it {made} was made: {_computed(birth)}.")
    return Report(" ".join(filter(None, [*sentences, advice(origin, loss)])), origin)


def _of_gradients(loss: Variable) -> Report:
    """The report on a loss whose numbers are finite: the first derivative that is not, and what came of it."""
    found: list[tuple[Variable, Any, Any]] = []

    def noted(node: Variable, g: Any) -> list[tuple[Variable, Any]]:
        shares = node.shares(g)
        found.extend((node, g, share) for _, share in shares if not finite(share))
        return shares

    with np.errstate(all="ignore"):
        if loss.requires_grad:
            accumulate(newest_first(loss), {loss: np.ones_like(loss.raw)}, noted)
    if not found:
        return Report("every number of it is finite, and so is its gradient")
    node, g, share = found[0]
    sentences = [f"Every number of it is finite, but not its gradient: {_rule(node, g, share)}."]
    later = next((node for node, _, share in found if np.isnan(share).any()), None)
    if later is not None and not np.isnan(share).any():
        sentences.append(
            f"From it nan was made, as 0 · inf is nan, in the derivative rule of {later.operation.name} "  # type: ignore[union-attr]
            f"at {line_of(later.call_site)}."
        )
    return Report(" ".join(sentences), node)


def warn_not_finite(loss: Variable) -> None:
    """Say where the nan or infinity in `loss` came from, once for the line that calls."""
    if not is_told(NotFiniteWarning):
        warn(NotFiniteWarning, f"the loss is {loss.raw.item()}. {where_not_finite(loss)}")


class check_finite(watch):  # noqa: N801 - read as a verb: with check_finite(): ...
    """`with check_finite():` raises `FloatingPointError` at the first result, or gradient, that is not finite.

    The message names the operation, its line, the element and the numbers that met there. For a gradient it is the
    operation whose derivative rule made it, such as sqrt at 0, before any `.grad` is touched. Also a decorator.
    """

    error: type[Exception] = FloatingPointError
    forward = True  # whether results are looked at, and not only gradients
    _bad = staticmethod(lambda raw: ~np.isfinite(raw))

    def __init__(self) -> None:
        super().__init__(self._look)

    def _look(self, operation: Operation, inputs: tuple[Any, ...], _settings: Any, result: Any) -> None:
        if (
            not self.forward
            or result is None
            or operation in (ASSIGN, CREATE)
            or is_walking()
            or finite(result)
        ):
            return
        if all(map(finite, inputs)):
            values = [getattr(x, "raw", x) for x in inputs]
            numbers = _element(operation, values, result.raw)
            what_to_do = advice_for(operation, values, inputs, result.raw)
            raise FloatingPointError(
                f"check_finite found the first number that is not finite: {operation.name} at "
                f"{line_of(current_call_site())}, {numbers}. {what_to_do}".rstrip()
            )


def check_walk(result: Variable, gradient: Variable) -> None:
    """Inside `check_finite`, raise `FloatingPointError` if a rule is about to make a gradient that is not finite."""
    block = next((block for block in reversed(current().blocks) if isinstance(block, check_finite)), None)
    if block is None:
        return
    if not finite(result) and block.forward:
        raise FloatingPointError(f"check_finite found a loss of {result.raw}. {where_not_finite(result)}")

    def checked(node: Variable, g: Any) -> list[tuple[Variable, Any]]:
        found = node.shares(g)
        for _, share in found:
            if block._bad(share).any():
                found_first = f"found the first gradient that is not finite: {_rule(node, g, share)}"
                raise block.error(f"{type(block).__name__} {found_first}")
        return found

    with np.errstate(all="ignore"):
        accumulate(newest_first(result), {result: gradient.raw}, checked)


def _rule(node: Variable, g: Any, share: Any) -> str:
    """The sentence about a rule that turned a finite gradient into one that is not."""
    place = first_bad(share)
    operation, values = node.operation, _operands(node)
    assert operation is not None
    text = f"the derivative rule of {operation.name} at {line_of(node.call_site)} made it, {_at(place)}{share[place]}"
    if isinstance(operation, Elementwise) and share.shape == node.raw.shape:
        upstream = np.broadcast_to(g, share.shape)[place]
        zero = " (0 · inf is nan)" if upstream == 0 and np.isnan(share[place]) else ""
        text += f" from {upstream:.6g}{zero}, where {_equation(operation, values, place, node.raw)}"
    slope = operation.readings.slope_advice or "the derivative there is too large for a float"
    return f"{text}; {slope}"


def _not_finite(raw: Any) -> Any:
    return ~np.isfinite(raw)


def _oldest(result: Variable, bad: Any) -> Variable:
    """The oldest Variable that is `bad` though its inputs are not, of those that made `result` bad."""
    waiting, found, seen = [result], [], {result}
    for node in waiting:  # grows as it goes
        guilty = [x for x in node.inputs if isinstance(x, Variable) and bad(x.raw).any()]
        waiting += [x for x in guilty if x not in seen and not seen.add(x)]  # type: ignore[func-returns-value]
        if not guilty:
            found.append(node)
    return min(found, key=lambda node: node.serial)


def _operands(node: Variable) -> list[Any]:
    return [getattr(x, "raw", x) for x in node.inputs]


def _computed(node: Variable) -> str:
    """`log at train.py:14, element [3, 1]: log(0.0) = -inf`; for a leaf, which one, and since when."""
    if node.operation is not None:
        element = _element(node.operation, _operands(node), node.raw)
        return f"{node.operation.name} at {line_of(node.call_site)}, {element}"
    place = first_bad(node.raw)
    text = f"{_at(place)}{node.raw[place]} in {node.described()}, which was not computed in this graph"
    if node.detachment is not None:
        text += f" (cut by {getattr(node.detachment[0], 'name', node.detachment[0])} at {line_of(node.detachment[1])})"
    if node.memory is not None and node.memory.version:
        text += f" and was last overwritten at {line_of(node.memory.call_site)}"
    return text


def _at(place: tuple[int, ...]) -> str:
    return f"element [{', '.join(map(str, place))}]: " if place else ""


def _element(operation: Operation, values: list[Any], raw: Any) -> str:
    """`element [3, 1]: log(0.0) = -inf`, or how large the inputs were, if it is more than arithmetic."""
    place = first_bad(raw := np.asarray(raw))
    if isinstance(operation, Elementwise):
        return f"{_at(place)}{_equation(operation, values, place, raw)}"
    sizes = [np.abs(x).max() for x in map(np.asarray, values) if x.size and x.dtype.kind == "f"]
    largest = f" from inputs of up to {max(sizes):.3g}" if sizes and np.isfinite(sizes).all() else ""
    return f"{_at(place)}{raw[place]}{largest or ' from inputs that are not all finite'}"


def _equation(operation: Operation, values: list[Any], place: tuple[int, ...], raw: Any) -> str:
    x = [_short(np.broadcast_to(np.asarray(v), raw.shape)[place].item()) for v in values]
    line = operation.readings.numpy
    if not isinstance(line, str) or not re.fullmatch(r"x [-+*/]+ y", line):
        line = f"{operation.name}({', '.join(operation.input_names)})"
    numbers = dict(zip(operation.input_names, x))
    left = re.sub(r"\b[a-z]\b", lambda name: numbers.get(name[0], name[0]), line)
    return f"{left} = {raw[place]}"


def _short(x: Any) -> str:
    return str(x) if len(str(x)) <= MAX_CHARACTERS else f"{x:.6g}"


def _sources(node: Variable) -> str:
    """The lines that made the inputs of `node`."""
    lines = [
        f"{repr(x.name) if x.name else 'its input'} came from {x.operation.name} at {line_of(x.call_site)}"
        for x in node.inputs
        if isinstance(x, Variable) and x.operation is not None
    ]
    text = " and ".join(dict.fromkeys(lines))
    return f"{text[0].upper()}{text[1:]}." if text else ""
