"""The `main` of a program in C, which trains from a file of numbers, and the writing of that file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.plan.codegen.c.argument_layout import Argument, is_compact
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.draws import DRAW

_KEPT = ("state", "constant")  # what the file begins with
_GENERATOR = """
/* The next random number, from 0 up to but not including 1. Source: Steele, Lea and Flood, SplitMix (2014). */
static double random_number(void)
{
    static uint64_t state = 0;
    uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}"""
_COMMENT = """/*
 * A training step, written by tinygrad_edu from the function {name}.
 *
 *     cc -std=c99 -O3 -ffp-contract=off step.c -o step {libraries}
 *     ./step step.bin 100
 *
 * takes 100 steps and prints the loss of each. The file holds the raw numbers of these arrays, one after the other:
 *
{kept}
 *
 * and then, for every batch,
 *
{batch}
 *
 * as plan.dump("step.bin", ...) writes them. After the last batch the first comes again. If a third argument names a
 * file, what the first part of step.bin holds is written there after the last step.{draws}
 */"""


class Main:
    """The text of `main`, and the comment at the top of the file, which says how to use it."""

    def __init__(
        self,
        program: Program,
        arguments: Sequence[Argument],
        settings: Mapping[str, Hyperparameter],
        checks: Sequence[str],
    ) -> None:
        self._arguments, self._settings, self._checks = arguments, settings, checks
        self._draws = [call for call in program.calls if call.operation is DRAW]
        self._kept = [a for a in arguments if a.role in _KEPT]
        self._batch = [a for a in arguments if a.role == "input"]

    def comment(self, name: str, blas: bool) -> str:
        """The comment at the top."""
        listed = [
            [f" *     {a.c_type} {a.name}[{a.size}]{f'  ({a.about})' if a.about else ''}" for a in arrays]
            for arrays in (self._kept, self._batch)
        ]
        listed[0] += [f" *     double {name}" for name in self._settings]
        said = "\n * Random numbers are drawn by a small generator of its own." if self._draws else ""
        kept, batch = ("\n".join(x or [" *     nothing"]) for x in listed)
        libraries = "-lm -lcblas" if blas else "-lm"
        return _COMMENT.format(name=name, kept=kept, batch=batch, draws=said, libraries=libraries)

    @property
    def text(self) -> str:
        """The function, with what it needs."""
        memory = [f"static {a.c_type} {a.name}[{max(1, a.size)}];" for a in self._arguments]
        memory += [f"static double {name};" for name in self._settings]
        checks = [f'    "{check}",'.replace("\\", "/") for check in self._checks]
        handed = ", ".join([*(a.name for a in self._arguments), *self._settings])
        result = next((a for a in self._arguments if a.role == "result"), None)
        shown = f'printf("%.17g\\n", (double){result.name}[0]);' if result else 'printf("a step\\n");'
        drawn = [line for call in self._draws for line in self._draw(call)]
        return "\n".join(
            [
                "/* Training from a file. */",
                *memory,
                *(["static const char *const checks[] = {", *checks, "};"] if checks else []),
                *([_GENERATOR] if drawn else []),
                "",
                *self._moving("load", "fread", self._kept, self._settings),
                "",
                *self._moving("save", "fwrite", self._kept, self._settings),
                "",
                *self._moving("load_batch", "fread", self._batch, ()),
                "",
                "int main(int count, char **words)",
                "{",
                '    FILE *file = count < 3 ? NULL : fopen(words[1], "rb");',
                "    if (!file || !load(file)) {",
                '        fprintf(stderr, "usage: %s step.bin STEPS [trained.bin]\\n", words[0]);',
                "        return 2;",
                "    }",
                "    const long first = ftell(file), steps = strtol(words[2], NULL, 10);",
                "    for (long number = 0; number < steps; number++) {",
                "        if (!load_batch(file) && (fseek(file, first, SEEK_SET) || !load_batch(file))) {",
                '            fprintf(stderr, "%s has no whole batch\\n", words[1]);',
                "            return 2;",
                "        }",
                *(f"        {line}" for line in drawn),
                *self._stepped(handed, bool(checks)),
                f"        {shown}",
                "    }",
                "    fclose(file);",
                "    if (count > 3) {",
                '        file = fopen(words[3], "wb");',
                "        if (!file || !save(file) || fclose(file))",
                "            return 2;",
                "    }",
                "    return 0;",
                "}",
            ]
        )

    def _stepped(self, handed: str, checked: bool) -> list[str]:
        if not checked:
            return [f"        step({handed});"]
        return [
            f"        const int wrong = step({handed});",
            "        if (wrong) {",
            '            fprintf(stderr, "%s\\n", checks[wrong - 1]);',
            "            return 1;",
            "        }",
        ]

    def _moving(self, name: str, call: str, arrays: Sequence[Argument], settings: Any) -> list[str]:
        """A function that reads or writes arrays one after the other."""
        tests = [f"{call}({a.name}, sizeof *{a.name}, {a.size}, file) == {a.size}" for a in arrays if a.size]
        tests += [f"{call}(&{name}, sizeof {name}, 1, file) == 1" for name in settings]
        joined = "\n        && ".join(tests or ["file"])
        return [f"static bool {name}(FILE *file)", "{", f"    return {joined};", "}"]

    def _draw(self, call: Call) -> list[str]:
        argument = next(a for a in self._arguments if a.slot is call.result)
        sampler = call.settings["draw"].sampler
        given = [repr(float(x)) for x in call.arguments]
        if sampler is draws.bernoulli:
            number = f"random_number() < {given[0] if given else 0.5}"
        elif sampler is draws.uniform:
            low, high = (*given, "0.0", "1.0")[:2] if len(given) != 1 else (given[0], "1.0")
            number = f"{low} + random_number() * ({high} - {low})"
        elif sampler is draws.normal:
            mean, deviation = given if len(given) == 2 else (*given, *("0.0", "1.0")[len(given) :])
            angle = "cos(6.283185307179586 * random_number())"  # Box and Muller (1958)
            number = f"{mean} + {deviation} * sqrt(-2 * log(1 - random_number())) * {angle}"
        else:
            raise RuntimeError(
                f"source('c') has no generator for {sampler.__name__}, at {call.line}; hand its numbers to the step"
            )
        return [f"for (int i = 0; i < {argument.size}; i++)", f"    {argument.name}[i] = {number};"]


def write_dump(path: str | Path, source: Any, batches: Iterable[Sequence[Any]]) -> None:
    """Write the file that the `main` of a `CSource` trains from: parameters, settings and the inputs of each batch."""
    with Path(path).open("wb") as file:
        for argument in source.arguments:
            if argument.role in _KEPT:
                file.write(_numbers(argument).tobytes())
        file.write(np.array([x.read() for x in source.settings.values()], np.float64).tobytes())
        inputs = [a for a in source.arguments if a.role == "input"]
        for batch in batches:
            for argument, given in zip(inputs, batch, strict=True):
                place = np.empty_like(argument.slot.example)
                place[...] = getattr(given, "raw", given)
                file.write(place.ravel(order="K").tobytes())


def _numbers(argument: Argument) -> np.ndarray:
    """What a parameter or a constant holds, as it stands in memory."""
    array = argument.slot.tensor.raw if argument.role == "state" else argument.slot.example
    if not is_compact(array):
        raise RuntimeError(
            f"dump needs arrays without gaps, but {argument.about or argument.name} is a part of another; clone() it"
        )
    return array.ravel(order="K")
