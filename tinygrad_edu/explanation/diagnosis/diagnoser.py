"""Every mistake that can be made in one graph, computed once and compared with as many submissions as there are."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cached_property
from numbers import Real
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.hypotheses import Pool
from tinygrad_edu.explanation.diagnosis.reshaping import Reading
from tinygrad_edu.explanation.diagnosis.student_names import StudentNames
from tinygrad_edu.explanation.diagnosis.submission import as_numbers, check_digits
from tinygrad_edu.explanation.diagnosis.verdict import Judgement
from tinygrad_edu.reading.names import check_names
from tinygrad_edu.tensor.tensor import Tensor

Digits = int | Mapping[Any, int] | None


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
        check_names(names, "diagnose")
        if lr is not None and not isinstance(lr, Real):
            raise TypeError(f"diagnose needs lr as a number, got {type(lr).__name__} {short(lr)}")
        arrays = {name: as_numbers("diagnose", name, array) for name, array in (given or {}).items()}
        self.scene = Scene(Tape(loss), StudentNames(names), lr, arrays)
        chosen = self.scene.tape.leaves if wrt is None else [wrt] if isinstance(wrt, Tensor) else list(wrt)
        self.by_name = {self.scene.names.find(x): x for x in self.scene.tape.grads}
        self.asked = _backward_order(self.scene.tape, map(self.tensor, chosen))
        self.radii = {x: 0.5 * 10.0**-digits for x, digits in self.decimals(rounded or {}).items()}
        self.time_limit = time_limit

    @cached_property
    def pool(self) -> Pool:
        """Everything that can be wrong."""
        return Pool(self.scene, self.asked, self.time_limit, self.radii)

    @cached_property
    def number(self) -> dict[Variable, int]:
        """Which array a tensor stands for, counted from 1 in the order of the way back."""
        return {x: i for i, x in enumerate(self.asked, 1)}

    def tensor(self, x: Any) -> Variable:
        """The tensor of the graph that `x` is, or is the name of. Raises `ValueError` if there is none."""
        found = self.by_name.get(x) if isinstance(x, str) else x
        if isinstance(found, Variable) and found in self.scene.tape.grads:
            return found
        known = ", ".join(name for name in self.by_name if name)
        who = x.described() if isinstance(x, Variable) else short(x)
        raise ValueError(
            f"diagnose needs tensors that the loss depends on, with requires_grad=True: got {who}; "
            f"it depends on {known or 'tensors without a name, so pass them themselves'}"
        )

    def decimals(self, digits: Digits, of: Iterable[Variable] = ()) -> dict[Variable, int]:
        """To how many decimals tensors are known: `digits` is a mapping, or one number for all `of` these."""
        each = digits if isinstance(digits, Mapping) else dict.fromkeys(of, digits)
        for wanted in each.values():
            check_digits("diagnose", wanted)
        return {self.tensor(x): wanted for x, wanted in each.items() if wanted is not None}

    def called(self, x: Variable) -> str:
        """What an asked array is called in the verdict."""
        name = self.scene.names.find(x)
        return name or (f"array {self.number[x]}" if len(self.asked) > 1 else "the gradient")

    def judge(self, submitted: Any, digits: Digits = None) -> Diagnosis:
        """The diagnosis of one submission: an array, or a mapping from tensors or their names to arrays."""
        if not isinstance(submitted, Mapping) and len(self.asked) != 1:
            raise ValueError(
                f"judge needs an array for each of {len(self.asked)} tensors, got one; pass {{'W1': array, ...}}"
            )
        items = submitted.items() if isinstance(submitted, Mapping) else [(self.asked[0], submitted)]
        arrays = {self.tensor(key): value for key, value in items}
        if not arrays:
            raise ValueError("diagnose needs at least one array, got none; pass {'W1': array, ...}")
        missing = [x for x in arrays if x not in self.pool.columns]
        if missing:
            return self._with(missing).judge(submitted, digits)
        reading = Reading(self.pool, self.called, arrays, self.decimals(digits, arrays))
        return Judgement(reading).diagnosis()

    def _with(self, more: list[Variable]) -> Suspects:
        """The same for more tensors."""
        new = copy.copy(self)
        new.__dict__ = {name: x for name, x in vars(self).items() if name not in ("number", "pool")}
        new.asked = _backward_order(self.scene.tape, [*self.asked, *more])
        return new


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
