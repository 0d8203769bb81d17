"""Settings and state of an optimizer as PyTorch lays them out in a `state_dict`, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.optim.settings import HARDWARE, Group
from tinygrad_edu.tensor.tensor import Tensor, around

# What state dicts of older versions of PyTorch lack: the optimizer's own value stays.
_MAY_LACK = {*HARDWARE, "maximize", "decoupled_weight_decay", "param_names"}
_NUMBERS = ("step", "mu_product", "eta", "mu")  # in float64, whatever the dtype of the parameter


def packed(groups: list[Group], state: dict[Any, Any]) -> dict[str, Any]:
    """`{"state": {number: entries}, "param_groups": [...]}`, copied, with parameters numbered through all groups."""
    number = {p: i for i, p in enumerate(p for group in groups for p in group["params"])}
    return {
        "state": {number.get(p, p): mapped(_copy, kept) for p, kept in state.items() if kept},
        "param_groups": [
            {
                **{key: mapped(_copy, x) for key, x in group.items() if key != "params"},
                "params": [number[p] for p in group["params"]],
            }
            for group in groups
        ],
    }


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """`x` with `function` of everything in its dicts, lists and tuples."""
    if isinstance(x, dict):
        return {key: mapped(function, y) for key, y in x.items()}
    return type(x)(mapped(function, y) for y in x) if type(x) in (list, tuple) else function(x)


def _copy(x: Any) -> Any:
    return around(x.raw.copy()) if isinstance(x, Tensor) else x


def check_layout(name: str, groups: list[Group], saved: Any, defaults: Group) -> None:
    """Raise `ValueError` if a state dict has not the groups, the settings or the parameters of these `groups`."""
    if not isinstance(saved, dict) or not {"state", "param_groups"} <= saved.keys():
        raise ValueError(f"{name} needs what state_dict() returned, got {short(saved)}")
    sizes = [len(group["params"]) for group in groups]
    if [len(group["params"]) for group in saved["param_groups"]] != sizes:
        raise ValueError(
            f"{name} needs the state of {sizes} parameters in its groups, "
            f"got {[len(group['params']) for group in saved['param_groups']]}"
        )
    for group in saved["param_groups"]:
        if lacking := defaults.keys() - group.keys() - _MAY_LACK:
            raise ValueError(
                f"{name} needs the settings {', '.join(defaults)}, got {', '.join(group)}, "
                f"without {', '.join(sorted(lacking))}"
            )


def unpacked(name: str, groups: list[Group], saved: dict[str, Any]) -> dict[Any, Any]:
    """The state by parameters, as new Tensors of their dtypes; what is no array or list stays as it is.

    Raises `ValueError` if a shape is another, or there is no such parameter.
    """
    numbers = [i for group in saved["param_groups"] for i in group["params"]]
    params = dict(zip(numbers, [p for group in groups for p in group["params"]], strict=True))
    state = {}
    for i, kept in saved["state"].items():
        i = int(i) if isinstance(i, str) and i.isdecimal() else i  # noqa: PLW2901 - as JSON has them
        if i not in params:
            raise ValueError(f"{name} has {len(params)} parameters, but the state is of number {i}")
        state[params[i]] = {key: _entry(name, key, x, params[i]) for key, x in kept.items()}
    return state


def _entry(name: str, key: str, x: Any, p: Tensor) -> Any:
    if key in _NUMBERS and np.shape(x) == ():
        return _named(around(np.array(x, np.float64)), key)
    if not hasattr(x, "__array__"):
        return mapped(lambda y: _entry("", "", y, p) if hasattr(y, "__array__") else y, x)
    array = np.array(x.detach() if hasattr(x, "detach") else x)
    if name and key in SHAPED and array.shape != p.shape:
        raise ValueError(f"{name} needs {key} of shape {p.shape}, got {array.shape}")
    return _named(around(array.astype(p.dtype) if array.dtype.kind == "f" else array), key)


def _named(x: Tensor, key: str) -> Tensor:
    x.name = key or None
    return x


# Entries with one number for each of the parameter.
SHAPED = frozenset({
    "momentum_buffer", "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "exp_inf", "sum", "square_avg", "acc_delta",
    "grad_avg", "prev", "step_size", "ax", "variance",
})  # fmt: skip
