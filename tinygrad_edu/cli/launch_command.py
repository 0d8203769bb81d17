"""`tinygrad-edu launch -n 4 train.py` runs a program in several processes, whose plans on JAX compute together."""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import time
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError, program_file

_LOOK = 0.1  # seconds between two looks at the processes
_LATE = 5.0  # seconds that a process has to end by itself after another has failed


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `launch` with its arguments."""
    parser = add_command(
        commands, "launch", "run a script in several processes, in which jax_engine() is all of their devices"
    )
    parser.add_argument("-n", type=_count, default=1, metavar="PROCESSES", help="how many on this host (1)")
    parser.add_argument(
        "--host",
        type=_host,
        default=(0, 1),
        metavar="I/HOSTS",
        help="for several hosts: the same command on each, with I from 0 (0/1)",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of host 0, as the other hosts reach it; needed for several hosts",
    )
    parser.add_argument("program", metavar="SCRIPT.py", help="the program")
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="arguments of the program")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Run the processes until all have ended, or one has failed; returns the exit code. Raises `ScriptError`."""
    path = program_file(arguments.program)
    host, hosts = arguments.host
    if hosts > 1 and arguments.address is None:
        raise ScriptError("several hosts need --address HOST:PORT, that of host 0")
    address, count = arguments.address or f"127.0.0.1:{_free_port()}", arguments.n * hosts
    seed = int.from_bytes(os.urandom(6)) if hosts == 1 else count  # all start from the same parameters
    processes = []
    for local in range(arguments.n):
        group = [address, count, host * arguments.n + local, local, arguments.n, seed]
        command = [sys.executable, "-m", "tinygrad_edu.programs.launched", *map(str, group), str(path)]
        processes.append(subprocess.Popen([*command, *arguments.arguments]))
    try:
        return _ended(processes, host * arguments.n)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _ended(processes: list[subprocess.Popen[bytes]], first: int) -> int:
    """Wait for all, or for one that fails and then not long for the others; returns the first exit code but 0."""
    while True:
        codes = [process.poll() for process in processes]
        failed = next((number for number, code in enumerate(codes) if code), None)
        if failed is not None:
            break
        if None not in codes:
            return 0
        time.sleep(_LOOK)
    until = time.monotonic() + _LATE
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(_LOOK)
    code = codes[failed] or 1
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    sys.stderr.write(f"tinygrad-edu launch: process {first + failed} {how}; the others were stopped\n")
    return 128 - code if code < 0 else code


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"a number of processes from 1 is needed, got {text}")
    return int(text)


def _host(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None or int(found[1]) >= int(found[2]):
        raise argparse.ArgumentTypeError(f"I/HOSTS with I below HOSTS is needed, got {text}")
    return int(found[1]), int(found[2])
