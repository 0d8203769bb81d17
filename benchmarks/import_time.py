"""The time of `import` in a new process, beside `import numpy` alone.

Compiled to bytecode before, as an installed package is, also where PYTHONDONTWRITEBYTECODE is set.

python benchmarks/import_time.py
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import partial

from harness import Contestant, Question, above, main

CODE = "import time; start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1000)"


def imports(module: str, quick: bool) -> Contestant:
    """A contestant whose process starts another process in each round."""
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(name=module)
    del quick
    milliseconds(module)  # the first time compiles to bytecode
    return Contestant(0.0, lambda: {"import": milliseconds(module)})


def milliseconds(module: str) -> float:
    command = [sys.executable, "-c", CODE.format(module)]
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=keeping).stdout)


MODULES = {
    "tinygrad_edu": "tinygrad_edu",
    "NumPy": "numpy",
    "HIPS autograd": "autograd.numpy",
    "MyGrad": "mygrad",
    "JAX": "jax",
    "PyTorch": "torch",
}
QUESTION = Question(
    title="Import in a new process",
    measures={"import": "ms"},
    contestants={name: partial(imports, module) for name, module in MODULES.items()},
    claims=[
        above(name, "NumPy", "import", "ms", bar=60 if name == "tinygrad_edu" else None)
        for name in MODULES
        if name != "NumPy"
    ],
    rounds=15,
)

if __name__ == "__main__":
    main(QUESTION)
