"""The pages of the reference: an entry for every public name, from its docstring, its rules and a run."""

from __future__ import annotations

import inspect
from html import escape
from pathlib import Path
from typing import Any

from tinygrad_edu.docs.page_markup import code, contents, heading, html, inline, prose
from tinygrad_edu.docs.public_names import Entry, pages
from tinygrad_edu.docs.worked_examples import example_of
from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.operation_table import on_symbols, rule_texts
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.symbolic import mathml
from tinygrad_edu.tensor.tensor import Tensor


def write_reference(folder: Path) -> None:
    """Write the pages, an index of them, and the pictures of the examples."""
    (folder / "reference").mkdir(parents=True)
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for page, found in pages().items():
        text = heading(title(page)) + "".join(_entry(entry, folder / "pictures") for entry in found)
        (folder / "reference" / f"{page}.rst").write_text(text, "utf-8")
    (folder / "reference" / "tensor-methods.rst").write_text(_methods(), "utf-8")
    words = html("<p>Every public name with its call, its rule, and an example that was run for this page.</p>")
    index = heading("Reference") + words + contents([*pages(), "tensor-methods"])
    (folder / "reference" / "index.rst").write_text(index, "utf-8")


def title(page: str) -> str:
    """The heading of a page: the module, and the file where it is a large one."""
    module, _, family = page.partition("-")
    return f"{module}: {family.replace('_', ' ').replace('-', ' ')}" if family else module


def _entry(entry: Entry, pictures: Path) -> str:
    parts = [html(f'<span id="{entry.full}"></span>'), heading(entry.full, "-"), code(call(entry))]
    if isinstance(entry.value, Operation):
        parts.append(html("\n".join(_operation(entry.value))))
    elif callable(entry.value):
        parts.append(html(prose(inspect.getdoc(entry.value) or "")))
    else:
        parts.append(html(f"<p>A value: <code>{escape(repr(entry.value)[:200])}</code></p>"))
    parts += [html(f"<p>{inline(_twin(entry))}</p>"), *_example(entry, pictures)]
    return "".join(parts)


def call(entry: Entry) -> str:
    """How a name is called, with its defaults."""
    try:
        return f"{entry.full}{_without_types(inspect.signature(entry.value))}"
    except (TypeError, ValueError):
        return entry.full


def _without_types(signature: inspect.Signature) -> str:
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))


def _operation(op: Operation) -> list[str]:
    parts = [prose(computed(op))]
    if not op.differentiable:
        return [*parts, "<p>No gradient passes: the derivative is 0 wherever there is one.</p>"]
    parts.append(f"<p>Formula: {_math(on_symbols(op))}</p>")
    for x, share in rule_texts(op):
        written = "no formula" if share is None else _math(share)
        parts.append(f"<p>Gradient of {_math(x)}, from the gradient g of the result: {written}</p>")
    at_kinks = f" At kinks: {kink(op)}." if kink(op) else ""
    return [*parts, f"<p>Domain: {escape(domain(op))}.{escape(at_kinks)}</p>"]


def _math(expression: Any) -> str:
    written = str(mathml(expression))
    return written if written.startswith("<math") else f"<math>{written}</math>"


def _twin(entry: Entry) -> str:
    if entry.in_pytorch:
        return f"PyTorch has `{entry.full}`, too."
    return "PyTorch has no public name in this place."


def _example(entry: Entry, pictures: Path) -> list[str]:
    example = example_of(entry)
    if example is None:
        return []
    parts = [code(example.program), html("<p>It prints:</p>"), code(example.printed, "text")]
    if example.picture:
        file = f"{entry.full}.svg"
        (pictures / file).write_text(example.picture, "utf-8")
        words = f"The graph of the example of {entry.full}"
        parts.append(html(f'<img class="graph" loading="lazy" src="../pictures/{file}" alt="{words}">'))
    return parts


def _methods() -> str:
    """The methods and properties of Tensor: the call, and the first line of the documentation."""
    rows = []
    for name in sorted(name for name in dir(Tensor) if not name.startswith("_")):
        text = (inspect.getdoc(getattr(Tensor, name)) or "").partition("\n")[0]
        rows.append(f'<dt id="torch.Tensor.{name}"><code>{name}</code></dt><dd>{inline(text)}</dd>')
    return heading("Methods of Tensor") + html("<dl>\n" + "\n".join(rows) + "\n</dl>")
