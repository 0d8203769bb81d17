"""`why_no_grad`: why a tensor gets no gradient from a loss, in a sentence, with the line that is to blame."""

from __future__ import annotations

import sys
from reprlib import repr as short
from typing import Any, Literal

from tinygrad_edu.engine import detachment
from tinygrad_edu.engine.call_site import line_of, variable_name
from tinygrad_edu.engine.detachment import COPY, DETACH, NO_GRAD, RELEASE
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.why import routes
from tinygrad_edu.hints.growing_graph import is_update
from tinygrad_edu.nn import Module
from tinygrad_edu.ops import elementwise, reduce, softmax
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.tensor.tensor import Tensor

_SATURATING = (elementwise.sigmoid, elementwise.tanh, softmax.softmax)
_UPDATE = "write with no_grad(): w -= lr * w.grad, which changes the numbers and keeps the tensor, or use SGD"


Cause = Literal[
    "gets gradient",
    "is the loss",
    "not called",
    "zeroed",
    "zero",
    "replaced",
    "no requires_grad",
    "cut",
    "perhaps cut",
    "not used",
    "no rule",
    "switched on",
    "a number",
]


class Answer:
    """The `cause` of a missing gradient, or that there is a gradient. `text` is the printed sentence."""

    def __init__(self, who: str, cause: Cause, text: str) -> None:
        self.who = who
        self.cause = cause
        self.text = f"{who}: {text}{'' if text.endswith(('.', '?')) else '.'}"

    def __repr__(self) -> str:
        return self.text


class Answers(dict[str, Answer]):
    """The answers for the parameters of a module by path. Parameters with the same answer share a line."""

    def __repr__(self) -> str:
        lines: dict[str, list[str]] = {}
        for path, answer in self.items():
            lines.setdefault(answer.text.removeprefix(f"{answer.who}: "), []).append(path)
        return "\n".join(f"{', '.join(paths)}: {text}" for text, paths in lines.items())


def why_no_grad(loss: Any, W: Any, name: str | None = None) -> Answer | Answers:
    """The reason why `W` gets no gradient from `loss`, or that it does. No `.grad` is touched.

    `W` is a Tensor, called `name` or as the caller calls it, or a module: then `name` is the path of one parameter, and
    without it there is an answer for each. Raises `TypeError` for anything else, and `ValueError` if the module has no
    such parameter.
    """
    if isinstance(W, Module):
        parameters = dict(type(W).named_parameters(W))
        if name is None:
            return Answers({path: _answer(loss, p, path) for path, p in parameters.items()})
        if name not in parameters:
            raise ValueError(
                f"why_no_grad needs the path of a parameter, got {name!r}; there are {', '.join(parameters)}"
            )
        return _answer(loss, parameters[name], name)
    if not isinstance(W, Tensor):
        raise TypeError(f"why_no_grad needs a Tensor or a module as W, got {type(W).__name__} {short(W)}")
    return _answer(loss, W, name or W.name or variable_name(W, sys._getframe(1)) or "W")


def _answer(loss: Any, w: Tensor, who: str) -> Answer:
    if not isinstance(loss, Tensor):
        return Answer(
            who,
            "a number",
            f"no gradient. The loss is a plain {type(loss).__name__}, which remembers nothing. Keep the Tensor: call "
            "backward() on it before .item(), float() or .numpy()",
        )
    if not w.requires_grad:
        return _constant(w, who)
    if w is loss and w.operation is None:
        return Answer(who, "is the loss", "is the loss itself, a leaf. backward() gives it the gradient 1")
    grads = gradients_of(loss) if loss.requires_grad else {}
    if w in grads:
        return _reached(loss, w, who, grads)
    return (
        _switched_on(loss, who)
        if loss.operation is None and loss.requires_grad
        else _not_reached(loss, w, who)
    )


def _switched_on(loss: Tensor, who: str) -> Answer:
    before = f" ({detachment.described(loss.detachment)})" if loss.detachment else ""
    return Answer(
        who,
        "switched on",
        "no gradient. The loss is a leaf: requires_grad=True was set on the finished number, which does not bring "
        f"back how it was computed{before}. Leave that line out and mend the cut",
    )


def _reached(loss: Tensor, w: Tensor, who: str, grads: dict[Any, Any]) -> Answer:
    """The answer if there is a way from the loss to `w`, on which the gradient may have become zero."""
    way = f"Looking backward from the loss: {routes.chain(routes.behind(loss), w, who)}"
    if is_update(w):
        return Answer(
            who,
            "replaced",
            f"the result of a subtraction at {line_of(w.call_site)}, no longer the leaf you created. "
            f"It gets a gradient, but remembers every step and is not what an optimizer holds. If that line is an "
            f"update, {_UPDATE}",
        )
    if not grads[w].any():
        return Answer(who, "zero", f"a gradient of exactly zero. {_why_zero(loss, w, grads)} {way}")
    if w.raw_grad() is None:
        return Answer(who, "not called", f"no gradient yet. {way}; call loss.backward()")
    if not w.raw_grad().any():
        return Answer(
            who, "zeroed", f"gradient overwritten with zeros, after backward() or before it was called. {way}"
        )
    return Answer(who, "gets gradient", f"gets a gradient, of shape {w.shape}. {way}")


def _why_zero(loss: Tensor, w: Tensor, grads: dict[Any, Any]) -> str:
    node = routes.zero_at(loss, w, grads)
    if node is None or node.operation is None:
        return "The shares of its uses cancel."
    operation, where = node.operation, line_of(node.call_site)
    if operation is elementwise.relu:
        return (
            f"Every number that relu at {where} takes is 0 or less, where its derivative is 0: the units are dead. "
            "Try other starting weights, a smaller learning rate or another activation."
        )
    if operation in _SATURATING:
        return f"{operation.name} at {where} is saturated: its result is so near its limit that the derivative is 0."
    if operation.rules[0] in (elementwise.flat, elementwise.flat_of_two):
        return f"{operation.name} at {where} is a step: its derivative is 0 everywhere. Use something smooth."
    return f"{operation.name} at {where} hands on only zeros: its derivative is 0 at these numbers."


def _constant(w: Tensor, who: str) -> Answer:
    if w.detachment is None:
        return Answer(
            who,
            "no requires_grad",
            "no gradient. Its requires_grad is False, so it counts as a constant. Create it with requires_grad=True, "
            "or call requires_grad_() before the loss is computed",
        )
    by, place, _, since = w.detachment
    if by == NO_GRAD and list(since) == [elementwise.subtract]:
        return Answer(who, "replaced", _replaced(place))
    return Answer(
        who,
        "cut",
        f"no gradient. It has no history itself: {detachment.described(w.detachment)}. {_advice(w.detachment)}",
    )


def _replaced(place: Any) -> str:
    return (
        f"no gradient. A subtraction inside no_grad() at {line_of(place)} made a new tensor in place of it, which "
        f"needs no gradient. If that line is an update, {_UPDATE}"
    )


def _not_reached(loss: Tensor, w: Tensor, who: str) -> Answer:
    users = routes.behind(loss)
    if w in users:
        return Answer(
            who,
            "no rule",
            "no gradient. It only decides which numbers are taken, and that has no derivative. Looking backward from "
            f"the loss: {routes.chain(users, w, who)}",
        )
    ends = [(routes.comes_from(cut, w), cut, way) for cut, way in routes.cut_ends(loss, users)]
    for known in (True, None):
        for found, cut, way in ends:
            if found is known:
                text = f"Looking backward from the loss: {way}. {_advice(cut)}"
                return _cut_off(w, who, cut, text) if known else _perhaps_cut_off(who, cut, text)
    return _not_used(users, w, who)


def _cut_off(w: Tensor, who: str, cut: detachment.Detachment, look: str) -> Answer:
    by, place, source, since = cut
    if by == NO_GRAD and source() is w and since[0] is elementwise.subtract:
        return Answer(who, "replaced", _replaced(place))
    return Answer(who, "cut", f"no gradient: {detachment.described((by, place, source, ()))}. {look}")


def _perhaps_cut_off(who: str, cut: detachment.Detachment, look: str) -> Answer:
    """The answer if the tensors before the cut are gone, `w` perhaps among them, or the graph was released."""
    what = detachment.described((*cut[:3], ()))
    if cut[0] == RELEASE:
        return Answer(who, "cut", f"no gradient: {what}. {_advice(cut)}")
    return Answer(
        who,
        "perhaps cut",
        f"no gradient. It is not among what the loss still remembers, and {what}: if it was used before, that is why. "
        f"{look}",
    )


def _advice(cut: detachment.Detachment) -> str:
    by = cut[0]
    if not isinstance(by, Operation):
        return _WITHOUT[by]
    if by is DETACH:
        return "Leave detach() (or .data) out if gradients shall pass"
    if by in (reduce.argmax, reduce.argmin):
        return "Compute the loss from the scores themselves, as cross_entropy does"
    return f"{by.name} is a step: small changes of its input change nothing. Use something smooth"


_WITHOUT = {
    NO_GRAD: "Compute it outside no_grad()",
    COPY: "tensor(x) copies the numbers only: use x itself, and stack or cat for several",
    RELEASE: "Leave retain_graph=False out, or compute the loss again",
}


def _not_used(users: dict[Any, Any], w: Tensor, who: str) -> Answer:
    leaves = [x.described() for x in users if x.operation is None and x.requires_grad]
    seen = (
        f"It was computed from {', '.join(leaves[:4])}{' and others' * (len(leaves) > 4)}" if leaves else ""
    )
    twin = any(x is not w and x.name == w.name and w.name and x.raw.shape == w.raw.shape for x in users)
    hint = "One of them has the same name and shape: was this one made anew since?" if twin else _LOST
    text = seen or "Nothing that it was computed from has requires_grad=True"
    return Answer(who, "not used", f"no gradient. The loss does not depend on it. {text}. {hint}")


_LOST = (
    "Was it used at all? What goes through .item(), float() or .numpy() is a plain number and remembers nothing, and "
    "requires_grad_() after the loss was computed comes too late"
)
