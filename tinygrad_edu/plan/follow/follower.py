"""The follower of one step: it compares what happens with the record, and computes once nothing can differ any more.

In a call that follows the record, nothing is computed before the step returns or reads a number. So at an event that
differs everything so far can be done as the library itself would have done it, and the step goes on as written.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.grad_mode import current, follow
from tinygrad_edu.engine.graph import CREATE
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import index as indexing
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.events import Applied, Assigned, Backward, Event, Updated
from tinygrad_edu.plan.follow.graphs import Graph
from tinygrad_edu.plan.follow.module_calls import NOT_FOLLOWED, Followed, may_be_followed
from tinygrad_edu.plan.follow.placeholder import Placeholder, awaiting, stand_for
from tinygrad_edu.plan.follow.values import FREE, Info, Kind, info_of
from tinygrad_edu.plan.pytree import flat
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.tensor.draws import DRAW, SEED
from tinygrad_edu.tensor.tensor import Tensor, around, tensor

PATIENCE = 24  # calls in a row that differ from all before
_new = object.__new__
_INDEXED = (indexing.take, indexing.put)


class Follower:
    """Runs a step, followed."""

    active = False  # whether it is told of what happens

    def __init__(self, step: Callable[..., Any], strict: bool = False) -> None:
        self._step, self._strict = step, strict
        self._root = Event(None)
        self.infos: list[Info] = []
        self._template: list[Any] = []  # of `values`, with what is always the same
        self._fixed: dict[int, Info] = {}  # Tensors from before the step, by id: they are kept alive
        self.values: list[Any] = []  # of this call
        self.at = self._root
        self._created: list[Any] = []  # what was told of these
        self._arguments: Any = ()
        self._sources: dict[int, Any] = {}  # where some of these come from: see `Info.source`
        self._recorder: Recorder | None = None
        self.taken: dict[int, int] = {}  # of free Tensors in this call, by id: where each stands
        self._numbers: dict[int, int] = {}  # while recording: of Tensors, by id
        self._made: dict[
            int, Tensor
        ] = {}  # in this call, beside its operations; the step's own arguments, too
        self._shadows: list[Any] = []  # while recording: what happened at this place in earlier calls
        self._awaited: list[tuple[Tensor, type]] = []
        self.drawn: list[
            Any
        ] = []  # in this call: the generators that numbers came from, and SEED where one was set
        self._misses = self._serial = 0
        self.alone = False  # whether the step is left alone
        self._busy = self.was_read = False
        self.why = self.difference = ""
        self.keeps_graphs = False  # as the graph of a result was asked for when it was lost
        self.block = follow(self)
        self._graph: ref[Graph] | None = None  # of the results of the last call, if it may still be asked for
        self._asides: dict[Any, Any] = {}  # programs for numbers that are read in the middle

    def enter(self, info: Info) -> int:
        """The number of a new value."""
        self.infos.append(info)
        kept = info.object if info.kind in (Kind.FIXED, Kind.LITERAL) else None
        self._template.append(kept)
        self.values.append(kept)
        return len(self.infos) - 1

    # A call.

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self.alone or self._busy or current().watchers:
            return self._step(*inputs, **named)
        self._busy, self.was_read, self.drawn = True, False, []
        if self._graph is not None and (graph := self._graph()) is not None:
            graph.keep()
        self.at, self.values = self._root, self._template.copy()
        self._arguments = inputs, named
        self.block.__enter__()
        try:
            if not self._root.successors:
                self._record()
            self.active = True
            returned = self._step(*inputs, **named)
            if self.active:
                self._finish(returned)
            return returned
        except BaseException:
            if self.active and self._recorder is None:
                self._again(recording=False)
            raise
        finally:
            self.block.__exit__()
            self.active = self._busy = False
            self.values = []
            self.taken.clear()
            if self._created:
                self._created.clear()
            if self._recorder is not None or self._numbers:
                self._recorder, self._shadows = None, []
                for known in (self._numbers, self._made, self._sources):
                    known.clear()

    @property
    def ending(self) -> Ending | None:
        """How the last call ended, if it did as one before."""
        return self.at.ending if self.at.ending is not None and self.at.ending.ran else None

    @property
    def saw_nothing(self) -> bool:
        """True if nothing happened on Tensors in the last call."""
        return self.at is self._root

    def __repr__(self) -> str:
        count = len(self.at.ending.recording.calls) if self.at.ending is not None else 0
        return f"{count} calls"

    def leaves_with_gradients(self) -> set[Any]:
        """Tensors from before the step that have a gradient now."""
        known = [info.object for info in self._fixed.values()]
        return {x for x in known if x.requires_grad and x._grad is not None}

    # What the library tells.

    def note(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        """One operation that is computed."""
        if operation is DRAW or operation is SEED:
            self.drawn.append(SEED if operation is SEED else settings["draw"].given)
        if operation is CREATE or operation is DRAW:
            self._created.append((operation, inputs, settings, result))
            if self._recorder is not None:
                self._note_created(operation, inputs, settings, result)
        elif self._recorder is not None:
            self._recorder.note(operation, inputs, settings, result)

    def _note_created(self, operation: Operation, inputs: Any, settings: Any, result: Any) -> None:
        self._made[id(result)] = result
        if operation is DRAW:
            self._sources[id(result)] = inputs, settings
        elif inputs and id(inputs[0]) in self._sources and _is_copy(result, inputs[0]):
            self._sources[id(result)] = self._sources[id(inputs[0])]

    def operation(
        self,
        variable: Any,
        operation: Operation,
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        recording: bool,
    ) -> Any:
        """The result of an operation: a placeholder if the record has it, else computed."""
        if operation in _INDEXED:
            inputs, settings = _with_rows(inputs, settings)
        values = self.values
        for event in self.at.successors:
            if event.operation is operation and event.recording is recording:
                numbers = event.inputs
                if len(numbers) != len(inputs):
                    continue
                for x, n in zip(inputs, numbers):
                    if x is not values[n] and not self.infos[n].admits(x, values):
                        break
                else:
                    if event.fits(settings):
                        break
        else:
            event = None
        if self._recorder is None:
            if event is None:
                self._differs()
                return variable.apply(operation, inputs, settings)
            self.at = event
            result = _new(Placeholder)
            result.info = info = event.info
            values[info.number] = result
            return result
        return self._computed(event, variable, operation, inputs, settings, recording)

    def module(self, module: Any, inputs: tuple[Any, ...], options: Any) -> Followed:
        """A call of a module: with its result, if it is one of the library that was called here before."""
        if not self.active:
            return NOT_FOLLOWED
        if self._recorder is None:
            calls = self.at.modules
            call = None if calls is None else calls.get(id(module))
            if call is None or call.module is not module or options or len(inputs) != 1:
                return NOT_FOLLOWED
            if not call.matches(inputs[0], self):
                return NOT_FOLLOWED
            self.at = call.end
            result = _new(Placeholder)
            result.info = call.result
            self.values[call.result.number] = result
            return Followed(result)
        if not may_be_followed(module, inputs, options):
            return NOT_FOLLOWED
        return Followed(None, self, module, inputs[0])

    def assign(self, target: Any, value: Any) -> None:
        """Numbers overwritten."""
        values = self.values
        for event in self.at.successors:
            if event.__class__ is Assigned:
                first, second = event.inputs
                if (target is values[first] or self.infos[first].admits(target, values)) and (
                    value is values[second] or self.infos[second].admits(value, values)
                ):
                    break
        else:
            event = None
        if self._recorder is None:
            if event is None:
                self._differs()
                target.assign(value)
                return
            self.at = event
            for n in event.touched:
                x = values[n]
                if "awaits" not in x.__dict__:
                    self._await([(x, awaiting(type(x)))])
            return
        if event is None:
            shadow = self._next_shadow(Assigned)
            event = Assigned(self.at, self._number(target, shadow, 0), self._number(value, shadow, 1, target))
            event.site = current_call_site()
            self.at.successors.append(event)
        target, given = self._given_to_record(event.inputs)
        self._unfollowed(target.assign, given)
        event.touched = self._sharing(target)
        self.reach(event)

    def backward(self, loss: Any, plain: bool) -> bool:
        """A backward pass; False if it has to be done as written."""
        if not plain:
            self.stop("backward() with gradient=, inputs=, create_graph= or retain_graph=False")
            return False
        event = next(
            (e for e in self.at.successors if e.__class__ is Backward and e.matches(loss, self)), None
        )
        if self._recorder is None:
            if event is None:
                self._differs()
                loss.backward()
                return True
            self.at = event
            values = self.values
            for n, _, info in event.leaves:
                g = _new(Placeholder)
                g.info = info
                values[info.number] = values[n]._grad = g
            return True
        return self._record_backward(event, loss)

    def update(self, optimizer: Any, plain: bool) -> bool:
        """A step of an optimizer; False if its Python has to run."""
        if not _is_of_library(type(optimizer)):
            return False
        if type(optimizer).step is not Optimizer.step:  # it reads numbers, and writes some itself
            self.stop(f"a step of {type(optimizer).__name__}, which decides by numbers")
            return False
        if not plain:
            return False
        event = next(
            (e for e in self.at.successors if e.__class__ is Updated and e.matches(optimizer, self)), None
        )
        if self._recorder is None:
            if event is None:
                self._differs()
                optimizer.step()
                return True
            self.at = event
            event.remember()
            self._await(event.touched)
            return True
        self._record_update(event, optimizer)
        return True

    # Where the step differs from the record, or its numbers are read.

    def read(self, x: Any) -> Any:
        """The numbers of a placeholder that somebody reads; None if it is a Tensor by now."""
        self.was_read = True
        if self.active and self.at.ending is None and self.at.successors:
            aside = self._aside(x.info.number)
            if aside is not None:
                return aside
        self.compute()
        return None

    def _aside(self, n: int) -> Any:
        """Numbers that a program computes ahead of the rest; None if they depend on what is overwritten before."""
        key = self.at, n
        if key not in self._asides:
            ending = next(_endings(self.at), None)
            if ending is None:  # every call went on as written
                return None
            self._asides[key] = ending.aside(self.at, n)
        program = self._asides[key]
        return None if program is None else np.asarray(program.run(())[0])

    def compute(self, as_written: str = "") -> None:
        """Make the placeholders real, as somebody reads their numbers; `as_written`: why no program will do."""
        self.was_read = True
        if not self.active:
            raise RuntimeError(
                "this result of a captured step was not computed, as its call ended before; run the step again"
            )
        if as_written:
            self.why = as_written
            self._differs()
        elif self.at.ending is not None and self._complete():
            self._leave()
        else:
            self._differs()

    def _differs(self) -> None:
        """Do everything so far as written, and go on so, recording."""
        self.difference = line_of(current_call_site())
        self._miss()
        barrier = self.at.barrier
        if self._strict and (barrier is not None or self.alone):
            self.active, self.alone = False, False
            self.release()
            raise RuntimeError(f"capture(strict=True) cannot follow the step: {barrier or self._reason()}")
        elsewhere = current().follower is not self  # in another thread
        if barrier is not None or self.alone or elsewhere or self._is_one_for_two():
            self._again(recording=False)
            return
        self._shadows = self.at.successors
        self._again(recording=True)

    def _is_one_for_two(self) -> bool:
        """True if one Tensor stands where the record has two: with others the program would not be the same."""
        given = [id(self.values[n]) for n, info in enumerate(self.infos) if info.kind is Kind.TENSOR]
        given = [x for x in given if x != id(None)]
        return len(set(given)) < len(given)

    def _miss(self) -> None:
        self._misses += 1 if self.at.barrier is None else PATIENCE // 3
        if self._misses > PATIENCE and not self.alone:
            self.alone = True
            name = getattr(self._step, "__qualname__", type(self._step).__name__)
            warnings.warn(
                f"capture leaves {name} alone, which runs as written from now on: {self._reason()}",
                stacklevel=4,
            )

    def _reason(self) -> str:
        return self.why or f"every call was another one, at {self.difference}"

    def _again(self, *, recording: bool) -> None:
        path, self.active = self.at.path(), False
        self._release()
        self.at = self._root
        if recording:
            self._record()
        for event in path:
            event.redo(self)
        if recording:
            self.active = True
        else:
            self._leave()

    def _leave(self) -> None:
        """Let the rest of the call run as if nobody followed."""
        self.active, self._recorder = False, None
        self.block.__exit__()

    def stop(self, why: str) -> None:
        """Let the rest of this call run as written, and of every call that comes to this point."""
        self.why = self.at.barrier = why
        if self._recorder is None:
            self._differs()
        else:
            self._miss()
            self._leave()

    def _finish(self, returned: Any) -> None:
        if self._recorder is None:
            if self.at.ending is not None and self._complete():
                self._misses = 0
                return
            self._differs()
        if self._recorder is not None:
            self.active = False
            self.at.ending = Ending(self.at, self._recorder, self, returned)

    def _complete(self) -> bool:
        """Run the program; False if it cannot be."""
        ending = self.at.ending
        if not ending.is_sound():  # its memory is another: so is the program
            self.at.ending = None
            return False
        self.active = False
        try:
            done = ending.run(self)
        except (
            Exception
        ):  # as of a class number that does not exist: the library says it better, and at its line
            self._again(recording=False)
            return True
        if not done:
            self.active, self.why = True, ending.why
        return bool(done)

    # Graphs of results, asked for after the call.

    def note_built(self) -> None:
        """Note that the graph of a result was asked for: a call that costs more than one as written."""
        self._misses += 1
        self.why = "backward() is called on what it returns; call it in the step"

    def note_graphless(self, ending: Ending, results: dict[int, Any]) -> None:
        """Let these results find their graph."""
        graph = Graph(ending, self, results)
        self._graph = ref(graph)
        for x in results.values():
            x.graph = graph

    def _await(self, tensors: list[tuple[Tensor, type]]) -> None:
        """Let these wait for their new numbers; each with the class that it has meanwhile."""
        for x, waiting in tensors:
            kind = x.__class__
            if kind is not waiting:
                x.awaits = self  # type: ignore[attr-defined]
                self._awaited.append((x, kind))
                x.__class__ = waiting  # type: ignore[assignment]

    def release(self) -> None:
        """Let nothing wait any more."""
        for x, kind in self._awaited:
            x.__class__ = kind  # type: ignore[assignment]
            del x.awaits  # type: ignore[attr-defined]
        self._awaited.clear()

    _release = release

    def recorded(self, x: Any) -> bool:
        """True if `x` is the result of the last event of a call that is recorded."""
        return self._recorder is not None and isinstance(x, Tensor) and id(x) in self._numbers

    def number_of(self, x: Any) -> int:
        """The number of a value that took part."""
        return self._numbers.get(id(x), -1)

    # Doing events again.

    def given(self, n: int) -> Any:
        """The value with this number, computed."""
        info, x = self.infos[n], self.values[n]
        if info.kind is Kind.ARRAY:
            x = tensor(info.place)
        elif info.kind is Kind.NUMBER and self._recorder is not None:
            x = around(info.place.copy())
        if info.kind in FREE and self._recorder is not None and isinstance(x, Tensor):
            self._recorder.enter(x, info.place)
        return x

    def put(self, n: int, result: Tensor) -> None:
        """Let the placeholder with this number be `result`."""
        x = self.values[n]
        if x is None:  # inside a module that was followed as a whole
            self.values[n] = result
            self._numbers[id(result)] = n
            return
        if self._recorder is not None:
            self._recorder.rename(result, x)
            self._numbers[id(x)] = n
        stand_for(x, result)

    def reach(self, event: Event) -> None:
        """Note that this event is done."""
        self.at = event
        if self._recorder is not None:
            event.calls = len(self._recorder.recording.calls)

    # Recording.

    def _record(self) -> None:
        for i, x in enumerate(flat(*self._arguments)):
            if isinstance(x, Tensor):
                self._made[id(x)] = x
            if isinstance(x, Tensor | np.ndarray):
                self._sources[id(x)] = i
        for created in self._created:
            self._note_created(*created)
        self._recorder = Recorder(self._made)
        self._numbers = {id(x): n for n, x in enumerate(self.values) if isinstance(x, Tensor)}

    def _unfollowed(self, call: Callable[..., Any], *inputs: Any) -> Any:
        self.active = False
        try:
            return call(*inputs)
        finally:
            self.active = True

    def _given_to_record(self, numbers: tuple[int, ...]) -> list[Any]:
        return [self.given(n) for n in numbers]

    def _computed(
        self, event: Any, variable: Any, operation: Operation, inputs: Any, settings: Any, recording: bool
    ) -> Any:
        """Compute an operation while recording; `event`: the one in the record, if there is one."""
        if operation is indexing.take and any(getattr(x, "dtype", None) == np.bool_ for x in inputs[1:]):
            self.stop("x[mask], of which nobody knows how many numbers it takes")
            return variable.apply(operation, inputs, settings)
        fresh = event is None
        if fresh:
            shadow = self._next_shadow(Applied, operation, len(inputs))
            numbers = tuple([self._number(x, shadow, i, *inputs) for i, x in enumerate(inputs)])
            outside = [
                (x, x.requires_grad)
                for x, n in zip(inputs, numbers)
                if self.infos[n].kind in (Kind.FIXED, Kind.TENSOR)
            ]
            event = Applied(self.at, operation, numbers, settings, recording, outside)
        given = tuple(self._given_to_record(event.inputs))
        variable = next(x for x in given if isinstance(x, Tensor))
        result = self._unfollowed(variable.apply, operation, given, settings)
        if fresh:
            event.info = info = info_of(Kind.RESULT, self, result.raw, result)
            info.operation = result.operation
            info.inputs, info.view = event.inputs, result.base is not None or result.hidden_base is not None
            info.whole = self._whole(result)
            self.at.successors.append(event)
        self.values[event.info.number] = result
        self._numbers[id(result)] = event.info.number
        self.reach(event)
        return result

    def _whole(self, view: Tensor) -> tuple[int | None, bool] | None:
        """The number of what `view` is a view of, None if it took no part, and whether the graph does not know of it."""
        hidden = view.hidden_base is not None
        whole = view.hidden_base() if hidden else view.base
        return None if whole is None else (self._numbers.get(id(whole)), hidden)

    def _record_backward(self, event: Any, loss: Any) -> bool:
        numbers = self._numbers
        order = newest_first(loss) if loss.requires_grad else []
        inner = {x for node in order for x in node.inputs if isinstance(x, Tensor) and x.requires_grad}
        leaves = [x for x in dict.fromkeys(inner) if x.operation is None]
        strangers = any(id(node) not in numbers and not self._is_result(node) for node in order)
        special = any(x.grad_hooks or x.hooks or x.former for x in (*order, *leaves))
        if not order or strangers or special or any(id(x) not in numbers for x in leaves):
            self.stop(
                "a backward pass through what was computed before, or with hooks or in-place operations"
            )
            return False
        leaves.sort(key=lambda x: numbers[id(x)])
        fresh = event is None
        if fresh:
            event = Backward(self.at, numbers[id(loss)])
        before = [self._earlier_gradient(x) for x in leaves]
        for info in before:
            if info is not None and info.kind is Kind.TENSOR:
                self.given(info.number)
        self._unfollowed(loss.backward)
        if fresh:
            for x, info in zip(leaves, before):
                after = info_of(Kind.RESULT, self, x.grad.raw)
                event.leaves.append((numbers[id(x)], info, after))
            self.at.successors.append(event)
        for x, (_, _, info) in zip(leaves, event.leaves):
            self.values[info.number] = x.grad
            numbers[id(x.grad)] = info.number
        self.reach(event)
        return True

    def _is_result(self, x: Tensor) -> bool:
        """True for what was computed in the step, if only on the way, as a cast."""
        recorder = self._recorder
        assert recorder is not None
        return recorder.knows(x) and recorder.slot(x).kind == "result"

    def _earlier_gradient(self, x: Tensor) -> Info | None:
        g = x.grad
        if g is None:
            return None
        if id(g) in self._numbers:
            return self.infos[self._numbers[id(g)]]
        return self._noted(info_of(Kind.TENSOR, self, g.raw, g), g)

    def _noted(self, info: Info, x: Any) -> Info:
        if info.kind is Kind.TENSOR:
            self.taken[id(x)] = info.number
        info.source = self._sources.get(id(x)) if info.kind in (Kind.TENSOR, Kind.ARRAY) else None
        self.values[info.number] = x
        if isinstance(x, Tensor):
            self._numbers[id(x)] = info.number
        return info

    def _record_update(self, event: Any, optimizer: Any) -> None:
        recorder = self._recorder
        assert recorder is not None
        fresh = event is None
        if fresh:
            event = Updated(self.at, optimizer)
            event.site = current_call_site()
            params = [p for group in optimizer.param_groups for p in group["params"]]
            for p in params:
                self._number(p, None, 0)
                event.gradients.append((p, self._earlier_gradient(p)))
            event.moved = [p for p, info in event.gradients if info is not None]
            known = {p: dict(optimizer.state[p]) for p in event.moved if p in optimizer.state}
        for _, info in event.gradients:
            if info is not None and info.kind is Kind.TENSOR:
                self.given(info.number)
        first = len(recorder.recording.calls)
        event.remember()
        self._unfollowed(optimizer.step)
        for call in recorder.recording.calls[first:]:
            call.arguments = tuple(_shadowed(x, event.shadows) for x in call.arguments)
        if fresh:
            event.memories = [(p, optimizer.state[p], list(known[p].values())) for p in known]
            if len(known) < len(event.moved):  # the first step, which makes what it remembers
                made = [p for p in event.moved if p not in known and optimizer.state.get(p)]
                event.memories += [(p, {}, []) for p in made]
            event.touched = [(x, awaiting(type(x))) for x in (*event.moved, *_remembered(event))]
            self.at.successors.append(event)
        self.reach(event)

    def _next_shadow(self, kind: type, operation: Any = None, count: int = 0) -> Any:
        """What happened here in an earlier call, if it was alike."""
        before = self._shadows
        for shadow in reversed(before):
            alike = shadow.__class__ is kind and shadow.operation is operation
            if alike and (not count or len(shadow.inputs) == count):
                self._shadows = shadow.successors
                return shadow
        self._shadows = before[-1].successors if before else []
        return None

    def _number(self, x: Any, shadow: Any, position: int, *beside: Any) -> int:
        """The number of an input of an event."""
        before = None if shadow is None else self.infos[shadow.inputs[position]]
        if isinstance(x, Tensor):
            if id(x) in self._numbers:
                return self._numbers[id(x)]
            return self._noted(self._tensor_info(x, before), x).number
        if isinstance(x, np.ndarray):
            return self._noted(info_of(Kind.ARRAY, self, x), x).number
        x = float(x) if isinstance(x, Hyperparameter) else x.item() if isinstance(x, np.generic) else x
        changed = before is not None and before.kind in (Kind.LITERAL, Kind.NUMBER)
        dtype = next((y.dtype for y in beside if isinstance(y, Tensor) and y.dtype.kind == "f"), None)
        if changed and dtype is not None and x.__class__ in (float, int):
            return self._noted(info_of(Kind.NUMBER, self, np.asarray(x, dtype)), x).number
        return self._noted(info_of(Kind.LITERAL, self, None, x), x).number

    def _tensor_info(self, x: Tensor, before: Info | None) -> Info:
        another = before is not None and before.kind in (Kind.FIXED, Kind.TENSOR)
        if (another or id(x) in self._made) and x.operation is None:
            return info_of(Kind.TENSOR, self, x.raw, x)
        info = self._fixed[id(x)] = info_of(Kind.FIXED, self, x.raw, x)
        return info

    def _sharing(self, target: Tensor) -> list[int]:
        """The numbers of Tensors from outside that are overwritten with `target`."""
        recorder = self._recorder
        assert recorder is not None
        root = recorder.slot(target).root
        return [
            n
            for n, x in enumerate(self.values)
            if isinstance(x, Tensor) and recorder.knows(x) and self._is_outside(x, root)
        ]

    def _is_outside(self, x: Tensor, root: Any) -> bool:
        assert self._recorder is not None
        slot = self._recorder.slot(x)
        return slot.kind != "result" and slot.root is root


def _with_rows(inputs: tuple[Any, ...], settings: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """An index with arrays of whole numbers as inputs, as they may be others in every call."""
    where = settings.get("index")
    where = (where,) if where.__class__ is np.ndarray else where
    if where.__class__ is not tuple:
        return inputs, settings
    rows = [part for part in where if part.__class__ is np.ndarray]
    if not rows or any(part.dtype.kind not in "iu" for part in rows) or indexing.ARRAY in _marks(where):
        return inputs, settings
    parts = tuple([indexing.ARRAY if part.__class__ is np.ndarray else part for part in where])
    return (*inputs, *rows), {**settings, "index": parts}


def _marks(where: tuple[Any, ...]) -> list[Any]:
    return [part for part in where if part is indexing.ARRAY]


def _shadowed(x: Any, shadows: dict[int, dict[str, Any]]) -> Any:
    if isinstance(x, Hyperparameter):
        return type(x)(shadows.get(id(x.owner), x.owner), x.key, x.index)
    return x


def _endings(event: Event) -> Iterator[Ending]:
    """The ends of all calls that came by an event."""
    waiting = [event]
    for each in waiting:  # grows as it goes
        if each.ending is not None:
            yield each.ending
        waiting += each.successors


def _is_copy(x: Tensor, data: Any) -> bool:
    return x.raw.shape == data.shape and x.raw.dtype == data.dtype


def _remembered(event: Updated) -> list[Tensor]:
    return [x for _, _, contents in event.memories for x in contents if isinstance(x, Tensor)]


def _is_of_library(kind: type) -> bool:
    return kind.__module__.startswith("tinygrad_edu.")
