"""Runs a question: a process for each library, which are asked for one round after the other, in turn."""

from __future__ import annotations

import math
import multiprocessing
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from harness.question import Contestant, Numbers, Question

# What libraries read when they start. The last two are for XLA, which has no other way.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NPROC")
XLA_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"
QUICK_ROUNDS = 3


@dataclass
class Found:
    """The numbers of every round, and who did not take part, with the reason."""

    rounds: list[dict[str, Numbers]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


class Absent(Exception):  # noqa: N818 - it tells of a state, not of an error
    """A contestant that cannot take part, and why."""


class Process:
    """A contestant in its own process."""

    def __init__(self, builder: Callable[[bool], Contestant], quick: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=serve, args=(builder, quick, end), daemon=True)
        self.process.start()
        end.close()
        self.answer: float = self.receive()

    def receive(self) -> Any:
        """The next answer of the process."""
        try:
            kind, content = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise Absent(f"its process ended with exit code {self.process.exitcode}") from None
        if kind == "absent":
            raise Absent(content)
        return content

    def round(self) -> Numbers:
        """The numbers of one more round."""
        self.pipe.send("round")
        return self.receive()

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()  # it reads the end of file, and returns
        self.process.join()


def serve(builder: Callable[[bool], Contestant], quick: bool, pipe: Connection) -> None:
    """The life of a contestant's process: set up once, then a round each time it is asked."""
    try:
        contestant = builder(quick)
        pipe.send(("ready", contestant.answer))
        while pipe.recv() == "round":
            pipe.send(("round", contestant.run()))
    except EOFError:
        return
    except ModuleNotFoundError as error:
        pipe.send(("absent", f'no module {error.name!r}; pip install "tinygrad_edu[bench]"'))
    except Exception as error:
        traceback.print_exc()
        pipe.send(("absent", f"{type(error).__name__}: {error}"))


def limit_threads(count: int) -> None:
    """Let the processes started from now on use `count` threads each."""
    os.environ.update(dict.fromkeys(THREADS, str(count)))
    if count == 1:
        os.environ["XLA_FLAGS"] = XLA_ONE_THREAD


def play(question: Question, names: Sequence[str], quick: bool) -> Found:
    """All rounds of the named contestants; each round begins with another one."""
    limit_threads(question.threads)
    found = Found()
    playing = _start(question, names, quick, found)
    _same_answers(question, {name: process.answer for name, process in playing.items()})
    for number in range(QUICK_ROUNDS if quick else question.rounds):
        order = list(playing)
        order = order[number % len(order) :] + order[: number % len(order)] if order else order
        round_: dict[str, Numbers] = {}
        for name in order:
            if question.fresh and number:
                playing[name] = Process(question.contestants[name], quick)
            try:
                round_[name] = playing[name].round()
            except Absent as reason:
                found.skipped[name] = str(reason)
                del playing[name]
            else:
                if question.fresh:
                    playing[name].stop()
        found.rounds.append(round_)
    for process in playing.values():
        process.stop()
    return found


def _start(question: Question, names: Sequence[str], quick: bool, found: Found) -> dict[str, Process]:
    playing = {}
    for name in names:
        try:
            playing[name] = Process(question.contestants[name], quick)
        except Absent as reason:
            found.skipped[name] = str(reason)
    return playing


def _same_answers(question: Question, answers: dict[str, float]) -> None:
    expected = next(iter(answers.values()), 0.0)
    if not all(math.isclose(answer, expected, rel_tol=question.tolerance) for answer in answers.values()):
        got = ", ".join(f"{name} {answer!r}" for name, answer in answers.items())
        raise ValueError(f"{question.title!r} needs contestants that compute the same, got {got}")
