"""Errors for names that are not there: the nearest one that is, and which are PyTorch's and not here."""

from __future__ import annotations

import functools
import os.path
from collections.abc import Callable, Iterable
from typing import NoReturn

_SHAPE_STAYS = "the shape of a tensor stays: write y = x.{}(...)"
_RESHAPING = ("squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze")
# What to do instead of some methods of PyTorch that cannot be here.
ADVICE = {
    **{f"{name}_": _SHAPE_STAYS.format(name) for name in _RESHAPING},
    "resize_": _SHAPE_STAYS.format("reshape"),
    "resize_as_": _SHAPE_STAYS.format("reshape_as"),
    **dict.fromkeys(
        ("eig", "eigvals"),
        "eigenvalues may be complex, which has no derivatives here: use linalg.eigh for symmetric matrices",
    ),
    "detach_": "write x = x.detach()",
    "range": "its end is included: write arange(start, end + 1)",
    "untyped_storage": "the numbers as they lie in memory are x.storage()",
    "SparseAdam": "all gradients are dense here: use optim.Adam",
    "to_sparse": "all numbers of a tensor are kept, zeros too: work with the tensor itself",
}


@functools.cache
def pytorch_names() -> dict[str, list[str]]:
    """The public names of PyTorch by module: `torch`, `torch.Tensor`, `torch.nn.functional`, ..."""
    modules: dict[str, list[str]] = {}
    names: list[str] = []
    with open(os.path.join(os.path.dirname(__file__), "pytorch_names.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for line in lines:
        if line[0] == " ":
            names += line.split()
        else:
            names = modules[line] = []
    return modules


class MissingNameError(AttributeError):
    """An error whose text is looked for when it is read: `hasattr` and `getattr` with a default ask often."""

    def __init__(self, module: str, name: str, offered: Iterable[str] | Callable[[], Iterable[str]]) -> None:
        super().__init__(name=name)
        self._module, self._offered = module, offered

    def __str__(self) -> str:
        call = f"module {self._module!r}" if self._module.islower() else f"a {self._module}"
        offered = self._offered() if callable(self._offered) else self._offered
        return f"{call} has no attribute {self.name!r}{remark(self._module, str(self.name), offered)}"


def missing(module: str, name: str, offered: Iterable[str] | Callable[[], Iterable[str]]) -> AttributeError:
    """The error for `name`, which `module` (`tinygrad_edu.linalg`, say) has not among the names it offers."""
    return MissingNameError(module, name, offered)


def refusal(module: str, offered: Iterable[str]) -> Callable[[str], NoReturn]:
    """The `__getattr__` of a module that offers these names and no others."""

    def refuse(name: str) -> NoReturn:
        raise missing(module, name, offered)

    return refuse


def remark(module: str, name: str, offered: Iterable[str]) -> str:
    """What an error about a missing name adds: what to do instead, or where PyTorch has it and what is nearest."""
    if name.startswith("_"):
        return ""
    if name in ADVICE:
        return f"; {ADVICE[name]}"
    likeness = {each: _likeness(name, each) for each in offered if each[0] != "_"}
    near = sorted((each for each in likeness if likeness[each] > 0.7), key=lambda x: -likeness[x])[:3]
    nearest = f"; the nearest: {', '.join(near)}" if near else ""
    if places := _places(module, name):
        return (
            f": {' and '.join(places)} {'are' if len(places) > 1 else 'is'} PyTorch's and not here{nearest}"
        )
    return nearest


def _likeness(a: str, b: str) -> float:
    """The share of the letters of two names that they have in common, in one order."""
    common = [0] * (len(b) + 1)  # with the letters of b up to each
    for x in a:
        before, common = common, [0]
        for k, y in enumerate(b):
            common.append(before[k] + 1 if x == y else max(before[k + 1], common[k]))
    return 2 * common[-1] / (len(a) + len(b))


def _places(module: str, name: str) -> list[str]:
    """The name in PyTorch's module of the same kind if that has it, else in all that have it."""
    own = module.replace("tinygrad_edu", "torch") if module.islower() else f"torch.{module}"
    having = {place: f"{place}.{name}" for place, names in pytorch_names().items() if name in names}
    group, _, rest = name.partition("_")  # fft_irfft2 is fft.irfft2
    if rest in pytorch_names().get(f"torch.{group}", ()):
        having[own] = f"torch.{group}.{rest}"
    return [having[own]] if own in having else list(having.values())
