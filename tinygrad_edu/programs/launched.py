"""The main module of a process that `tinygrad-edu launch` starts: it joins the others, and becomes the program."""

from __future__ import annotations

import sys
from pathlib import Path

from tinygrad_edu.plan.codegen.jax.jax_engine import needed_jax
from tinygrad_edu.programs.execution import exit_code
from tinygrad_edu.programs.substitution import substitution
from tinygrad_edu.tensor.processes import PEERS
from tinygrad_edu.tensor.random_tensors import manual_seed

_PATIENCE = 20  # seconds without a sign of life after which a process is lost


def main(address: str, count: str, number: str, local: str, per_host: str, seed: str, *program: str) -> int:
    """Join process `number` of `count` to the others at `address`, and run the program; returns its exit code."""
    jax = needed_jax()
    own = [int(local)] if int(per_host) > 1 else None  # of several accelerators each process has one
    jax.distributed.initialize(
        address, int(count), int(number), local_device_ids=own, heartbeat_timeout_seconds=_PATIENCE
    )
    PEERS.count, PEERS.number = int(count), int(number)
    manual_seed(int(seed))
    with substitution():
        return exit_code(Path(program[0]), program[1:])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
