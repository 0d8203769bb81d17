"""`diagnose(loss, W1, submitted)`: which mistake was made in a gradient derived by hand.

A mistake is the graph run backward with one rule replaced. All that the catalogue knows are run and compared with what
was handed in; one is named only if it reproduces every number, and if that is no accident.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from tinygrad_edu.diagnosis.diagnosis import ArrayVerdict, Diagnosis
from tinygrad_edu.diagnosis.forward import Forward
from tinygrad_edu.diagnosis.judgement import Digits, Judgement
from tinygrad_edu.diagnosis.names import Names
from tinygrad_edu.diagnosis.pool import Pool
from tinygrad_edu.diagnosis.probe import probe
from tinygrad_edu.diagnosis.replay import Tape
from tinygrad_edu.diagnosis.rerun import rerun
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.submission import as_numbers
from tinygrad_edu.graph import Variable
from tinygrad_edu.notation import short
from tinygrad_edu.tensor import Tensor


class Suspects:
    """Every mistake that can be made in this graph, computed once: `judge` compares submissions with them.

    `wrt`: the tensors whose gradients will be asked, parameters or intermediates. The rest as in `diagnose`.
    """

    def __init__(
        self,
        loss: Tensor,
        wrt: Tensor | Iterable[Tensor] | None = None,
        *,
        names: Mapping[str, Any] | None = None,
        given: Mapping[str, Any] | None = None,
        lr: float | None = None,
        rounded: Mapping[Any, int] | None = None,
        time_limit: float | None = None,
    ) -> None:
        _check_loss(loss)
        arrays = {name: as_numbers("diagnose", name, array) for name, array in (given or {}).items()}
        self.scene = Scene(Tape(loss), Names(names), lr, arrays)
        chosen = self.scene.tape.leaves if wrt is None else [wrt] if isinstance(wrt, Tensor) else list(wrt)
        self.by_name = {self.scene.names.find(x): x for x in self.scene.tape.grads}
        self.asked = _backward_order(self.scene.tape, [self._asked(x) for x in chosen])
        self.radii = {self._asked(x): 0.5 * 10.0**-digits for x, digits in (rounded or {}).items()}
        self.time_limit = time_limit

    @cached_property
    def pool(self) -> Pool:
        """Everything that can be wrong."""
        return Pool(self.scene, self.asked, self.time_limit, self.radii)

    @cached_property
    def number(self) -> dict[Variable, int]:
        """Which array a tensor stands for, counted from 1 in the order of the way back."""
        return {x: i for i, x in enumerate(self.asked, 1)}

    def _asked(self, x: Any) -> Variable:
        found = self.by_name.get(x) if isinstance(x, str) else x
        if isinstance(found, Variable) and found in self.scene.tape.grads:
            return found
        known = ", ".join(name for name in self.by_name if name)
        who = x.described() if isinstance(x, Variable) else short(x)
        raise ValueError(
            f"diagnose needs tensors that the loss depends on, with requires_grad=True: got {who}; "
            f"it depends on {known or 'tensors without a name, so pass them themselves'}"
        )

    def called(self, x: Variable) -> str:
        """What an asked array is called in the verdict."""
        name = self.scene.names.find(x)
        return name or (f"array {self.number[x]}" if len(self.asked) > 1 else "the gradient")

    def judge(self, submitted: Any, digits: Digits = None) -> Diagnosis:
        """The diagnosis of one submission: an array, or a mapping from tensors or their names to arrays."""
        items = submitted.items() if isinstance(submitted, Mapping) else [(self.asked[0], submitted)]
        if not isinstance(submitted, Mapping) and len(self.asked) != 1:
            raise ValueError(
                f"judge needs an array for each of {len(self.asked)} tensors, got one; pass {{'W1': array, ...}}"
            )
        arrays = {self._asked(key): (key, value) for key, value in items}
        if not arrays:
            raise ValueError("judge needs at least one array, got none; pass {'W1': array, ...}")
        missing = [x for x in arrays if x not in self.pool.columns]
        if missing:
            return self._with(missing).judge(submitted, digits)
        return Judgement(self.pool, self.called, arrays, digits).diagnosis()

    def _with(self, more: list[Variable]) -> Suspects:
        """The same for more tensors."""
        new = copy.copy(self)
        new.__dict__ = {name: x for name, x in vars(self).items() if name not in ("number", "pool")}
        new.asked = _backward_order(self.scene.tape, [*self.asked, *more])
        return new


def diagnose(
    loss: Any,
    wrt: Any = None,
    submitted: Any = None,
    *,
    digits: Digits = None,
    names: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    lr: float | None = None,
    rounded: Mapping[Any, int] | None = None,
    forward: Mapping[Any, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    time_limit: float | None = 10.0,
) -> Diagnosis:
    """Which mistake was made in a gradient of `loss` that was derived by hand.

    `diagnose(loss, W1, array)`, or `diagnose(loss, {W1: array, b1: array, dz1: ...})` for several at once, keys being
    tensors of the graph (parameters or intermediates) or their names.
    A function: `diagnose(loss_fn, {"W1": W1}, student, data={"X": X})`, with `loss_fn(**tensors)` and
    `student(**arrays) -> {"W1": gradient}`; it is also run on other numbers, which breaks most ties.
    `digits`: how many decimals count, for all arrays or as a mapping; by default as many as the numbers show.
    `names`, for example `locals()`: what the tensors are called. `given`: other arrays that lay around and may have
    been used by mistake. `lr`: the learning rate, if updates may have been mixed in. `rounded`: to how many decimals
    parameters are known, if the graph has them only as printed. `forward`: the student's values of tensors, of which
    the first that does not follow from the others is named. `time_limit` in seconds.
    Raises `TypeError` or `ValueError` if these are anything else.
    """
    options: dict[str, Any] = {"names": names, "given": given, "lr": lr, "time_limit": time_limit}
    if callable(submitted):
        return probe(
            lambda loss, arrays: Suspects(loss, list(arrays), **options).judge(arrays, digits),
            loss, submitted, wrt, data or {},
        )  # fmt: skip
    arrays = (
        {} if wrt is None else wrt if submitted is None and isinstance(wrt, Mapping) else {wrt: submitted}
    )
    suspects = Suspects(loss, list(arrays), rounded=rounded, **options)
    if not forward:
        return suspects.judge(arrays, digits)
    return _with_forward(suspects, arrays, forward, digits)


def _with_forward(
    suspects: Suspects, arrays: Mapping[Any, Any], forward: Mapping[Any, Any], digits: Digits
) -> Diagnosis:
    """The values first; gradients that are right given these values follow from them."""
    values = {suspects._asked(key): value for key, value in forward.items()}
    chosen = {suspects._asked(key): _digits_of(digits, key) for key in forward}
    found = Forward(suspects.scene, values, chosen)
    if found.right:
        rest = suspects.judge(arrays, digits) if arrays else Diagnosis("right", {})
        return replace(rest, arrays={**found.verdicts, **rest.arrays})
    if not arrays:
        return Diagnosis("mistake", found.verdicts, found.explanations)
    copies = rerun(suspects.scene.tape.loss, {}, overwrite=found.own)
    again = Suspects(copies[suspects.scene.tape.loss], [copies[suspects._asked(key)] for key in arrays])
    rest = again.judge({copies[suspects._asked(key)]: value for key, value in arrays.items()}, digits)
    words: dict[str, ArrayVerdict] = {
        name: replace(a, verdict="consistent-with-earlier") if a.verdict == "right" else a
        for name, a in rest.arrays.items()
    }
    explanations = [*found.explanations, *rest.explanations]
    return Diagnosis("mistake", {**found.verdicts, **words}, explanations, rest.tell_apart, rest.reason)


def _digits_of(digits: Digits, key: Any) -> int | None:
    return digits.get(key) if isinstance(digits, Mapping) else digits


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Tensor):
        raise TypeError(f"diagnose needs the loss as a Tensor, got {type(loss).__name__} {short(loss)}")
    if loss.operation is None:
        raise ValueError(
            f"diagnose needs a loss with its graph, but {loss.why_no_gradient()}; compute it from tensors with "
            "requires_grad=True"
        )
    if loss.raw.size != 1:
        raise ValueError(
            f"diagnose needs a loss that is one number: got shape {loss.shape}; take its sum or mean"
        )


def _backward_order(tape: Tape, asked: Iterable[Variable]) -> list[Variable]:
    """As the way back meets them: a gradient is complete when the oldest use has sent its share."""

    def complete(x: Variable) -> int:
        return max((tape.place[node] for node, _ in tape.uses(x)), default=-1)

    return sorted(dict.fromkeys(asked), key=complete)
