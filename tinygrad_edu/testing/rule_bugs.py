"""Bugs planted into the derivative rules of an operation, and which of them a check notices."""

from __future__ import annotations

import ast
import functools
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.checks.gradient_test import gradient_test
from tinygrad_edu.engine.documentation import source_node, source_text
from tinygrad_edu.engine.operation import AtEveryPosition, Operation
from tinygrad_edu.ops.examples import example
from tinygrad_edu.testing.mutations import Mutation, of_function, of_result, span

Rule = Callable[..., Any]
Check = Callable[[Operation], object]
Example = tuple[Sequence[Any], dict[str, Any]]  # inputs, settings
SIDES = (2, 3)  # of the examples


@dataclass(frozen=True)
class PlantedBug:
    """A mutation of the derivative rule of one input, and what came of it.

    `noticed`: what the check raised; empty if it raised nothing. `changes`: whether a gradient of the examples differs.
    """

    mutation: Mutation
    file: Path
    position: int
    noticed: str
    changes: bool


@dataclass(frozen=True)
class PlantedBugs:
    """The bugs that were planted into the rules of an operation."""

    operation: str
    bugs: list[PlantedBug]

    @property
    def missed(self) -> list[PlantedBug]:
        """The bugs that change a gradient of the examples, and that the check did not notice."""
        return [bug for bug in self.bugs if bug.changes and not bug.noticed]

    @property
    def harmless(self) -> list[PlantedBug]:
        """The changes after which every gradient of the examples is as before."""
        return [bug for bug in self.bugs if not bug.changes and not bug.noticed]

    def __str__(self) -> str:
        noticed = [bug for bug in self.bugs if bug.noticed]
        text = f"{self.operation}: {len(noticed)} of {len(noticed) + len(self.missed)} planted bugs noticed"
        kinds = ", ".join(
            f"{kind} {n}" for kind, n in Counter(bug.mutation.kind for bug in noticed).most_common()
        )
        lines = [f"{text} ({kinds})" if kinds else text]
        lines += [
            f"    missed: {bug.mutation.kind} in line {bug.mutation.line}: {bug.mutation.text}"
            for bug in self.missed
        ]
        if self.harmless:
            lines.append(f"    {len(self.harmless)} more change no gradient of the examples")
        return "\n".join(lines)


def planted_bugs(
    operation: Operation, check: Check | None = None, examples: Sequence[Example] | None = None
) -> PlantedBugs:
    """Plant small mistakes into the derivative rules of an operation, and see which of them a check notices.

    The mistakes are those that people make: another sign, a lost factor, the input in place of the result, a
    comparison that takes the other side at a tie. `check(operation)` raises if it finds the operation wrong; without
    it, gradients at the `examples` (inputs, settings) are compared with differences, by default at the operation's own.
    Raises `ValueError` if no rule of the operation has a source.
    """
    tried = examples or [example(operation, n) for n in SIDES]
    notice = check or functools.partial(check_examples, examples=tried)
    with np.errstate(all="ignore"):
        bugs = [
            bug
            for position, rule in enumerate(_own_rules(operation))
            if rule is not None
            for bug in _planted(operation, position, rule, notice, tried)
        ]
    if not bugs:
        raise ValueError(f"planted_bugs needs rules whose source can be read, but {operation.name} has none")
    return PlantedBugs(operation.name, bugs)


def check_examples(operation: Operation, examples: Sequence[Example]) -> None:
    """Compare gradients at examples with differences, and their shapes with those of the inputs.

    Raises `AssertionError`.
    """
    for inputs, settings in examples:
        verdict = gradient_test(
            lambda *xs, settings=settings: operation(*xs, **settings), inputs, explain=False
        )
        if not verdict:
            raise AssertionError(verdict.text)


def _own_rules(operation: Operation) -> list[Rule | None]:
    """The rules as they are stated: one of a variadic operation."""
    rules: Any = operation.rules
    return list(rules) if isinstance(rules, tuple) else [rules[0].func]


def changed_rules(rule: Rule) -> Iterator[tuple[Mutation, Rule]]:
    """Every mutation of a rule, with the rule that it makes; none if the rule has no source."""
    function: Any = getattr(rule, "func", rule)
    found = source_node(function)
    if found is None:
        return
    file = source_text(function.__code__.co_filename).encode()
    start, end = span(found, file)
    if isinstance(found, ast.Lambda):
        before, after = b"(", b")"
    else:
        start -= found.col_offset  # its first line is indented as the others are
        before, after = b"if True:\n" * (found.col_offset > 0), b"\n"
    source = before + file[start:end] + after
    node = next(x for x in ast.walk(ast.parse(source)) if isinstance(x, ast.Lambda | ast.FunctionDef))
    for mutation in [*of_result(node, source), *of_function(node, source)]:
        changed = _compiled(mutation.applied(source), function)
        if isinstance(rule, functools.partial):
            changed = functools.partial(changed, *rule.args, **rule.keywords)
        lines = found.lineno - node.lineno
        yield mutation.moved(start - len(before), lines), changed


def _compiled(source: bytes, like: types.FunctionType) -> Rule:
    """The function of a source, which sees the same names as the function `like`."""
    cells = zip(like.__code__.co_freevars, like.__closure__ or ())
    names = {**like.__globals__, **{name: cell.cell_contents for name, cell in cells}}
    if source.startswith(b"("):
        function = eval(source, names)
    else:
        exec(source, names)
        function = names[like.__name__]
    function.__kwdefaults__ = like.__kwdefaults__
    return function


def _planted(
    operation: Operation, position: int, rule: Rule, notice: Check, examples: Sequence[Example]
) -> Iterator[PlantedBug]:
    """Each mutation of a rule, planted and taken out again."""
    right = _shares(operation, position, examples)
    file = Path(getattr(rule, "func", rule).__code__.co_filename)
    for mutation, changed in changed_rules(rule):
        with _planted_in(operation, position, changed):
            changes = not _equal(right, _shares(operation, position, examples))
            try:
                notice(operation)
                said = ""
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
        yield PlantedBug(mutation, file, position, said, changes)


@contextmanager
def _planted_in(operation: Operation, position: int, rule: Rule) -> Iterator[None]:
    kept: Any = operation.rules
    if isinstance(kept, tuple):
        operation.rules = (*kept[:position], rule, *kept[position + 1 :])
    else:
        operation.rules = AtEveryPosition(rule)
    try:
        yield
    finally:
        operation.rules = kept


def _shares(operation: Operation, position: int, examples: Sequence[Example]) -> list[Any]:
    """What a rule passes back at the examples; of an error its text."""
    found: list[Any] = []
    for inputs, settings in examples:
        if position >= len(inputs):
            continue
        try:
            common = [] if operation.common is None else [operation.common(*inputs, **settings)]
            result = operation.forward(*inputs, *common, **settings)
            upstream = np.random.default_rng(1).normal(size=np.shape(result))
            rule: Any = operation.rules[position]
            found.append(rule(upstream, result, *inputs, *common, **settings))
        except Exception as error:
            found.append(str(error))
    return found


def _equal(right: list[Any], shares: list[Any]) -> bool:
    return all(
        isinstance(x, str) == isinstance(y, str)
        and np.shape(x) == np.shape(y)
        and np.array_equal(x, y, equal_nan=not isinstance(x, str))
        for x, y in zip(right, shares)
    )
