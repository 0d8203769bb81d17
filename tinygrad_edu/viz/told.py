"""Which module computed which tensor of a finished graph: told from parameters and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

from tinygrad_edu.nn.module import Module
from tinygrad_edu.operation import Traced
from tinygrad_edu.viz.scopes import Path, Step, common


class Owners(NamedTuple):
    """By the id of a parameter the path of its module; by the path of a module the code of its `forward`."""

    paths: dict[int, Path]
    codes: dict[str, CodeType | None]


def owners(modules: Mapping[str, Module]) -> Owners:
    """What the modules, by the names of the outermost, tell."""
    found = Owners({}, {})
    for root, net in modules.items():
        steps = {}
        for path, module in net.named_modules(root):
            steps[path] = Step(path, type(module).__name__)
            found.codes[path] = getattr(type(module).forward, "__code__", None)
        for path, parameter in net.named_parameters(root):
            ends = [0, *(i for i, character in enumerate(path) if character == ".")]
            around = [steps[path[:end]] for end in ends if path[:end] in steps]
            found.paths.setdefault(id(parameter), tuple(around))
    return found


def paths_of(things: Sequence[Any], owned: Owners, recorded: Mapping[Any, Path]) -> list[Path]:
    """The path of each of `things`, inputs before results: as recorded, or else told."""
    known = _recorded(things, recorded) if recorded else _told(things, owned)
    users: dict[int, list[Path]] = {}
    for thing in things:
        for x in thing.inputs:
            users.setdefault(id(x), []).append(known.get(id(thing), ()))
    for thing in things:
        if thing.operation is None and id(thing) in users:
            home = owned.paths.get(id(thing)) or recorded.get(thing, ())
            known[id(thing)] = _inside(common(users[id(thing)]), home)
    return [known.get(id(thing), ()) for thing in things]


def _inside(path: Path, home: Path) -> Path:
    """As much of `path` as leads to `home`."""
    length = 0
    for step, other in zip(path, home, strict=False):
        if step.path != other.path:
            break
        length += 1
    return path[:length]


def _recorded(things: Sequence[Any], recorded: Mapping[Any, Path]) -> dict[int, Path]:
    return {id(x): recorded[x] for x in things if x.operation is not None and x in recorded}


def _told(things: Sequence[Any], owned: Owners) -> dict[int, Path]:
    """An operation on a parameter and on something else is the owner's; what lies between two of them, too."""
    if not owned.paths:
        return {}
    results = [x for x in things if x.operation is not None]
    own: dict[int, Path] = {}
    before: dict[int, Path] = {}
    for x in results:
        path = _owner(x, owned.paths) or _continued(x, before, owned.codes)
        if path:
            own[id(x)] = path
        before[id(x)] = path or common([before[id(y)] for y in x.inputs if id(y) in before])
    after: dict[int, list[Path]] = {id(x): [] for x in results}
    known = {}
    for x in reversed(results):
        behind = own.get(id(x)) or common(after[id(x)])
        known[id(x)] = own.get(id(x)) or common([before[id(x)], behind])
        for y in x.inputs:
            if id(y) in after:
                after[id(y)].append(behind)
    return known


def _owner(result: Any, owned: Mapping[int, Path]) -> Path:
    inputs = [x for x in result.inputs if isinstance(x, Traced)]
    paths = [owned[id(x)] for x in inputs if id(x) in owned]
    return common(paths) if 0 < len(paths) < len(inputs) else ()


def _continued(result: Any, before: Mapping[int, Path], codes: Mapping[str, CodeType | None]) -> Path:
    """The path to the module whose `forward` computed the newest input and then, further down, this.

    Known only if the code of one module around that input is the code that computed both.
    """
    inputs = [x for x in result.inputs if id(x) in before]
    newest = max(inputs, key=lambda x: int(x.serial), default=None)
    here, there = getattr(result, "place", None), getattr(newest, "place", None)
    if newest is None or here is None or there is None or here[0] is not there[0] or here[1] <= there[1]:
        return ()
    path = before[id(newest)]
    fitting = [i for i, step in enumerate(path) if codes.get(step.path) is here[0]]
    return path[: fitting[0] + 1] if len(fitting) == 1 else ()
