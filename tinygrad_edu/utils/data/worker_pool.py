"""The worker processes of a loader as the main process sees them: started, given tasks, waited for and ended.

Each worker has a pipe for its tasks and one for its results. Batch k goes to worker k modulo their number, and every
worker answers in order, so that the next batch is always the next result of one known worker.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import Any

from tinygrad_edu.utils.data.worker_loop import Result, Task, run

_GRACE = 2.0  # seconds for a worker that has nothing to do to end by itself


class Worker:
    """One process, and the ends of its two pipes that are ours."""

    def __init__(self, context: Any, *arguments: Any) -> None:
        theirs, self.tasks = context.Pipe(duplex=False)
        self.results, answers = context.Pipe(duplex=False)
        self.outstanding = 0
        self.process = context.Process(target=run, args=(*arguments, theirs, answers), daemon=True)
        try:
            with _interrupts_held():
                self.process.start()
        finally:
            theirs.close()
            answers.close()

    def send(self, task: Task | None) -> None:
        """Give a task, or with None the wish that it ends; a worker that is gone is noticed when its result is due."""
        try:
            self.tasks.send(task)
            self.outstanding += task is not None
        except OSError:
            self.outstanding += 1

    def receive(self, timeout: float, number: int) -> Result:
        """The next result. Raises `RuntimeError` if the process has died, or after `timeout` seconds."""
        ready = wait([self.results, self.process.sentinel], timeout or None)
        if not ready:
            raise RuntimeError(
                f"DataLoader waited timeout={timeout} seconds for worker {number}, which is not ready; "
                "wait longer, or find out what its dataset waits for with num_workers=0"
            )
        try:
            if self.results in ready or self.results.poll():
                result: Result = self.results.recv()
                self.outstanding -= 1
                return result
        except (EOFError, ConnectionError):
            pass
        self.process.join(_GRACE)
        raise RuntimeError(
            f"DataLoader worker {number} (process {self.process.pid}) died with exit code {self.process.exitcode}, "
            "perhaps for want of memory; num_workers=0 reads in this process and shows more"
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back, here and in a process that starts meanwhile, until that ignores it."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Pool:
    """All workers of a loader, until `stop()`."""

    def __init__(self, loader: Any, seed: int) -> None:
        context, count = _context(loader.multiprocessing_context), loader.num_workers
        self.owner, self.stopped, self.epoch = os.getpid(), False, 0
        self.workers: list[Worker] = []
        try:
            for i in range(count):
                arguments = i, count, seed + i, loader._reading, loader.worker_init_fn
                self.workers.append(Worker(context, *arguments))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all processes: idle ones by themselves, busy ones at once."""
        if self.stopped or os.getpid() != self.owner:  # a copy in a forked process owns none
            return
        self.stopped = True
        for worker in self.workers:
            if worker.outstanding:
                worker.process.terminate()
            else:
                worker.send(None)
        deadline = time.monotonic() + _GRACE
        for worker in self.workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.tasks.close()
            worker.results.close()
            worker.process.close()


def _context(given: Any) -> Any:
    if given is None or isinstance(given, BaseContext):
        return multiprocessing.get_context() if given is None else given
    methods = multiprocessing.get_all_start_methods()
    if given not in methods:
        raise ValueError(
            f"DataLoader needs multiprocessing_context as a context or one of {', '.join(methods)}, got {given!r}"
        )
    return multiprocessing.get_context(given)


def batches(loader: Any, seed: int) -> Iterator[Any]:
    """One pass over the dataset by workers: new ones, or those that the loader keeps."""
    if not loader.persistent_workers:
        pool = Pool(loader, seed)
        found = _Batches(loader, pool)
        weakref.finalize(found, pool.stop)
        return found
    if loader._pool is None or loader._pool.stopped:
        loader._pool = Pool(loader, seed)
        weakref.finalize(loader, loader._pool.stop)
    return _Batches(loader, loader._pool)


class _Batches:
    """One pass: `prefetch_factor` tasks for each worker are always on their way."""

    def __init__(self, loader: Any, pool: Pool) -> None:
        self._loader, self._pool = loader, pool
        pool.epoch += 1
        self._epoch = pool.epoch
        self._order, self._turns = iter(loader._order), deque[int]()
        self._reading = set(range(loader.num_workers))  # without those whose dataset has ended
        self._rotation = itertools.cycle(range(loader.num_workers))
        try:
            for _ in range(loader.prefetch_factor * loader.num_workers):
                self._ask()
        except BaseException:
            pool.stop()
            raise

    def _ask(self) -> None:
        """Give the next task to the next worker, if there is one of both."""
        if not self._reading:
            return
        for wanted in itertools.islice(self._order, 1):
            number = next(i for i in self._rotation if i in self._reading)
            self._pool.workers[number].send(Task(self._epoch, wanted))
            self._turns.append(number)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._pool.epoch != self._epoch:
            raise RuntimeError(
                "this pass over the DataLoader has ended: its persistent workers began another one, as "
                "iter(loader) was called again"
            )
        try:
            while self._turns:
                result = self._next_result()
                self._ask()
                if not result.ended:
                    return result.batch
        except BaseException:
            self._turns.clear()
            self._pool.stop()
            raise
        if not self._loader.persistent_workers:
            self._pool.stop()
        raise StopIteration

    def _next_result(self) -> Result:
        number = self._turns.popleft()
        worker = self._pool.workers[number]
        result = worker.receive(self._loader.timeout, number)
        while result.epoch != self._epoch:  # of a pass that was left early
            result = worker.receive(self._loader.timeout, number)
        if result.report is not None:
            raise result.report.error()
        if result.ended:
            self._reading.discard(number)
        return result

    def __len__(self) -> int:
        return len(self._loader)
