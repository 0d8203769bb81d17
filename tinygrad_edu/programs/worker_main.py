"""The main module of a spawned process, run as `__mp_main__`: it becomes the program that spawned the process."""

from __future__ import annotations

from tinygrad_edu.programs.substitution import install
from tinygrad_edu.programs.worker_processes import run_again

if __name__ == "__mp_main__":
    install(quiet=True)
    run_again(globals())
