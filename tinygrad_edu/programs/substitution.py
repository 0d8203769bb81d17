"""`import torch` means this package: a finder of modules that comes before all others.

`torch` is a module of its own, with the names of `tinygrad_edu` and a version that programs can compare; `torch.nn` and
all others are the modules of this package themselves. When `torch` is first imported the default dtype becomes
float32, as PyTorch's, and one line on stderr says so. Modules that are not here are refused with what to use instead.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import tinygrad_edu
from tinygrad_edu.hints.missing_names import remark
from tinygrad_edu.programs.torch_modules import FILES, PACKAGES, instead_of, ours
from tinygrad_edu.tensor.coerce import get_default_dtype, set_default_dtype
from tinygrad_edu.tensor.torch_version import VERSION


class Torch(ModuleType):
    """The module `torch`: the names of `tinygrad_edu`; `note` is told of modules that are imported when asked for."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__("torch", tinygrad_edu.__doc__)
        self.__path__: list[str] = []
        self.__file__ = tinygrad_edu.__file__
        offered = set(dir(tinygrad_edu))
        vars(self).update({name: x for name, x in vars(tinygrad_edu).items() if name in offered})
        self.__version__, self._note = VERSION, note

    def __getattr__(self, name: str) -> Any:
        value = getattr(tinygrad_edu, name)
        if isinstance(value, ModuleType):
            self._note(f"torch.{name}")
        return value

    def __dir__(self) -> list[str]:
        return dir(tinygrad_edu)


class _Loader(importlib.abc.Loader):
    """Puts a module of this package, or `Torch()`, in place of the empty one that Python made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def create_module(self, _spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = self.module


class Finder:
    """Finds `torch` and all in it; comes first of all finders while it is installed."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet, self.torch = quiet, Torch(self.add_files)
        self.dtype: Any = None  # the default one before `torch` was imported
        self.added: list[tuple[ModuleType, str]] = []  # attributes that Python sets on import
        self.last = _LastFinder()

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """The spec of a module of PyTorch; None for all others. Raises `ModuleNotFoundError` for one not here."""
        package, _, inner = name.partition(".")
        if package in PACKAGES and not inner:
            return _found_elsewhere(name)
        if package != "torch":
            return None
        module = ours(name) if inner else self.torch
        if module is None:
            raise _not_here(name)
        if inner:
            self._add(*name.rpartition(".")[::2], module)
            self.add_files(name)
        else:
            self._begin()
        return importlib.machinery.ModuleSpec(name, _Loader(module), is_package=True)

    def add_files(self, place: str) -> None:
        """Let `torch.optim.adam` be `torch.optim`, and so for all files in a package of PyTorch."""
        for file in FILES.get(place, "").split():
            self._add(place, file, ours(f"{place}.{file}"))

    def _add(self, outer: str, name: str, module: ModuleType | None) -> None:
        """Make a module an attribute of the one around it, unless it has one of that name."""
        parent = self.torch if outer == "torch" else ours(outer)
        if parent is not None and module is not None and name not in vars(parent):
            setattr(parent, name, module)
            self.added.append((parent, name))

    def _begin(self) -> None:
        for place in FILES:
            if place.split(".")[1:2] != ["distributions"]:  # which is imported when asked for
                self.add_files(place)
        if self.dtype is None:
            self.dtype = get_default_dtype()
            set_default_dtype("float32")
            if not self.quiet:
                sys.stderr.write(
                    f"import torch means tinygrad_edu {tinygrad_edu.__version__} here; "
                    f"torch.__version__ is {VERSION}, the default dtype float32\n"
                )


class _LastFinder:
    """Asked when all others have found nothing: `from torch.nn import X` looks for a module X of this package."""

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        outer, _, last = name.rpartition(".")
        if outer == "tinygrad_edu" or not outer.startswith("tinygrad_edu.") or outer not in sys.modules:
            return None
        known = "torch." + outer.removeprefix("tinygrad_edu.")
        if ours(known) is not sys.modules[outer]:
            return None
        raise ImportError(f"cannot import {last!r} from {known}{_advice(outer, known, last)}", name=name)


def _not_here(name: str) -> ModuleNotFoundError:
    outer, _, last = name.rpartition(".")
    place = outer.replace("torch", "tinygrad_edu", 1)
    return ModuleNotFoundError(
        f"{name} is not in tinygrad_edu, which torch means here{_advice(place, outer, last)}"
    )


def _advice(place: str, outer: str, last: str) -> str:
    if words := instead_of(f"{outer}.{last}"):
        return f"; {words}"
    return remark(place, last, dir(ours(outer)))


def _found_elsewhere(name: str) -> Any:
    """The spec of a package built on PyTorch, if it is the user's own; an installed one would need PyTorch itself."""
    spec = importlib.machinery.PathFinder.find_spec(name)
    origin = "" if spec is None else str(spec.origin or "")
    if spec is None or "site-packages" in origin or "dist-packages" in origin:
        raise ModuleNotFoundError(
            f"{name} needs PyTorch itself, and torch means tinygrad_edu here; {instead_of(name)}", name=name
        )
    return spec


def installed() -> Finder | None:
    """The finder, if `import torch` means this package."""
    return next((each for each in sys.meta_path if isinstance(each, Finder)), None)


def install(*, quiet: bool = False) -> None:
    """Let `import torch` mean this package from now on. Raises `RuntimeError` if PyTorch itself is already imported."""
    if installed():
        return
    if real := sys.modules.get("torch"):
        raise RuntimeError(
            "import torch can mean tinygrad_edu only before PyTorch is imported, which it is: "
            f"torch {getattr(real, '__version__', 'itself')}; start Python anew"
        )
    finder = Finder(quiet)
    sys.meta_path.insert(0, finder)
    sys.meta_path.append(finder.last)


def remove() -> None:
    """Let `import torch` mean PyTorch again. What was imported before stays as it is."""
    finder = installed()
    if finder is None:
        return
    sys.meta_path[:] = [each for each in sys.meta_path if each not in (finder, finder.last)]
    for name in _modules_of_torch():
        del sys.modules[name]
    for parent, name in finder.added:
        vars(parent).pop(name, None)
    if finder.dtype is not None:
        set_default_dtype(finder.dtype)


@contextlib.contextmanager
def substitution(*, quiet: bool = False) -> Iterator[None]:
    """A block in which `import torch` means this package, also if PyTorch itself is imported, outside of it."""
    before = installed()
    hidden = {} if before else {name: sys.modules.pop(name) for name in _modules_of_torch()}
    install(quiet=quiet)
    try:
        yield
    finally:
        if before is None:
            remove()
        sys.modules.update(hidden)


def _modules_of_torch() -> list[str]:
    """The names of all modules that are imported as parts of `torch`."""
    return [name for name in sys.modules if name == "torch" or name.startswith("torch.")]
