"""Switches of PyTorch that change no result here, and the default dtype by the name of its class of tensors."""

from __future__ import annotations

import os
from typing import Any

from tinygrad_edu.tensor.coerce import set_default_dtype
from tinygrad_edu.tensor.dtypes import NAMES
from tinygrad_edu.tensor.tensor import TensorType
from tinygrad_edu.tensor.vocabulary import word

_switches = {"deterministic": False, "warn_only": False, "warn_always": False}
_threads = {"set_num_threads": os.cpu_count() or 1, "set_num_interop_threads": os.cpu_count() or 1}


@word
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accept a choice: the same operations give the same numbers in every run."""
    _switches.update(deterministic=bool(mode), warn_only=bool(warn_only))


@word
def are_deterministic_algorithms_enabled() -> bool:
    """The choice given last to `use_deterministic_algorithms`."""
    return _switches["deterministic"]


@word
def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """The `warn_only` given last to `use_deterministic_algorithms`."""
    return _switches["warn_only"]


@word
def set_warn_always(b: bool, /) -> None:
    """Accept a choice: Python's `warnings` decide how often a warning is shown."""
    _switches["warn_always"] = b


@word
def set_flush_denormal(mode: bool) -> bool:  # noqa: ARG001 - NumPy has no such switch
    """False: numbers below the least normal one are kept."""
    return False


def _set_threads(call: str, int_: int) -> None:
    if not isinstance(int_, int) or int_ < 1:
        raise ValueError(f"{call} needs a number of threads from 1, got {int_!r}")
    _threads[call] = int_


@word
def set_num_threads(int: int) -> None:  # noqa: A002 - PyTorch's name
    """Accept a number: NumPy's threads are set before Python starts, by OMP_NUM_THREADS."""
    _set_threads("set_num_threads", int)


@word
def get_num_threads() -> int:
    """The number given last to `set_num_threads`; at first that of the processors."""
    return _threads["set_num_threads"]


@word
def set_num_interop_threads(int: int) -> None:  # noqa: A002 - PyTorch's name
    """Accept a number: operations run one after the other."""
    _set_threads("set_num_interop_threads", int)


@word
def get_num_interop_threads() -> int:
    """The number given last to `set_num_interop_threads`; at first that of the processors."""
    return _threads["set_num_interop_threads"]


@word
def set_default_tensor_type(t: Any) -> None:
    """Set the default dtype to that of a class of tensors, `torch.DoubleTensor` or its name."""
    kinds = {f"torch.{kind}": name for name, (_, kind) in NAMES.items()}
    if not isinstance(t, TensorType) and t not in kinds:
        raise TypeError(
            f"set_default_tensor_type needs a class such as torch.DoubleTensor, or its name, got {t!r}"
        )
    set_default_dtype(t.dtype if isinstance(t, TensorType) else kinds[t])


@word
def typename(obj: Any, /) -> str:
    """The name of a type with its module; for a Tensor that of its class by dtype, 'torch.FloatTensor'."""
    if hasattr(obj, "raw") and callable(getattr(obj, "type", None)):
        return str(obj.type())
    kind = obj if isinstance(obj, type) else type(obj)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
