"""Accelerators and libraries that are not there: `torch.cuda.is_available()` is False, and programs go on without.

What asks, counts or switches has PyTorch's answer on a computer without accelerators. What would use one is refused
where it is called. Switches such as `torch.backends.cudnn.benchmark` may be set, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NoReturn

from tinygrad_edu.tensor.mixed_precision import GradScaler, autocast
from tinygrad_edu.tensor.vocabulary import WORDS, Namespace, word

_SILENT = ("empty_cache", "ipc_collect", "manual_seed", "manual_seed_all", "seed", "seed_all")
_COUNTED = (
    "device_count",
    "max_memory_allocated",
    "max_memory_reserved",
    "memory_allocated",
    "memory_reserved",
)
_USING = (
    "Event", "Stream", "current_device", "current_stream", "device", "get_device_capability", "get_device_name",
    "get_device_properties", "init", "mem_get_info", "memory_summary", "reset_peak_memory_stats", "set_device",
    "stream", "synchronize",
)  # fmt: skip
_KINDS = ("BoolTensor", "ByteTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor")
PRECISIONS = ("highest", "high", "medium")


def answering(value: Any) -> Callable[..., Any]:
    """A function that takes anything and returns `value`."""
    return lambda *_, **__: value


def refusing(call: str, reason: str) -> Callable[..., NoReturn]:
    """A function that can be mentioned, and raises `RuntimeError` when it is called."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(f"torch.{call} needs {reason}")

    return refuse


def _accelerator(path: str, **words: Any) -> Namespace:
    """An accelerator that is not there."""
    reason = (
        f"an accelerator, and tinygrad_edu computes on the CPU only; ask torch.{path}.is_available() first"
    )
    answers = {
        **{name: answering(False) for name in ("is_available", "is_initialized", "is_bf16_supported")},
        **dict.fromkeys(_SILENT, answering(None)),
        **dict.fromkeys(_COUNTED, answering(0)),
        **{name: refusing(f"{path}.{name}", reason) for name in _USING},
    }
    return Namespace(path, **answers, **words)


def _library(path: str, **words: Any) -> Namespace:
    """A library for accelerators that is not there, with its switches."""
    answers = {"is_available": answering(False), "is_built": answering(False), "version": answering(None)}
    return Namespace(path, **answers, **words)


WORDS["amp"] = Namespace("amp", autocast=autocast, GradScaler=GradScaler)
WORDS["cuda"] = _accelerator("cuda")
WORDS["cuda"].amp = Namespace(
    "cuda.amp",
    GradScaler=GradScaler,
    autocast=lambda enabled=True, dtype=None, cache_enabled=True: autocast(
        "cuda", dtype, enabled, cache_enabled
    ),
)
for _name in _KINDS:
    setattr(WORDS["cuda"], _name, refusing(f"cuda.{_name}", f"an accelerator; use torch.{_name}"))
WORDS |= {name: _accelerator(name) for name in ("mps", "xpu")}
WORDS["accelerator"] = _accelerator(
    "accelerator",
    **dict.fromkeys(("current_accelerator",), answering(None)),
    **{
        name: refusing(f"accelerator.{name}", "an accelerator, and tinygrad_edu computes on the CPU only")
        for name in ("set_device_index", "current_device_index", "set_device_idx", "current_device_idx")
    },
)
WORDS["backends"] = Namespace(
    "backends",
    cuda=_library(
        "backends.cuda",
        matmul=Namespace("backends.cuda.matmul", allow_tf32=False),
        sdp_kernel=lambda *_, **__: nullcontext(),
        enable_flash_sdp=answering(None),
        enable_math_sdp=answering(None),
        enable_mem_efficient_sdp=answering(None),
        enable_cudnn_sdp=answering(None),
    ),
    cudnn=_library(
        "backends.cudnn",
        benchmark=False,
        deterministic=False,
        enabled=True,
        allow_tf32=True,
        benchmark_limit=10,
    ),
    mps=_library("backends.mps"),
    mkl=_library("backends.mkl"),
    mkldnn=_library("backends.mkldnn", enabled=False),
    openmp=_library("backends.openmp"),
)

_precision = PRECISIONS[0]


@word
def set_float32_matmul_precision(precision: str) -> None:
    """Accept "highest", "high" or "medium": products of matrices always have the digits of their dtype."""
    global _precision
    if precision not in PRECISIONS:
        raise ValueError(
            f"set_float32_matmul_precision needs one of {', '.join(PRECISIONS)}, got {precision!r}"
        )
    _precision = precision


@word
def get_float32_matmul_precision() -> str:
    """The word given last to `set_float32_matmul_precision`."""
    return _precision
