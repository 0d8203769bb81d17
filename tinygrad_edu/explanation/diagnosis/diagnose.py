"""`diagnose(loss, W1, submitted)`: which mistake was made in a gradient derived by hand.

A mistake is the graph run backward with one rule replaced. All that the catalogue knows are run and compared with what
was handed in; one is named only if it reproduces every number, and if that is no accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnoser import Digits, Suspects
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.forward_values import Forward
from tinygrad_edu.explanation.diagnosis.function_probe import probe
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
    """Which mistake was made in a gradient of `loss` that was derived by hand.

    `diagnose(loss, W1, array)`, or `diagnose(loss, {W1: array, b1: array, dz1: ...})` for several at once, keys being
    tensors of the graph (parameters or intermediates) or their names.
    A function: `diagnose(loss_fn, {"W1": W1}, student, data={"X": X})`, with `loss_fn(**tensors)` and
    `student(**arrays) -> {"W1": gradient}`; it is also run on other numbers, which breaks most ties.
    `digits`: how many decimals count, for all arrays or as a mapping; by default as many as the numbers show.
    `names`, for example `locals()`: what the tensors are called, before names of their own. `given`: other arrays that
    lay around and may have been used by mistake. `lr`: the learning rate, if updates may have been mixed in.
    `rounded`: to how many decimals parameters are known, if the graph has them only as printed. `forward`: the
    student's values of tensors, of which the first that does not follow from the others is named. `time_limit` in
    seconds.
    Raises `TypeError` or `ValueError` if these are anything else.
    """
    options: dict[str, Any] = {"names": names, "given": given, "lr": lr, "time_limit": time_limit}
    if callable(submitted):
        return probe(
            lambda loss, arrays: Suspects(loss, list(arrays), **options).judge(arrays, digits),
            loss, submitted, wrt, data or {},
        )  # fmt: skip
    arrays = _arrays(wrt, submitted)
    suspects = Suspects(loss, list(arrays), rounded=rounded, **options)
    if not forward:
        return suspects.judge(arrays, digits)
    return _with_forward(suspects, arrays, forward, digits)


def _arrays(wrt: Any, submitted: Any) -> Mapping[Any, Any]:
    """What was handed in, by tensor or name."""
    if isinstance(wrt, Mapping) and submitted is None:
        return wrt
    if wrt is None and submitted is None:
        return {}
    if not isinstance(wrt, Variable | str):
        raise TypeError(
            f"diagnose needs a tensor and its gradient, or {{tensor: gradient, ...}}: got {type(wrt).__name__} "
            f"{short(wrt)} as the tensor"
        )
    return {wrt: submitted}


def _with_forward(
    suspects: Suspects, arrays: Mapping[Any, Any], forward: Mapping[Any, Any], digits: Digits
) -> Diagnosis:
    """The values first; gradients that are right given these values follow from them."""
    values = {suspects.tensor(key): value for key, value in forward.items()}
    found = Forward(suspects.scene, values, suspects.decimals(digits, values))
    plain = suspects.judge(arrays, digits) if arrays else Diagnosis("right", {})
    named = {n: f"the value of {n}" if n in plain.arrays else n for n in found.verdicts}
    verdicts = {name: replace(found.verdicts[n], name=name) for n, name in named.items()}
    wrong = [replace(e, array=named[e.array]) for e in found.explanations]
    if found.right:
        return replace(plain, arrays={**verdicts, **plain.arrays})
    if plain.right:
        return Diagnosis("mistake", {**verdicts, **plain.arrays}, wrong)
    rest = _given_values(suspects, found, arrays, digits)
    words = {
        name: replace(a, verdict="consistent-with-earlier")
        if a.verdict == "right" and plain.arrays[name].verdict != "right"
        else a
        for name, a in rest.arrays.items()
    }
    return replace(
        rest, verdict="mistake", arrays={**verdicts, **words}, explanations=[*wrong, *rest.explanations]
    )


def _given_values(suspects: Suspects, found: Forward, arrays: Mapping[Any, Any], digits: Digits) -> Diagnosis:
    """What is to be said of the gradients in the graph that holds the student's own values."""
    scene = suspects.scene
    copies = rerun(scene.tape.loss, {}, overwrite=found.own)
    names = {name: copy for x, copy in copies.items() if (name := scene.names.find(x))}
    handed_in = {copies[suspects.tensor(key)]: value for key, value in arrays.items()}
    chosen = {
        copies[x]: wanted for x, wanted in suspects.decimals(digits, map(suspects.tensor, arrays)).items()
    }
    again = Suspects(
        copies[scene.tape.loss], list(handed_in), names=names, given=scene.given, lr=scene.lr,
        time_limit=suspects.time_limit,
    )  # fmt: skip
    return again.judge(handed_in, chosen)
