"""Lines of C: loops, declarations and comments, and the helper functions that they call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tinygrad_edu.plan.codegen.c.access import Access, Place, merged
from tinygrad_edu.plan.codegen.c.elementwise_kernels import HELPERS

COUNTERS = ("i", "j", "k", "l", "m", "n", "p", "q", "r", "s", "t", "u")
# What a variable cannot be called: words of C, and names of the headers that the file includes.
_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
NULL EOF INFINITY NAN M_PI main step run arrays checks load load_batch save random_number stdin stdout stderr file
abs labs div exit abort free malloc calloc realloc rand srand remove rename printf fprintf sprintf puts putc getc
fopen fread fwrite fclose ftell fseek perror system getenv atoi atof qsort bsearch memcpy memmove memset strlen strtol
index signal time random isnan isinf isfinite signbit gamma y0 y1 yn j0 j1 jn tgamma cbrt exp2 fdim fma frexp ldexp
logb ilogb modf nan nearbyint remainder remquo round lround scalbn scalbln significand drem finite asm
total top place row next in keep fresh out now at0 at1 at2 at3 at4 at5 at6 at7
"""
RESERVED = frozenset(_WORDS.split())
_WORD = re.compile(r"[A-Za-z_]\w*")


class Writer:
    """Collects the lines of a function. `helpers`: the functions that are written before it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.helpers: dict[str, str] = {}
        self.checks: list[str] = []  # what may be wrong with numbers: the function then returns 1, 2, ...
        self._depth = 0  # of loops
        self._margin = 1

    def line(self, text: str) -> None:
        """Append one line."""
        self.lines += ["    " * self._margin + part for part in text.split("\n")]
        for name in _WORD.findall(text):
            if name in HELPERS:
                self.helpers[name] = HELPERS[name].strip()

    def comment(self, text: str) -> None:
        """Append an empty line and a comment."""
        self.lines += [""] if self.lines else []
        self.line(f"/* {text.replace('*/', '* /')} */")

    @contextmanager
    def block(self, head: str = "") -> Iterator[None]:
        """The lines written meanwhile in braces."""
        self.line(f"{head} {{".strip())
        self._margin += 1
        yield
        self._margin -= 1
        self.line("}")

    @contextmanager
    def loops(self, sizes: Sequence[int]) -> Iterator[list[Place]]:
        """Loops over all places; a dimension of one element needs none."""
        places: list[Place] = []
        opened = 0
        for n in sizes:
            if n == 1:
                places.append(0)
                continue
            name = COUNTERS[self._depth]
            self.line(f"for (int {name} = 0; {name} < {n}; {name}++) {{")
            self._depth += 1
            self._margin += 1
            opened += 1
            places.append(name)
        yield places
        for _ in range(opened):
            self._depth -= 1
            self._margin -= 1
            self.line("}")

    @contextmanager
    def each(self, shape: Sequence[int], *arrays: Access) -> Iterator[list[str]]:
        """Loops over arrays of one shape, as few as possible; the element of each array."""
        sizes, same = merged(shape, arrays)
        with self.loops(sizes) as places:
            yield [x.at(*places) for x in same]

    def fail(self, test: str, message: str) -> None:
        """Return from the function if `test` is true, before anything was overwritten with numbers that it spoils."""
        if message not in self.checks:
            self.checks.append(message)
        self.line(f"if ({test})")
        self.line(f"    return {self.checks.index(message) + 1};")
