"""Several processes: `torch.distributed`, which is not available, and `torch.multiprocessing`, which is Python's."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinygrad_edu.tensor.accelerators import answering, refusing
from tinygrad_edu.tensor.vocabulary import WORDS, Namespace

_ALONE = "several computers or processes, and tinygrad_edu computes in one; ask torch.distributed.is_available() first"
_TOGETHER = (
    "all_gather", "all_gather_object", "all_reduce", "barrier", "broadcast", "destroy_process_group", "gather",
    "get_backend", "get_rank", "get_world_size", "init_process_group", "new_group", "recv", "reduce", "scatter", "send",
)  # fmt: skip


@dataclass
class Peers:
    """The processes that run the program together, and which of them this is; set by `tinygrad-edu launch`."""

    count: int = 1
    number: int = 0


PEERS = Peers()

WORDS["distributed"] = Namespace(
    "distributed",
    **{name: answering(False) for name in ("is_available", "is_initialized", "is_torchelastic_launched")},
    **{name: refusing(f"distributed.{name}", _ALONE) for name in _TOGETHER},
)


class _Multiprocessing(Namespace):
    """Python's `multiprocessing`, imported when it is asked for: memory is copied to other processes, never shared."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("multiprocessing"), name)


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Run `fn(i, *args)` in `nprocs` new processes, i from 0; with `join` wait for them.

    Without `join` the processes are returned. Raises `RuntimeError` if one of them fails.
    """
    context = importlib.import_module("multiprocessing").get_context(start_method)
    processes = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for each in processes:
        each.start()
    if not join:
        return processes
    for each in processes:
        each.join()
    failed = [i for i, each in enumerate(processes) if each.exitcode]
    if failed:
        raise RuntimeError(
            f"spawn needs processes that end well: number {failed[0]} ended with exit code "
            f"{processes[failed[0]].exitcode}; its error is printed above"
        )
    return None


def set_sharing_strategy(new_strategy: str) -> None:
    """Accept a name: tensors are copied to other processes, not shared."""


WORDS["multiprocessing"] = _Multiprocessing(
    "multiprocessing",
    spawn=spawn,
    set_sharing_strategy=set_sharing_strategy,
    get_sharing_strategy=answering("file_descriptor"),
)
