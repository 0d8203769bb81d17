"""Every public name of the package: where it is, what it is, on which page it stands."""

from __future__ import annotations

import functools
import inspect
from typing import Any, NamedTuple

import tinygrad_edu
from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.explanation.derivation.steps import Derivation
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.explanation.why.missing import Answer
from tinygrad_edu.explanation.why.orders import Orders
from tinygrad_edu.hints.missing_names import pytorch_names
from tinygrad_edu.hints.not_finite import Report
from tinygrad_edu.nn.summary import Summary
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.plan import Plan
from tinygrad_edu.plan.saved.saved_plan import SavedPlan
from tinygrad_edu.testing.rule_bugs import PlantedBugs

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
    "results": "What functions return",
}
RESULTS = (
    Plan,
    SavedPlan,
    Derivation,
    Page,
    Diagnosis,
    Orders,
    Answer,
    Report,
    Summary,
    GradientVerdict,
    PlantedBugs,
)
NO_MODULE = ("", "operations", "results")  # pages of names that no module of the page's name offers

OF_OPERATIONS = ("", "Tensor", "Value", "nn.functional", "linalg", "special")  # pages of functions of numbers
OTHER_WORK = (
    "equal",
    "scatter",
    "cross_entropy",
)  # functions that compute by other operations, at least for some inputs


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
        if self.page == "results":
            return self.name
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
    if page == "operations":
        found: dict[str, Any] = dict(OPERATIONS)
    else:
        found = {kind.__name__: kind for kind in RESULTS} if page == "results" else _offered(page)
    return [PublicName(page, name, found[name]) for name in sorted(found, key=lambda x: (x.lower(), x))]


def _offered(page: str) -> dict[str, Any]:
    place = functools.reduce(getattr, filter(None, page.split(".")), tinygrad_edu)
    names = getattr(place, "__all__", None) or dir(place)
    return {name: getattr(place, name) for name in names if name[0] != "_"}


def operation_of(name: PublicName) -> Operation | None:
    """The operation that a function or method is, or that does its work under the same name; None for other names."""
    if isinstance(name.value, Operation):
        return name.value
    if name.page not in OF_OPERATIONS or name.name in OTHER_WORK or not callable(name.value):
        return None
    return OPERATIONS.get(name.name)


def signature(name: PublicName) -> str:
    """The call, `relu(input, inplace=False)`; empty for what is not called."""
    return "" if name.page == "results" else call_of(name.name, name.value)


def call_of(name: str, value: Any) -> str:
    """The call of a function or class under a name, without annotations; empty for what is not called."""
    try:
        call = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    bare = [p.replace(annotation=p.empty) for p in call.parameters.values() if p.name != "self"]
    return f"{name}{call.replace(parameters=bare, return_annotation=call.empty)}"


def docstring(name: PublicName) -> str:
    """The text of `help()`; of an operation the first part, what it computes; for a plain constant its value."""
    value = name.value
    if name.page == "operations":
        return computed(value)
    described = callable(value) or isinstance(value, property) or inspect.ismodule(value)
    return (inspect.getdoc(value) or "") if described else f"The value `{value!r}`"
