"""The pages of the reference: an entry for each public name, made from docstrings, rule rows and runs."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.docs.class_members import members
from tinygrad_edu.docs.examples_of_names import example_of
from tinygrad_edu.docs.graph_pictures import graph_picture
from tinygrad_edu.docs.operation_facts import operation_facts
from tinygrad_edu.docs.public_names import (
    NO_MODULE,
    PAGES,
    PublicName,
    docstring,
    names_of,
    operation_of,
    signature,
)
from tinygrad_edu.docs.pytorch_differences import differences
from tinygrad_edu.docs.runs import Run
from tinygrad_edu.explanation.derivation.operation_table import conventions
from tinygrad_edu.hints.missing_names import ADVICE

PICTURED = ("operations", "nn")  # pages whose entries have a picture of the graph of their example


def write_reference(source: Path, pytorch_table: str = "") -> None:
    """Write all pages of the reference into the folder `source/reference`."""
    folder = source / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    for page, title in PAGES.items():
        (folder / f"{file_of(page)}.rst").write_text(_page(source, page, title), "utf-8")
    (folder / "conventions.rst").write_text(_conventions(), "utf-8")
    (folder / "pytorch.rst").write_text(_pytorch(pytorch_table), "utf-8")
    (folder / "index.rst").write_text(_index(), "utf-8")


def file_of(page: str) -> str:
    """The file of a page, `nn-functional`."""
    return page.replace(".", "-") or "functions"


def _index() -> str:
    words = (
        "Every public name with its call, its formula, its derivative rule, an example that was run while this page "
        "was built, and its twin in PyTorch. The pages are made from the docstrings and the rule rows of the package.\n"
    )
    pages = [*map(file_of, PAGES), "conventions", "pytorch"]
    return "\n".join([rst.heading("Reference"), words, rst.toctree(pages)])


def _page(source: Path, page: str, title: str) -> str:
    names = names_of(page)
    module = f"tinygrad_edu.{page}" if page not in NO_MODULE else "tinygrad_edu"
    words = f"{len(names)} names of ``{module}``. Examples write ``torch`` for ``import tinygrad_edu as torch``.\n"
    return "\n".join([rst.heading(title), words, *(_entry(source, name) for name in names)])


def _entry(source: Path, name: PublicName) -> str:
    call = signature(name)
    parts = [rst.heading(name.path, 1, rst.anchor_of(name.path))]
    parts += [rst.code(call)] if call and name.page != "operations" else []
    parts += [rst.described(docstring(name) or f"The name {name.path} has no description.")]
    parts += [rst.facts(_facts(name))]
    parts += [rst.facts([(member.call, rst.inline(member.words)) for member in members(name)])]
    example = example_of(name)
    return "\n".join([*parts, *(_example(source, name, example) if example else [])])


def _facts(name: PublicName) -> list[tuple[str, str]]:
    operation = operation_of(name)
    found = operation_facts(operation) if operation is not None else []
    facts = [(fact.label, fact.html) for fact in found]
    if name.page == "operations":
        return facts
    facts.append(("In PyTorch", f"<code>{name.twin}</code>" if name.twin else "none of this name"))
    differing = differences(name)
    return [*facts, ("Differs", rst.inline("; ".join(differing)))] if differing else facts


def _example(source: Path, name: PublicName, example: Run) -> list[str]:
    parts = [rst.code(example.code)]
    parts += [rst.code(example.printed, "text")] if example.printed else []
    if name.page in PICTURED:
        shown = graph_picture(
            source, f"{file_of(name.page)}-{name.name}", _drawable(example), _named(example)
        )
        parts += [rst.html(shown.replace("@ROOT@", "../"))] if shown else []
    return parts


def _drawable(example: Run) -> Any:
    result = example.names.get("result")
    return result[0] if isinstance(result, tuple) else result


def _named(example: Run) -> dict[str, Any]:
    return {name: x for name, x in example.names.items() if name not in ("torch", "__name__", "__builtins__")}


def _conventions() -> str:
    return "\n".join([rst.heading("How formulas are read"), rst.code(conventions("text"), "text")])


def _pytorch(table: str) -> str:
    """What of PyTorch is here, from the table in Markdown; and what to use for some of the rest."""
    parts = [rst.heading("Names of PyTorch")]
    for line in table.splitlines()[2:]:
        if line.startswith("## "):
            parts.append(rst.heading(line[3:].strip("`"), 1))
        elif re.match(r"\| `", line):
            module, here, lacking = (cell.strip(" `") for cell in line.strip("|").split("|"))
            parts.append(f"* ``{module}``: {here} names are here, {lacking} are not\n")
        elif line and not line.startswith("|"):
            parts.append(rst.html(f"<p>{rst.inline(line)}</p>"))
    substitutes = [(name, escape(words)) for name, words in sorted(ADVICE.items())]
    return "\n".join([*parts, rst.heading("What to use instead", 1), rst.facts(substitutes)])
