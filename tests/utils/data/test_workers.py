"""Worker processes: order, errors, seeds, and that none outlives its loop."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

SLOW = 120  # seconds, on a busy machine


class Numbers(Dataset[int]):
    def __len__(self):
        return 12

    def __getitem__(self, index):
        return index


class Faulty(Numbers):
    def __init__(self, error):
        self.error = error

    def __getitem__(self, index):
        if index == 5:
            raise self.error
        return index


class Deadly(Numbers):
    def __getitem__(self, index):
        os._exit(3)


class Sleepy(Numbers):
    def __getitem__(self, index):
        time.sleep(SLOW)


class Shares(IterableDataset[int]):
    def __iter__(self):
        info = get_worker_info()
        return iter(range(info.id, 11, info.num_workers))


class Drawn(Numbers):
    def __getitem__(self, index):
        return torch.rand(1).item(), random.random(), np.random.rand(), get_worker_info().seed


class Large(Numbers):
    def __getitem__(self, index):
        return np.full(200_000, index)


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def numbers(loader):
    return [batch.tolist() for batch in loader]


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"
)


def wait_until_gone(processes):
    end = time.monotonic() + SLOW
    while any(alive(pid) for pid in processes) and time.monotonic() < end:
        time.sleep(0.02)
    return [pid for pid in processes if alive(pid)]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children():
    return [child.pid for child in multiprocessing.active_children()]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_batches_come_in_order_and_the_processes_end_with_the_loop(workers):
    loader = DataLoader(Numbers(), 5, num_workers=workers)

    assert numbers(loader) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    assert children() == []


def test_the_order_is_that_without_workers():
    def order(workers):
        torch.manual_seed(0)
        return numbers(DataLoader(Numbers(), 5, shuffle=True, num_workers=workers))

    assert order(0) == order(2)


def test_results_larger_than_a_pipe_come_through():
    loader = DataLoader(Large(), 3, num_workers=2, prefetch_factor=4)

    assert [batch[:, -1].tolist() for batch in loader] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]


@pytest.mark.slow
def test_tasks_larger_than_a_pipe_get_through():
    batches = [[i % 12 for i in range(300_000)]] * 8

    loader = DataLoader(Numbers(), batch_sampler=batches, num_workers=2, prefetch_factor=3)

    assert [len(batch) for batch in loader] == [300_000] * 8


def test_every_worker_reads_a_copy_of_an_iterable_dataset():
    loader = DataLoader(Shares(), 2, num_workers=3)

    assert numbers(loader) == [[0, 3], [1, 4], [2, 5], [6, 9], [7, 10], [8]]
    assert children() == []


@pytest.mark.slow
def test_other_ways_to_start_a_process_give_the_same():
    loader = DataLoader(range(5), 2, num_workers=1, multiprocessing_context="spawn")

    assert numbers(loader) == [[0, 1], [2, 3], [4]]


def test_a_context_is_checked():
    with pytest.raises(
        ValueError, match=r"multiprocessing_context as a context or one of fork.*got 'thread'"
    ):
        iter(DataLoader(Numbers(), num_workers=1, multiprocessing_context="thread"))
    context = multiprocessing.get_context("fork")
    assert len(numbers(DataLoader(Numbers(), 4, num_workers=1, multiprocessing_context=context))) == 3


def test_an_error_in_a_worker_is_raised_with_its_traceback():
    loader = DataLoader(Faulty(ValueError("no such\npicture")), 2, num_workers=2)

    with pytest.raises(
        ValueError, match=r"DataLoader worker 0 raised ValueError: no such\npicture"
    ) as caught:
        list(loader)

    assert "The traceback in worker 0:" in str(caught.value)
    assert "in __getitem__" in str(caught.value)
    assert children() == []


def test_batches_before_the_error_are_given():
    iterator = iter(DataLoader(Faulty(KeyError("x")), 2, num_workers=2))

    assert [next(iterator).tolist(), next(iterator).tolist()] == [[0, 1], [2, 3]]
    with pytest.raises(KeyError, match="DataLoader worker 0 raised KeyError: 'x'"):
        next(iterator)
    with pytest.raises(StopIteration):
        next(iterator)


def test_an_error_that_takes_other_arguments_is_a_runtime_error():
    with pytest.raises(RuntimeError, match="DataLoader worker 0 raised OddError: 1 and 2"):
        list(DataLoader(Faulty(OddError(1, 2)), 2, num_workers=2, multiprocessing_context="fork"))


def test_an_error_of_a_local_class_is_a_runtime_error():
    class Local(Exception):
        pass

    with pytest.raises(RuntimeError, match="raised RuntimeError: Local: mine"):
        list(DataLoader(Faulty(Local("mine")), 2, num_workers=2, multiprocessing_context="fork"))


def test_what_cannot_be_pickled_is_an_error_of_its_batch():
    loader = DataLoader(Numbers(), 2, num_workers=1, collate_fn=_a_function, multiprocessing_context="fork")

    with pytest.raises(Exception, match=r"DataLoader worker 0 raised .*(pickle|get) local object"):
        list(loader)


def _a_function(batch):
    return lambda: batch


def test_errors_of_the_sampler_end_the_workers():
    def batches():
        yield [0]
        raise OSError("no more numbers")

    with pytest.raises(OSError, match="no more numbers"):
        list(DataLoader(Numbers(), batch_sampler=batches(), num_workers=2))

    assert children() == []


def test_a_worker_that_dies_is_named():
    with pytest.raises(
        RuntimeError, match=r"DataLoader worker 0 \(process \d+\) died with exit code 3, perhaps"
    ):
        list(DataLoader(Deadly(), 2, num_workers=1))

    assert children() == []


def test_waiting_too_long_is_an_error():
    with pytest.raises(RuntimeError, match=r"DataLoader waited timeout=0.2 seconds for worker 0"):
        list(DataLoader(Sleepy(), num_workers=1, timeout=0.2))

    assert children() == []


def test_workers_end_when_the_iterator_is_dropped():
    iterator = iter(DataLoader(Numbers(), num_workers=2))
    next(iterator)
    processes = children()

    del iterator

    assert len(processes) == 2
    assert wait_until_gone(processes) == []


def test_workers_end_when_the_loop_raises():
    def loop():
        for _ in DataLoader(Numbers(), num_workers=2):
            raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        loop()

    assert children() == []


def test_workers_that_persist_read_pass_after_pass():
    loader = DataLoader(Numbers(), 4, num_workers=2, persistent_workers=True)
    first = numbers(loader)
    processes = set(children())

    assert next(iter(loader)).tolist() == [0, 1, 2, 3]  # a pass that is left early
    assert numbers(loader) == first == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert set(children()) == processes
    del loader
    assert wait_until_gone(processes) == []


def test_workers_that_persist_read_one_pass_at_a_time():
    loader = DataLoader(Numbers(), 4, num_workers=1, persistent_workers=True)
    old = iter(loader)
    iter(loader)

    with pytest.raises(RuntimeError, match="this pass over the DataLoader has ended"):
        next(old)


def test_workers_that_persist_are_started_anew_after_an_error():
    loader = DataLoader(Faulty(ValueError("bad")), 4, num_workers=1, persistent_workers=True)

    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            list(loader)

    assert children() == []


def test_every_worker_draws_numbers_of_its_own():
    def drawn():
        loader = DataLoader(Drawn(), 2, num_workers=2, generator=torch.Generator().manual_seed(1))
        return [[part.tolist() for part in batch] for batch in loader]

    first = drawn()

    assert first == drawn()
    assert first[0][3][0] + 1 == first[1][3][0]
    for column in range(3):
        assert len({x for batch in first for x in batch[column]}) == 12


def test_a_function_may_prepare_a_worker():
    loader = DataLoader(Numbers(), 3, num_workers=2, worker_init_fn=_fail_in_worker_1)

    with pytest.raises(ValueError, match="DataLoader worker 1 raised ValueError: worker 1 does not like"):
        list(loader)


def _fail_in_worker_1(number):
    if number == 1:
        raise ValueError(f"worker {number} does not like to start; {get_worker_info()[:2]}")


def test_there_is_no_worker_in_the_main_process():
    assert get_worker_info() is None


# What happens to the children of a program that ends.

# As in a terminal: who starts the tests in the background ignores Ctrl-C, and so would the program.
LISTENING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
"""

PROGRAM = """
import multiprocessing, sys, time
from tinygrad_edu.utils.data import DataLoader, Dataset

class Numbers(Dataset):
    def __len__(self):
        return 10_000
    def __getitem__(self, index):
        time.sleep(SLEEP)
        return index

for _ in DataLoader(Numbers(), num_workers=3, persistent_workers=PERSISTENT, multiprocessing_context="fork"):
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    time.sleep(0.01)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(("sleep", "persistent"), [(0.001, False), (0.3, True)])
def test_no_process_outlives_a_program_that_is_ended(ending, sleep, persistent):
    program = PROGRAM.replace("SLEEP", str(sleep)).replace("PERSISTENT", str(persistent))
    command = [sys.executable, "-c", LISTENING + program]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        processes = [int(pid) for pid in process.stdout.readline().split()]

        if ending is signal.SIGINT:
            os.killpg(process.pid, ending)  # as a terminal does
        else:
            process.send_signal(ending)
        _, errors = process.communicate(timeout=SLOW)

    assert len(processes) == 3
    assert wait_until_gone(processes) == []
    assert process.returncode != 0
    if ending is signal.SIGINT:
        assert errors.count("KeyboardInterrupt") == errors.count("Traceback") == 1


STARTING = """
from tinygrad_edu.utils.data import DataLoader
for _ in DataLoader(range(2), num_workers=1):
    pass
print(flush=True)
while True:
    for _ in DataLoader(range(200), 64, num_workers=3):
        pass
"""


@pytest.mark.slow
def test_no_process_outlives_a_program_that_is_interrupted_while_workers_start_or_end():
    rng = np.random.default_rng(0)

    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", LISTENING + STARTING],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            process.stdout.readline()
            time.sleep(rng.random() * 0.05)
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=SLOW)

        assert errors.endswith("KeyboardInterrupt\n")
        assert wait_until_gone(processes_of_session(process.pid)) == []


def processes_of_session(session):
    found = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [int(path.name) for path in found if session_of(path) == session]


def session_of(path):
    try:
        return int((path / "stat").read_text("utf-8").rpartition(")")[2].split()[3])
    except (FileNotFoundError, ProcessLookupError):
        return None
