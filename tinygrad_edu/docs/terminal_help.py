"""What the reference says of a public name, as plain text for a terminal."""

from __future__ import annotations

import difflib
import re

from tinygrad_edu.docs.class_members import members
from tinygrad_edu.docs.examples_of_names import example_of
from tinygrad_edu.docs.operation_facts import operation_facts
from tinygrad_edu.docs.public_names import PublicName, docstring, operation_of, public_names, signature
from tinygrad_edu.docs.pytorch_differences import differences
from tinygrad_edu.docs.runs import Run
from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.hints.missing_names import ADVICE, pytorch_names

NEAR = 5  # names that are proposed for an unknown one


def help_text(asked: str) -> str:
    """The entry of a name, `softmax`, `nn.Linear` or `torch.nn.Linear`.

    Raises `ValueError`, with the nearest names, if there is none of it.
    """
    wanted = re.sub(r"^(torch|tinygrad_edu)\.", "", asked.strip().removesuffix("()"))
    wanted = re.sub(r"^F\.", "nn.functional.", wanted)
    names = public_names()
    same = [name for name in names if name.name == wanted.rpartition(".")[2]]
    found = [name for name in same if name.path == wanted] or ([] if "." in wanted else same)
    if not found:
        raise ValueError(_unknown(asked, wanted, names))
    first = found[0]
    others = [name for name in same if name is not first]
    parts = [entry(first)]
    if others:
        parts.append(f"Of the same name: {', '.join(name.path for name in others)}")
    return "\n\n".join(parts)


def entry(name: PublicName) -> str:
    """Call, description, rule, domain and kinks, members, example with its output, and PyTorch's twin of a name."""
    operation = operation_of(name)
    itself = operation is not None and operation is name.value
    parts = [name.path + signature(name).removeprefix(name.name)]
    parts.append(computed(name.value) if itself else docstring(name))
    facts = [fact for fact in operation_facts(operation) if fact.label != "Readings"] if operation else []
    parts.append("\n".join(f"{fact.label}: {fact.text}".replace("\n", "\n    ") for fact in facts))
    parts.append("\n".join(f"  {member.call}\n      {member.words}" for member in members(name)))
    parts.append(_example(example_of(name)))
    parts.append(_twin(name))
    return "\n\n".join(filter(None, parts))


def _example(example: Run | None) -> str:
    if example is None:
        return ""
    code = "\n".join(f"    {line}".rstrip() for line in example.code.splitlines())
    printed = "\n".join(f"    {line}".rstrip() for line in example.printed.splitlines())
    return f"Example, with `import tinygrad_edu as torch`:\n\n{code}\n\n  prints\n\n{printed}"


def _twin(name: PublicName) -> str:
    if not name.twin:
        return "In PyTorch: none of this name."
    differing = "; ".join(differences(name))
    return f"In PyTorch: {name.twin}." + (f" Differs: {differing}." if differing else "")


def _unknown(asked: str, wanted: str, names: list[PublicName]) -> str:
    advice = ADVICE.get(f"torch.{wanted}", ADVICE.get(wanted, ""))
    paths = {name.path: name.path for name in names} | {name.name: name.path for name in reversed(names)}
    near = dict.fromkeys(paths[x] for x in difflib.get_close_matches(wanted, paths, n=NEAR))
    meant = f"; the nearest: {', '.join(near)}" if near else ""
    theirs = any(wanted.rpartition(".")[2] in names for names in pytorch_names().values())
    parts = [
        f"no public name {asked!r}",
        "it is PyTorch's and not here" * theirs,
        f"instead: {advice}" * bool(advice),
    ]
    return "; ".join(filter(None, parts)) + meant
