"""What is known of a public name, as lines for a terminal: call, words, rule, an example that runs now, the twin."""

from __future__ import annotations

import difflib

from tinygrad_edu.docs.examples_of_names import example_of
from tinygrad_edu.docs.operation_facts import Fact, operation_facts
from tinygrad_edu.docs.public_names import PublicName, docstring, public_names, signature
from tinygrad_edu.docs.runs import Run
from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.hints.missing_names import ADVICE, pytorch_names
from tinygrad_edu.ops import OPERATIONS

PREFIXES = ("tinygrad_edu.", "torch.", "F.", "np.", "t.")  # as people write before a name
MAX_NEAR = 3


def help_text(name: str) -> str:
    """All that is known of a public name, "softmax", "nn.Linear" or "Tensor.tanh".

    Of several names that end so, the first in the order of the reference; the others are listed. Raises `LookupError`
    with the nearest names for one that is not there.
    """
    asked = name.strip().removesuffix("()")
    for prefix in PREFIXES:
        asked = asked.removeprefix(prefix)
    names = [each for each in public_names() if each.page != "operations"]
    found = [each for each in names if asked in (each.path, each.name)]
    if not found:
        raise LookupError(_missing(name, asked, [each.path for each in names]))
    first = min(found, key=lambda each: each.path != asked)
    others = [each for each in names if each.name == first.name and each is not first]
    also = [f"Also called so: {', '.join(each.path for each in others)}"] if others else []
    return "\n\n".join([*_entry(first, others), *also])


def _entry(name: PublicName, others: list[PublicName]) -> list[str]:
    call = signature(name)
    head = name.path.removesuffix(name.name) + call if call else name.path
    words = computed(name.value) if isinstance(name.value, Operation) else docstring(name)
    parts = [head, words or "No description."]
    if facts := _facts(name):
        parts.append("\n".join(f"{fact.label}: {_indented(fact.text)}" for fact in facts))
    if example := next(filter(None, map(example_of, [name, *others])), None):
        parts.append(_session(example))
    return [*parts, f"In PyTorch: {name.twin or 'none of this name'}"]


def _facts(name: PublicName) -> list[Fact]:
    """The facts of the operation that the name is, or that it is a door to."""
    operation = name.value if isinstance(name.value, Operation) else OPERATIONS.get(name.name)
    if operation is None or isinstance(name.value, type):
        return []
    return [fact for fact in operation_facts(operation) if fact.label != "Readings"]


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _session(example: Run) -> str:
    """The example, and below it what it printed."""
    code = "\n".join(f"    {line}" for line in ["import tinygrad_edu as torch", *example.code.splitlines()])
    printed = "\n".join(f"    {line}" for line in example.printed.splitlines())
    return f"For example\n{code}\nprints\n{printed}" if printed else f"For example\n{code}"


def _missing(name: str, asked: str, paths: list[str]) -> str:
    """Which names are near, and whether PyTorch has this one."""
    last = asked.rpartition(".")[2]
    theirs = any(last in names for names in pytorch_names().values())
    near = difflib.get_close_matches(asked, paths, n=MAX_NEAR) or [
        path
        for path in paths
        if path.rpartition(".")[2] in difflib.get_close_matches(last, [path.rpartition(".")[2]])
    ]
    parts = [f"no public name {name!r}"]
    parts += ["it is PyTorch's and not here"] if theirs else []
    parts += [ADVICE[last]] if last in ADVICE else []
    parts += [f"near are {', '.join(near[:MAX_NEAR])}"] if near else []
    return "; ".join(parts)
