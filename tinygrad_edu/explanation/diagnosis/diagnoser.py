"""`Suspects`: every mistake that can be made in one graph, computed once for any number of submissions."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cached_property
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnose_arguments import (
    check_digits,
    check_lr,
    check_mapping,
    check_time_limit,
)
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts, StudentNames
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable
from tinygrad_edu.explanation.diagnosis.submission import read_submission
from tinygrad_edu.explanation.diagnosis.verdict import judge
from tinygrad_edu.explanation.diagnosis.written_numbers import as_numbers
from tinygrad_edu.reading.names import called, check_names
from tinygrad_edu.tensor.tensor import Tensor

Digits = int | Mapping[Any, int] | None


class Suspects:
    """Every mistake that can be made in this graph, computed once: `judge` compares submissions with them.

    `wrt`: the tensors whose gradients will be asked, parameters or intermediates. `implicit` names
    are variables that nobody chose as names. The other arguments are those of `diagnose`.
    """

    def __init__(
        self,
        loss: Tensor,
        wrt: Tensor | Iterable[Tensor] | None = None,
        *,
        names: Mapping[str, Any] | None = None,
        implicit: bool = False,
        given: Mapping[str, Any] | None = None,
        lr: float | None = None,
        rounded: Mapping[Any, int] | None = None,
        time_limit: float | None = None,
    ) -> None:
        check_loss(loss)
        check_names(names, "diagnose")
        check_lr(lr)
        check_time_limit(time_limit)
        check_mapping("given", given, "{'v': array, ...}")
        check_mapping("rounded", rounded, "{'W1': decimals, ...}")
        arrays = {name: as_numbers("diagnose", name, array) for name, array in (given or {}).items()}
        self.facts = GraphFacts(Tape(loss), StudentNames(names, implicit=implicit), lr, arrays)
        chosen = self.facts.tape.leaves if wrt is None else [wrt] if isinstance(wrt, Tensor) else list(wrt)
        found = {self.facts.names.find(x): x for x in self.facts.tape.grads}
        self.by_name = {name: x for name, x in found.items() if name}
        self.wrt = _backward_order(self.facts.tape, map(self.tensor, chosen))
        self.radii = {x: 0.5 * 10.0**-digits for x, digits in self.decimals(rounded or {}).items()}
        self.time_limit = time_limit

    @cached_property
    def table(self) -> HypothesisTable:
        """All hypotheses and their predictions."""
        return HypothesisTable(self.facts, self.wrt, self.time_limit, self.radii)

    def tensor(self, x: Any) -> Variable:
        """The tensor of the graph that `x` is, or that its text names: 'W1', 'dW1', 'fc1.weight' of 'net.fc1.weight'.

        Raises `ValueError` if there is none.
        """
        found = self.by_name.get(called(x, self.by_name) or "") if isinstance(x, str) else x
        if isinstance(found, Variable) and found in self.facts.tape.grads:
            return found
        known = ", ".join(self.by_name)
        who = x.described() if isinstance(x, Variable) else short(x)
        raise ValueError(
            f"diagnose needs tensors that the loss depends on, with requires_grad=True: got {who}; "
            f"it depends on {known or 'tensors without a name, so pass them themselves'}"
        )

    def decimals(self, digits: Digits, of: Iterable[Variable] = ()) -> dict[Variable, int]:
        """The decimals of each tensor; `digits` is a mapping, or one number for all tensors in `of`."""
        each = digits if isinstance(digits, Mapping) else dict.fromkeys(of, digits)
        for decimals in each.values():
            check_digits("diagnose", decimals)
        return {self.tensor(x): decimals for x, decimals in each.items() if decimals is not None}

    def label(self, x: Variable) -> str:
        """The name of an array in the verdict, or its number in the order of the way back."""
        if name := self.facts.names.find(x):
            return name
        place = [y is x for y in self.wrt].index(True)
        return f"array {place + 1}" if len(self.wrt) > 1 else "the gradient"

    def judge(self, submitted: Any, digits: Digits = None) -> Diagnosis:
        """The diagnosis of one submission: an array, or a mapping from tensors or their names to arrays."""
        if not isinstance(submitted, Mapping) and len(self.wrt) != 1:
            raise ValueError(
                f"judge needs an array for each of {len(self.wrt)} tensors, got one; pass {{'W1': array, ...}}"
            )
        items = submitted.items() if isinstance(submitted, Mapping) else [(self.wrt[0], submitted)]
        arrays = {self.tensor(key): value for key, value in items}
        if not arrays:
            raise ValueError("diagnose needs at least one array, got none; pass {'W1': array, ...}")
        more = [x for x in arrays if x not in self.table.columns]
        if more:
            return self._with(more).judge(submitted, digits)
        submission = read_submission(self.table, self.label, arrays, self.decimals(digits, arrays))
        return judge(self.table, self.label, submission)

    def _with(self, more: list[Variable]) -> Suspects:
        """The same suspects for more tensors."""
        new = copy.copy(self)
        new.__dict__ = {name: x for name, x in vars(self).items() if name != "table"}
        new.wrt = _backward_order(self.facts.tape, [*self.wrt, *more])
        return new


def check_loss(loss: Any) -> None:
    """Raise `TypeError` or `ValueError` unless `loss` is one number with its graph."""
    if isinstance(loss, int | float):
        raise TypeError(
            f"diagnose needs the loss as a Tensor or as a function that computes it, got {loss:.6g}; "
            "pass the function: diagnose(loss_fn, {'W1': W1}, {'W1': dW1}, data={'X': X})"
        )
    if not isinstance(loss, Tensor):
        raise TypeError(f"diagnose needs the loss as a Tensor, got {type(loss).__name__} {short(loss)}")
    if loss.operation is None and loss.requires_grad:
        raise ValueError(
            f"diagnose needs the loss first, got {loss.described()}; diagnose(loss, W1, gradient)"
        )
    if loss.operation is None:
        raise ValueError(
            f"diagnose needs a loss with its graph, but {loss.why_no_gradient()}; compute it from tensors with "
            "requires_grad=True"
        )
    if loss.raw.size != 1:
        raise ValueError(
            f"diagnose needs a loss that is one number: got shape {loss.shape}; take its sum or mean"
        )


def _backward_order(tape: Tape, wrt: Iterable[Variable]) -> list[Variable]:
    """The tensors in the order of the way back: a gradient is complete when the oldest use has sent its share."""

    def complete(x: Variable) -> int:
        return max((tape.place[node] for node, _ in tape.uses(x)), default=-1)

    return sorted(dict.fromkeys(wrt), key=complete)
