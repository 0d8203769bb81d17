"""A program rebuilt from its blueprint, without code of the user's."""

from __future__ import annotations

import keyword
import math
import warnings
from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.io.archive import DamagedError
from tinygrad_edu.io.structure import tensor_around
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.recording import Call, Recording, Slot, result_slot
from tinygrad_edu.plan.saved.blueprint import BIT_GENERATORS, BY_NAME, SAMPLERS, VERSION, Argument, State
from tinygrad_edu.plan.saved.saved_values import at, in_order, read, unpacked
from tinygrad_edu.symbolic.shape_rules import shape_of
from tinygrad_edu.tensor.draws import DRAW, Draw
from tinygrad_edu.tensor.tensor import Tensor, around

# Of windows, which are views: of less than 1 they would lead out of their array.
_STEPS = ("size", "stride", "dilation")


class RebuiltProgram:
    """The recording of a blueprint, with what it needs: `states`, `arguments`, `settings` by name.

    Every call is made once, on numbers that are made up in place of the inputs and on copies of the states, so that
    each array is known as when the step was recorded. The shape of each result is worked out before, and no more than
    `max_bytes` are taken for all of them. Raises any error, mostly `DamagedError`, for what is no blueprint.
    """

    def __init__(self, content: dict[str, Any], max_bytes: float) -> None:
        if content["plan"] != VERSION:
            raise DamagedError(
                f"it is of version {short(content['plan'])}, and this tinygrad_edu reads {VERSION}"
            )
        self._left = max_bytes
        self.name, self.structure = _text(content["name"]), read(content["structure"], {})
        self.recording = Recording()
        self._inputs: dict[int, Slot] = {}
        self.arguments = [self._argument(i, entry) for i, entry in enumerate(content["arguments"])]
        self.states: list[State] = []
        self._states: list[Slot] = []
        for entry in content["states"]:
            self._state(entry)
        self.settings = {_text(key): float(value) for key, value in content["settings"].items()}
        self._generators = [_generator(state) for state in content["generators"]]
        self._results: list[Slot] = []
        self._kinds = self._references([unpacked(entry) for entry in content["constants"]])
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, entry in enumerate(content["calls"], 1):
                self._call(number, entry)
        self._end(content)

    def _references(self, constants: list[np.ndarray]) -> dict[str, Callable[[Any], Any]]:
        """How what stands for arrays and numbers is read."""
        slots = [Slot("constant", array, around(array)) for array in constants]
        return {
            "input": self._input,
            "state": lambda number: at(self._states, number),
            "constant": lambda number: at(slots, number),
            "result": lambda number: at(self._results, number),
            "setting": lambda name: Hyperparameter(self.settings, name),
            "draw": self._draw,
        }

    def _end(self, content: dict[str, Any]) -> None:
        """What is left after the last call."""
        recording, tensors = self.recording, [state.tensor for state in self.states]
        recording.result = read(content["returned"], self._kinds)
        recording.gradients = [(at(tensors, n), self._slot(x)) for n, x in content["gradients"]]
        recording.cleared = [at(tensors, n) for n in content["cleared"]]

    def _slot(self, entry: Any) -> Slot:
        slot = read(entry, self._kinds)
        if not isinstance(slot, Slot):
            raise DamagedError(f"it has {short(entry)} where an array is needed")
        return slot

    def _argument(self, position: int, entry: dict[str, Any]) -> Argument:
        """An argument; if it is an array, with a place for it, which holds numbers that are made up."""
        name = _text(entry["name"])
        if "value" in entry:
            return Argument(name, value=read(entry["value"], {}))
        order, dtype = entry["order"], entry["dtype"]
        if dtype.kind not in "fiub" or len(order) != len(entry["shape"]):
            raise DamagedError(f"it has {short(entry)} as an argument")
        sizes = tuple(at(entry["shape"], n) for n in order)
        self._take(sizes, dtype.itemsize)
        made_up = np.random.default_rng(0).random(sizes) if dtype.kind == "f" else np.zeros(sizes)
        place = in_order(made_up.astype(dtype), order)
        self._inputs[position] = Slot("input", place, around(place), place=place)
        return Argument(name, place)

    def _input(self, position: Any) -> Slot:
        slot = self._inputs[position]
        if slot not in self.recording.inputs:
            self.recording.inputs.append(slot)
            self.recording.positions.append(position)
        return slot

    def _state(self, entry: dict[str, Any]) -> None:
        names, kind = [_text(name) for name in entry["names"]], entry["kind"]
        base = at(self._states, entry["same"]) if "same" in entry else None
        array = base.tensor.raw if base else unpacked(entry)
        tensor = tensor_around(array, entry["requires_grad"], kind == "parameter", names[0])
        example = base.example if base else array.copy(order="K")
        self.states.append(State(tensor, names, kind))
        self._states.append(Slot("state", example, tensor, view_of=base))

    def _draw(self, entry: dict[str, Any]) -> Draw:
        settings = {_key(key): read(value, self._kinds) for key, value in entry["settings"].items()}
        sampler, rng = SAMPLERS[entry["sampler"]], at(self._generators, entry["generator"])
        return Draw(sampler.__name__, sampler, rng, **settings)

    def _call(self, number: int, entry: dict[str, Any]) -> None:
        operation = BY_NAME.get(entry["operation"])
        if operation is None:
            raise DamagedError(f"it has the operation {short(entry['operation'])}, which is unknown")
        try:
            arguments = tuple(read(x, self._kinds) for x in entry["arguments"])
            settings = {_key(key): read(value, self._kinds) for key, value in entry["settings"].items()}
            self._check_windows(settings)
            made = self._assigned if operation is ASSIGN else self._computed
            slot = made(operation, arguments, settings)
        except DamagedError:
            raise
        except Exception as error:
            raise DamagedError(f"its call {number}, of {operation.name}, cannot be made: {error}") from error
        call = Call(operation, arguments, settings, slot, _text(entry["line"]))
        call.versions = tuple(x.root.version for x in call.slots())
        slot.root.version += operation is ASSIGN
        self._results.append(slot)
        self.recording.calls.append(call)

    def _assigned(self, _operation: Any, arguments: tuple[Any, ...], _settings: Any) -> Slot:
        target, value = arguments
        if target.root.kind not in ("state", "result"):
            raise DamagedError(f"it overwrites an array of kind {target.root.kind}")
        np.copyto(target.example, _raw(value))
        return target

    def _computed(self, operation: Operation, arguments: tuple[Any, ...], settings: dict[str, Any]) -> Slot:
        raws = tuple(map(_raw, arguments))
        if operation is DRAW:
            draw = settings["draw"]
            self._take(_drawn_shape(raws, draw.settings), 8)
            result = draw.sampler(np.random.default_rng(0), *raws, **draw.settings)
        else:
            self._take(
                self._shape(operation, raws, settings), _size(raws)
            )  # views, too: of these come copies
            result = operation.forward(*raws, **settings)
        return result_slot(around(result), arguments)

    def _shape(self, operation: Operation, raws: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        if operation.readings.shape is None and not isinstance(operation, Elementwise):
            raise DamagedError(f"it has {operation.name}, of which nobody knows the shape before")
        given = raws[:-1] if operation.common is not None else raws
        return shape_of(operation, [np.shape(x) for x in given], settings)

    def _take(self, shape: Any, size: int) -> None:
        """Count the bytes of an array that will be made."""
        if any(n < 0 for n in shape):
            raise DamagedError(f"it has an array of shape {shape}")
        self._left -= math.prod(map(int, shape)) * size
        if self._left < 0:
            raise DamagedError(
                "its arrays need more than max_bytes; pass a larger max_bytes if you trust the file"
            )

    @staticmethod
    def _check_windows(settings: dict[str, Any]) -> None:
        given = [settings[key] for key in _STEPS if key in settings and "stride" in settings]
        if any(np.min(each, initial=1) < 1 for each in given):
            raise DamagedError(f"it has windows of {short(settings)}")


def _raw(x: Any) -> Any:
    """An argument as a kernel takes it."""
    if isinstance(x, tuple):
        return tuple(map(_raw, x))
    if isinstance(x, Slot):
        return x.example
    return float(x) if isinstance(x, Hyperparameter) else x


def _size(raws: tuple[Any, ...]) -> int:
    """The bytes that a number of a result may take."""
    return max((x.itemsize for x in raws if isinstance(x, np.ndarray)), default=8)


def _drawn_shape(raws: tuple[Any, ...], settings: dict[str, Any]) -> tuple[int, ...]:
    """A shape in which there is room for what is drawn."""
    counts = [x for x in (*raws, settings.get("count")) if isinstance(x, int)]
    given = [x.shape for x in raws if isinstance(x, np.ndarray)]
    return tuple(settings["shape"]) if "shape" in settings else (max(counts, default=1), *sum(given, ()))


def _generator(state: dict[str, Any]) -> np.random.Generator:
    kind = BIT_GENERATORS[BIT_GENERATORS.index(state["bit_generator"])]
    bits = getattr(np.random, kind)(0)
    bits.state = state
    return np.random.Generator(bits)


def _text(x: Any) -> str:
    """A name or line, which may stand in the text of a program."""
    if not isinstance(x, str) or not x.isprintable() or '"' in x or "\\" in x:
        raise DamagedError(f"it has {short(x)} as a name")
    return x


def _key(x: Any) -> str:
    """The name of a setting, which stands in the code that is run."""
    if not isinstance(x, str) or not x.isidentifier() or keyword.iskeyword(x):
        raise DamagedError(f"it has {short(x)} as the name of a setting")
    return x


def tensors_of(states: list[State]) -> dict[str, Tensor]:
    """The Tensors by all their names."""
    return {name: state.tensor for state in states for name in state.names}
