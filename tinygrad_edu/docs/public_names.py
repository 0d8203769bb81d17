"""Every public name of the package: where it is, what it is, on which page it stands."""

from __future__ import annotations

import functools
import inspect
from typing import Any, NamedTuple

import tinygrad_edu
from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.hints.missing_names import pytorch_names
from tinygrad_edu.ops import OPERATIONS

# A page for each, in the order of the sidebar; the top of the package comes first.
PAGES = {
    "": "Functions at the top of the package",
    "operations": "Operations and their derivative rules",
    "Tensor": "Methods of Tensor",
    "Value": "Methods of Value",
    "nn": "Modules and losses",
    "nn.functional": "Functions of networks",
    "nn.init": "First weights",
    "nn.utils": "Utilities for modules",
    "optim": "Optimizers",
    "optim.lr_scheduler": "Schedules of the learning rate",
    "autograd": "Derivatives as functions",
    "func": "Transformations of functions",
    "linalg": "Linear algebra",
    "special": "Special functions",
    "distributions": "Random variables",
    "utils": "Utilities",
    "utils.data": "Data loaders",
    "datasets": "Data to learn from",
    "testing": "Tests of rules and modules",
    "viz": "Pictures of graphs and of training",
    "exercise": "Exercises and verdicts",
}


class PublicName(NamedTuple):
    """A public name: `page` is a key of `PAGES`."""

    page: str
    name: str
    value: Any

    @property
    def path(self) -> str:
        """The name as one writes it after the package, `nn.Linear`."""
        if self.page == "operations":
            return f'OPERATIONS["{self.name}"]'
        return f"{self.page}.{self.name}" if self.page else self.name

    @property
    def twin(self) -> str:
        """PyTorch's name in the same place, `torch.nn.Linear`; empty if PyTorch has none."""
        module = f"torch.{self.page}".rstrip(".")
        return f"{module}.{self.name}" if self.name in pytorch_names().get(module, []) else ""


def public_names() -> list[PublicName]:
    """Every public name, page by page, in alphabetical order."""
    return [name for page in PAGES for name in names_of(page)]


@functools.cache
def names_of(page: str) -> list[PublicName]:
    """The public names of one page."""
    found = dict(OPERATIONS) if page == "operations" else _offered(page)
    return [PublicName(page, name, found[name]) for name in sorted(found, key=lambda x: (x.lower(), x))]


def _offered(page: str) -> dict[str, Any]:
    place = functools.reduce(getattr, filter(None, page.split(".")), tinygrad_edu)
    names = getattr(place, "__all__", None) or dir(place)
    return {name: getattr(place, name) for name in names if name[0] != "_"}


def signature(name: PublicName) -> str:
    """The call, `relu(input, inplace=False)`; empty for what is not called."""
    try:
        call = inspect.signature(name.value)
    except (TypeError, ValueError):
        return ""
    bare = [p.replace(annotation=p.empty) for p in call.parameters.values() if p.name != "self"]
    return f"{name.name}{call.replace(parameters=bare, return_annotation=call.empty)}"


def docstring(name: PublicName) -> str:
    """The text of `help()`; of an operation the first part, what it computes; for a plain constant its value."""
    value = name.value
    if name.page == "operations":
        return computed(value)
    described = callable(value) or isinstance(value, property) or inspect.ismodule(value)
    return (inspect.getdoc(value) or "") if described else f"The value `{value!r}`"
