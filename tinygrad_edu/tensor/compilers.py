"""Compilers and exporters as words: `torch.compile(model)` is the model; `tinygrad_edu.capture` makes it fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.tensor.accelerators import answering, refusing
from tinygrad_edu.tensor.vocabulary import WORDS, Namespace, word


@word
def compile(  # noqa: A001 - PyTorch's name
    model: Callable[..., Any] | None = None,
    *,
    fullgraph: bool = False,  # noqa: ARG001 - how PyTorch's compiler works
    dynamic: bool | None = None,  # noqa: ARG001
    backend: Any = "inductor",  # noqa: ARG001
    mode: str | None = None,  # noqa: ARG001
    options: dict[str, Any] | None = None,  # noqa: ARG001
    disable: bool = False,  # noqa: ARG001
) -> Any:
    """The function or module itself, which computes the same; without one, a decorator."""
    return same if model is None else same(model)


def same(function: Any, *_: Any, **__: Any) -> Any:
    """What was passed in. Raises `TypeError` if it cannot be called."""
    if not callable(function):
        raise TypeError(f"compile needs a function or a module, got {type(function).__name__}")
    return function


def _or_decorator(function: Any = None, *_: Any, **__: Any) -> Any:
    return same if function is None or isinstance(function, bool) else same(function)


_FILES = "PyTorch's own format for compiled programs, which is not here; torch.save keeps the parameters"
WORDS["compiler"] = Namespace(
    "compiler",
    compile=compile,
    disable=_or_decorator,
    is_compiling=answering(False),
    is_dynamo_compiling=answering(False),
    reset=answering(None),
    cudagraph_mark_step_begin=answering(None),
    config=Namespace("compiler.config", suppress_errors=False, verbose=False, cache_size_limit=8),
)
WORDS["jit"] = Namespace(
    "jit",
    script=same,
    trace=same,
    freeze=same,
    optimize_for_inference=same,
    script_if_tracing=same,
    export=same,
    ignore=_or_decorator,
    unused=same,
    is_scripting=answering(False),
    is_tracing=answering(False),
    load=refusing("jit.load", _FILES),
    save=refusing("jit.save", _FILES),
)
WORDS["onnx"] = Namespace(
    "onnx",
    export=refusing("onnx.export", "ONNX, which is not here; torch.save keeps the parameters"),
    is_in_onnx_export=answering(False),
)
_NETWORK = "the internet, and nothing is downloaded here; torch.load reads a file"
WORDS["hub"] = Namespace(
    "hub",
    **{
        name: refusing(f"hub.{name}", _NETWORK)
        for name in ("load", "load_state_dict_from_url", "download_url_to_file")
    },
)
