"""`plan.check`: one step by an engine beside the same step by NumPy, on copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.plan.codegen.jax.residents import all_leave
from tinygrad_edu.plan.codegen.state_names import state_names
from tinygrad_edu.plan.pure import Pure
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.tensor.draws import DRAW
from tinygrad_edu.tensor.tensor import Tensor


def compared(
    pure: Pure, step: Callable[..., Any], inputs: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, float]:
    """The largest difference of every result, state and gradient, by name, the largest first; printed, too."""
    all_leave()
    found = pure.replayed_by(inputs, named)
    if found is None or not found[0].has_engine:
        raise RuntimeError(
            "check needs calls that an engine replays; call the plan with such inputs until plan.ready"
        )
    route, arrays = found
    if any(call.operation is DRAW for call in route.program.calls):
        raise RuntimeError(
            "check needs a step without random numbers, as an engine draws others than NumPy; eval() it"
        )
    states = {id(x): x for x, _ in route.ending.memory}
    leaf_tensors = {id(x): x for x, _ in route.program.recording.gradients}
    tensors = list((states | leaf_tensors).values())
    before = [(x.raw, x.raw.copy(), x._grad) for x in tensors]
    names = state_names(step)
    made = []
    for run in (route.run, route.run_on_numpy):
        made.append(_numbers(leaves(run(arrays)), tensors, names))
        all_leave()
        for x, (array, numbers, grad) in zip(tensors, before):
            if array.flags.writeable:
                array[...] = numbers
            x._grad = grad
    differences = {name: _difference(a, made[1][name]) for name, a in made[0].items()}
    differences = dict(sorted(differences.items(), key=lambda item: -item[1]))
    print("\n".join(f"{difference:9.2e}  {name}" for name, difference in differences.items()))
    return differences


def _numbers(results: list[Any], tensors: list[Tensor], names: dict[int, str]) -> dict[str, np.ndarray]:
    found = {
        "result" if len(results) == 1 else f"result {i}": x.raw.copy()
        for i, x in enumerate(results, 1)
        if isinstance(x, Tensor)
    }
    for number, x in enumerate(tensors, 1):
        name = names.get(id(x)) or x.name or f"state {number}"
        found[name] = x.raw.copy()
        if (grad := x.raw_grad()) is not None:
            found[f"grad of {name}"] = np.array(grad)
    return found


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference; nan and infinity are equal to themselves."""
    if not a.size or np.array_equal(a, b, equal_nan=True):
        return 0.0
    return float(np.max(np.abs(a.astype(np.float64) - b)))
