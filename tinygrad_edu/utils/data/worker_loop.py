"""A worker process of a loader: it reads batches as it is told, until it is told to stop or nobody is there."""

from __future__ import annotations

import os
import queue
import random
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.utils.data.fetching import Reading
from tinygrad_edu.utils.data.worker_info import WorkerInfo, set_worker_info


class Task(NamedTuple):
    """The batch that is wanted, and in which pass over the dataset."""

    epoch: int
    wanted: Any


class Result(NamedTuple):
    """A batch; or without one that the dataset has ended, or the report of an error."""

    epoch: int
    batch: Any = None
    ended: bool = False
    report: Report | None = None


class Report(NamedTuple):
    """An error in a worker, as it can be raised elsewhere."""

    worker: int
    kind: type[BaseException]
    message: str
    trace: str

    def error(self) -> BaseException:
        """The error, of its own kind if that takes a message, with the traceback of the worker in its text."""
        text = (
            f"DataLoader worker {self.worker} raised {self.kind.__name__}: {self.message}\n\n"
            f"The traceback in worker {self.worker}:\n{self.trace}"
        )
        if issubclass(self.kind, KeyError):
            return self.kind(_Lines(text))
        try:
            return self.kind(text)
        except Exception:  # a kind that wants other arguments
            return RuntimeError(text)


class _Lines(str):
    """Text whose lines are kept by a KeyError, which shows the repr of what it is given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def report(worker: int, error: BaseException) -> Report:
    """The report of an error; of a class that other processes cannot find it is one of a RuntimeError."""
    kind: type[BaseException] = type(error)
    trace = "".join(traceback.format_exception(error))
    try:
        ForkingPickler.dumps(kind)
    except Exception:
        kind = RuntimeError
    return Report(
        worker, kind, f"{type(error).__name__}: {error}" if kind is not type(error) else str(error), trace
    )


def run(
    number: int,
    count: int,
    seed: int,
    reading: Reading,
    init: Callable[[int], Any] | None,
    tasks: Any,
    results: Any,
) -> None:
    """The main function of worker `number` of `count`: read tasks from one pipe, write results to the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends its workers
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # held back while the process started
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    waiting: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, waiting), daemon=True).start()
    failure = None
    try:
        _prepare(WorkerInfo(number, count, seed, reading.dataset), init)
    except Exception as error:
        failure = report(number, error)
    fetch: Any = None
    epoch = -1
    while (task := waiting.get()) is not None:
        if task.epoch != epoch and failure is None:
            epoch = task.epoch
            fetch, failure = _started(number, reading)
        try:
            results.send_bytes(_answer(number, task, fetch, failure))
        except OSError:  # the main process reads no more
            return


def _receive(tasks: Any, waiting: queue.SimpleQueue[Task | None]) -> None:
    """Take tasks out of the pipe at once, so that the main process never waits; end when that has ended.

    The end of the pipe does not tell: forked workers hold copies of its other end.
    """
    main = parent_process()
    assert main is not None
    while tasks in wait([tasks, main.sentinel]):
        task = tasks.recv()
        waiting.put(task)
        if task is None:
            return
    os._exit(1)


def _prepare(info: WorkerInfo, init: Callable[[int], Any] | None) -> None:
    set_worker_info(info)
    random.seed(info.seed)
    np.random.seed(info.seed % 2**32)
    manual_seed(info.seed)
    if init is not None:
        init(info.id)


def _started(number: int, reading: Reading) -> tuple[Any, Report | None]:
    """A fetcher for a new pass, or the report of an error in the `__iter__` of a dataset."""
    try:
        return reading.fetcher(), None
    except Exception as error:
        return None, report(number, error)


def _answer(number: int, task: Task, fetch: Any, failure: Report | None) -> Any:
    """The result of a task, pickled: what cannot be pickled is an error of this task."""
    if failure is not None:
        return ForkingPickler.dumps(Result(task.epoch, report=failure))
    try:
        return ForkingPickler.dumps(Result(task.epoch, fetch(task.wanted)))
    except StopIteration:
        return ForkingPickler.dumps(Result(task.epoch, ended=True))
    except Exception as error:
        return ForkingPickler.dumps(Result(task.epoch, report=report(number, error)))
