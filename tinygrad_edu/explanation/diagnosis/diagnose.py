"""`diagnose(loss, W1, submitted)`: the mistake in a gradient derived by hand.

A mistake is the graph run backward with one rule replaced. Every mistake of the catalogue is run and compared with the
submitted numbers; it is named only if it reproduces all of them, and if that is no accident.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnose_arguments import check_mapping
from tinygrad_edu.explanation.diagnosis.diagnoser import Digits, Suspects, check_loss
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.forward_values import JudgedValues, judge_values, with_values
from tinygrad_edu.explanation.diagnosis.function_probe import computed, diagnose_function
from tinygrad_edu.reading.names import variables
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.reading.recompute import rerun


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
    """The mistake in a gradient of `loss` that was derived by hand.

    `diagnose(loss, W1, array)`, or `diagnose(loss, {W1: array, b1: array, dz1: ...})` for several at once, keys being
    tensors of the graph (parameters or intermediates) or their names.
    Of functions on arrays: `diagnose(loss_fn, {"W1": W1}, {"W1": dW1}, data={"X": X})`, with `loss_fn(W1=..., X=...)`
    written in NumPy. If a function `student(**arrays) -> {"W1": gradient}` is handed in, it is also run on other
    numbers, which breaks most ties.
    `digits`: how many decimals count, for all arrays or as a mapping; by default as many as the numbers show.
    Tensors have the names of their own, or of the caller's variables; `names`, for example `locals()`, come before
    both. `given`: other arrays that
    lay around and may have been used by mistake. `lr`: the learning rate, if updates may have been mixed in.
    `rounded`: to how many decimals parameters are known, if the graph has them only as printed. `forward`: the
    student's values of tensors, of which the first that does not follow from the others is named. `time_limit` in
    seconds.
    Raises `TypeError` or `ValueError` for an argument of another kind.
    """
    check_mapping("forward", forward, "{'z1': array, ...}")
    options: dict[str, Any] = {"names": names, "given": given, "lr": lr, "time_limit": time_limit}
    if callable(submitted):
        return diagnose_function(
            lambda loss, arrays: Suspects(loss, list(arrays), **options).judge(arrays, digits),
            loss, submitted, wrt, data or {},
        )  # fmt: skip
    if callable(loss) and not isinstance(loss, Variable):
        loss, tensors = computed(loss, wrt, data or {})
        options["names"] = {**(names or {}), **tensors}
        wrt, submitted = (submitted, None) if isinstance(submitted, Mapping) else (next(iter(wrt)), submitted)
    elif data is not None:
        raise TypeError(
            "diagnose takes data with a loss function only; a tensor has its numbers in its graph"
        )
    elif names is None:
        found = variables(sys._getframe(1))
        options |= {"names": {name: x for name, x in found.items() if x is not loss}, "implicit": True}
    check_loss(loss)
    arrays = _arrays(wrt, submitted)
    computation = Computation(loss)
    computation.check_known("diagnose")
    with computation.rewound():
        suspects = Suspects(loss, list(arrays), rounded=rounded, **options)
        if not forward:
            return suspects.judge(arrays, digits)
        return _with_forward(suspects, arrays, forward, digits)


def _arrays(wrt: Any, submitted: Any) -> Mapping[Any, Any]:
    """The submitted arrays by tensor or name."""
    if isinstance(wrt, Mapping) and submitted is None:
        return wrt
    if wrt is None and submitted is None:
        return {}
    if not isinstance(wrt, Variable | str):
        raise TypeError(
            f"diagnose needs a tensor and its gradient, or {{tensor: gradient, ...}}: got {type(wrt).__name__} "
            f"{short(wrt)} as the tensor"
        )
    if submitted is None:
        who = wrt.described() if isinstance(wrt, Variable) else short(wrt)
        raise TypeError(
            f"diagnose needs the gradient by hand of {who}, got none; diagnose(loss, W1, gradient)"
        )
    return {wrt: submitted}


def _with_forward(
    suspects: Suspects, arrays: Mapping[Any, Any], forward: Mapping[Any, Any], digits: Digits
) -> Diagnosis:
    """The verdict on the student's values, then on the gradients, which may be right given these values."""
    values = {suspects.tensor(key): value for key, value in forward.items()}
    judged = judge_values(suspects.facts, values, suspects.decimals(digits, values))
    plain = suspects.judge(arrays, digits) if arrays else Diagnosis("right", {})
    again = None if judged.right or plain.right else _given_values(suspects, judged, arrays, digits)
    return with_values(judged, plain, again)


def _given_values(
    suspects: Suspects, judged: JudgedValues, arrays: Mapping[Any, Any], digits: Digits
) -> Diagnosis:
    """The verdict on the gradients in the graph that holds the student's own values."""
    facts = suspects.facts
    copies = rerun(facts.tape.loss, {}, overwrite=judged.values)
    names = {name: copy for x, copy in copies.items() if (name := facts.names.find(x))}
    submitted = {copies[suspects.tensor(key)]: value for key, value in arrays.items()}
    decimals = suspects.decimals(digits, map(suspects.tensor, arrays))
    again = Suspects(
        copies[facts.tape.loss], list(submitted), names=names, given=facts.given, lr=facts.lr,
        time_limit=suspects.time_limit,
    )  # fmt: skip
    return again.judge(submitted, {copies[x]: count for x, count in decimals.items()})
