"""Planted bugs: every derivative rule, and the machinery around them, broken in small ways: the tests shall notice.

Rules are broken in this process, and checked at the examples of their operations; what is not noticed there is broken
in a copy of the source, on which the tests of the file and of its folder run. So are all bugs of the machinery: of
each file some are drawn. Equivalent ones, which change nothing that anybody can see, are listed with their reason in
`planted_bugs_equivalent.txt`. Exit status 1 if a bug survives.

    python benchmarks/planted_bugs.py                     # rules, and 6 bugs of each file: hours on two cores
    python benchmarks/planted_bugs.py --rules             # the rules alone
    python benchmarks/planted_bugs.py --each 2 engine optim
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from tests.ops.test_rules import CASES, PAIRS, POINTS
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.testing.mutations import Mutation, of_function, of_result
from tinygrad_edu.testing.rule_bugs import planted_bugs

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tinygrad_edu"
EQUIVALENT = Path(__file__).with_name("planted_bugs_equivalent.txt")
MACHINERY = (
    "engine", "scalar.py", "tensor", "autograd", "func.py", "optim", "nn", "ops", "distributions", "plan", "checks",
    "testing", "reading", "text", "symbolic", "explanation", "hints", "utils", "io", "datasets", "exercise", "viz",
    "exam", "examples", "programs", "puzzles", "lessons", "docs", "cli", "__init__.py",
)  # fmt: skip
WIDER = {
    "engine": [
        "tests/autograd",
        "tests/tensor",
        "tests/hints",
        "tests/reading",
        "tests/nn",
        "tests/robustness",
        "tests/test_after_a_step.py",
    ],
    "scalar.py": ["tests/plan/values"],
    "tensor": ["tests/pytorch", "tests/test_func.py"],
    "nn": ["tests/pytorch"],
    "checks": ["tests/testing", "tests/autograd"],
    "__init__.py": ["tests/hints/test_missing_names.py", "tests/test_public.py"],
}  # the folders whose tests look at it, too
MINUTES = 4  # of one run of tests: an endless loop is noticed, too
COPIED = ("tinygrad_edu", "tests", "benchmarks", "pyproject.toml", "README.md", ".github")


@dataclass(frozen=True)
class Bug:
    """A mutation of a file of the package."""

    file: Path
    mutation: Mutation
    part: str  # what stood there
    lines: str  # the lines with the bug in them

    def __str__(self) -> str:
        place = f"{self.file.relative_to(PACKAGE)}:{self.mutation.line}"
        return f"{place}: {self.mutation.kind}: {self.part} -> {self.mutation.text}"

    @property
    def key(self) -> str:
        """The lines with the bug, wherever in their file they are, as the list of equivalent ones has them."""
        return f"{self.file.relative_to(PACKAGE)}: {self.lines}"


def bugs_of(file: Path) -> list[Bug]:
    """Every mutation of the functions of a file; of operations, of what they return as a whole, too."""
    source = file.read_bytes()
    kinds = (of_function, of_result) if "ops" in file.parts else (of_function,)
    functions = [x for x in ast.walk(ast.parse(source)) if isinstance(x, ast.Lambda | ast.FunctionDef)]
    found = {m for node in functions for kind in kinds for m in kind(node, source)}
    return [bug_in(file, m) for m in sorted(found, key=lambda m: (m.start, m.end, m.text))]


def bug_in(file: Path, mutation: Mutation) -> Bug:
    """The mutation, with what stood there and its lines."""
    source = file.read_bytes()
    start = source.rfind(b"\n", 0, mutation.start) + 1
    end = source.find(b"\n", mutation.end) % (len(source) + 1)
    lines = source[start : mutation.start] + mutation.text.encode() + source[mutation.end : end]
    part = source[mutation.start : mutation.end]
    return Bug(file, mutation, *(" ".join(x.decode().split()) for x in (part, lines)))


def tests_for(file: Path) -> list[list[str]]:
    """The tests that should notice a bug of a file: those of its name, of its folder, and of what stands on it."""
    inside = file.relative_to(PACKAGE)
    own = [
        str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob(f"test_{inside.stem.lstrip('_')}.py")
    ]
    folder = next((p for p in [*inside.parents] if p.name and (ROOT / "tests" / p).is_dir()), None)
    wider = WIDER.get(inside.parts[0])
    return [tests for tests in (own, folder and [f"tests/{folder}"], wider) if tests]


class Copies:
    """Copies of the project, one for each process at work."""

    def __init__(self, count: int, folder: Path) -> None:
        self.free: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            copy = folder / str(number)
            copy.mkdir()
            for name in COPIED:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / name, copy / name)
            self.free.put(copy)

    def noticed(self, bug: Bug) -> bool:
        """True if some test fails with the bug."""
        copy = self.free.get()
        broken = copy / bug.file.relative_to(ROOT)
        source = broken.read_bytes()
        try:
            broken.write_bytes(bug.mutation.applied(source))
            return any(not passes(copy, tests) for tests in tests_for(bug.file))
        finally:
            broken.write_bytes(source)
            self.free.put(copy)


def passes(copy: Path, tests: Iterable[str]) -> bool:
    """True if the tests pass in a copy of the project."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    try:
        return (
            subprocess.run(
                command, cwd=copy, capture_output=True, timeout=60 * MINUTES, check=False
            ).returncode
            == 0
        )
    except subprocess.TimeoutExpired:
        return False


def examples(operation: Operation) -> list[tuple[list[np.ndarray], dict[str, Any]]]:
    """The cases of the tests; of operations on each number some shapes that broadcast."""
    name = operation.name
    if name not in POINTS:
        return [(case.points(), case.settings) for case in CASES if case.name == name]
    shapes = [((2, 3),) * 3, *((x, y, (3,)) for x, y in PAIRS)]
    rng = np.random.default_rng(7)
    return [([_around(x, s, rng) for x, s in zip(POINTS[name], each, strict=False)], {}) for each in shapes]


def _around(x: float, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    return x + rng.uniform(-0.2, 0.2, shape) if isinstance(x, float) else np.full(shape, x, bool)


def unnoticed_rules(operations: Iterable[Operation]) -> tuple[int, list[Bug]]:
    """How many bugs of derivative rules the cases of the tests notice, and those that they do not."""
    found = [planted_bugs(op, examples=examples(op)) for op in operations if op.differentiable]
    noticed = {bug_in(bug.file, bug.mutation) for each in found for bug in each.bugs if bug.noticed}
    rest = {bug_in(bug.file, bug.mutation) for each in found for bug in each.bugs}
    return len(noticed), sorted(rest - noticed, key=str)


def machinery(parts: Iterable[str], each: int, seed: int) -> list[Bug]:
    """So many bugs of each file, drawn by chance."""
    drawn = random.Random(seed)
    found = []
    for part in parts:
        for file in sorted((PACKAGE / part).rglob("*.py")) if (PACKAGE / part).is_dir() else [PACKAGE / part]:
            bugs = bugs_of(file) if tests_for(file) else []
            found += drawn.sample(bugs, min(each, len(bugs)))
    return found


def equivalent() -> dict[str, str]:
    """The reasons why some bugs are none, by key."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines() if EQUIVALENT.exists() else []
    return dict(line.rsplit("  # ", 1) for line in lines if "  # " in line)


def survivors(bugs: list[Bug], jobs: int) -> tuple[list[Bug], list[Bug]]:
    """The bugs that were tried, and those that no test noticed."""
    known = equivalent()
    tried = [bug for bug in bugs if bug.key not in known]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        copies = Copies(jobs, Path(folder))
        noticed = []
        for bug, seen in zip(tried, pool.map(copies.noticed, tried), strict=True):
            noticed.append(seen)
            if not seen:
                print(f"  survived  {bug}", flush=True)
    return tried, [bug for bug, seen in zip(tried, noticed, strict=True) if not seen]


def report(title: str, tried: list[Bug], missed: list[Bug], before: int = 0) -> None:
    """Print caught / planted, and the same by kind."""
    planted, survived = Counter(b.mutation.kind for b in tried), Counter(b.mutation.kind for b in missed)
    total = len(tried) + before
    print(
        f"{title}: {total - len(missed)} of {total} noticed ({100 * (1 - len(missed) / max(total, 1)):.1f} %)"
    )
    for kind, count in planted.most_common():
        print(f"    {kind}: {count - survived[kind]} of {count}")


def main() -> int:
    """Plant the bugs that are asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument(
        "parts", nargs="*", help=f"folders and files of the package, instead of {', '.join(MACHINERY)}"
    )
    parser.add_argument("--rules", action="store_true", help="the derivative rules alone")
    parser.add_argument("--each", type=int, default=6, help="bugs of each file (default: 6)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    arguments = parser.parse_args()
    missed: list[Bug] = []
    if not arguments.parts:
        noticed, rest = unnoticed_rules(OPERATIONS.values())
        tried, missed = survivors(rest, arguments.jobs)
        report("derivative rules", tried, missed, noticed)
    if not arguments.rules:
        bugs = machinery(arguments.parts or MACHINERY, arguments.each, arguments.seed)
        tried, others = survivors(bugs, arguments.jobs)
        report("machinery", tried, others)
        missed = missed + others
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
