"""A loss that a script defines as a function, called with what the script calls as its arguments are called."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import signature
from typing import Any

import numpy as np

from tinygrad_edu.cli.user_script import Found, ScriptError
from tinygrad_edu.explanation.diagnosis.function_probe import computed
from tinygrad_edu.reading.names import called
from tinygrad_edu.tensor.tensor import Tensor


def call(target: str, found: Found, asked: Iterable[Any]) -> Found:
    """The loss that the function returns, with the names of the script.

    Arrays whose gradients are asked, W1 or dW1, become tensors for it. Raises `ScriptError`.
    """
    places = signature(found.value).parameters.values()
    named = [place for place in places if place.kind not in (place.VAR_POSITIONAL, place.VAR_KEYWORD)]
    if missing := [p.name for p in named if p.name not in found.names and p.default is p.empty]:
        raise ScriptError(f"the script has no {missing[0]}, which {target} takes; give it that name there")
    values = {place.name: found.names[place.name] for place in named if place.name in found.names}
    arrays, asked = [name for name, x in values.items() if isinstance(x, np.ndarray)], list(asked)
    keys = filter(None, (called(key, arrays) for key in asked if isinstance(key, str)))
    wrt = {name: values.pop(name) for name in dict.fromkeys(keys)}
    try:
        loss, tensors = computed(found.value, wrt, values) if wrt else (found.value(**values), {})
    except Exception as error:  # whatever a function of the script raises
        raise ScriptError(f"{target} failed: {type(error).__name__}: {error}") from error
    if not isinstance(loss, Tensor) and not wrt and arrays:
        got = ", ".join(map(str, asked)) or "none"
        raise ScriptError(
            f"gradients by {', '.join(arrays)} can be asked of {target}, some or all: got {got}"
        )
    return Found(loss, found.names | tensors)


def arrays_for(found: Found) -> list[str]:
    """The arguments of the function that the script has as arrays, by name."""
    return [
        name for name in signature(found.value).parameters if isinstance(found.names.get(name), np.ndarray)
    ]
