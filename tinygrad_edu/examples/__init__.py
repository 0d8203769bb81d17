"""Programs to run, read and copy: `tinygrad-edu example` lists them, each is one file with a function `main`."""

from __future__ import annotations

from typing import Any

# The examples in the order in which they are listed, and the arguments of `main` for a run of a few seconds.
QUICK: dict[str, dict[str, Any]] = {
    "micrograd_moons": {"epochs": 4, "points": 20},
    "digits_mlp": {"epochs": 3},
    "digits_cnn": {"epochs": 1},
    "names_mlp": {"steps": 200},
    "names_rnn": {"epochs": 1, "count": 1000},
    "tiny_gpt": {"steps": 20, "batch_size": 8, "length": 100},
    "microgpt": {"steps": 20, "width": 4},
    "digits_vae": {"epochs": 2},
    "digits_gan": {"epochs": 2},
    "karate_club": {"epochs": 50},
}
