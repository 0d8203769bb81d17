"""The modes of a thread and of an async task: recording, and watchers.

The setting is a tuple of open `with` blocks. Leaving a block removes that very block, wherever it stands, so
crossed exits (two generators, one object entered twice) can never leave recording stuck off.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Note = Callable[..., None]


class Modes(NamedTuple):
    """The open blocks, and what they add up to."""

    blocks: tuple[_Block, ...] = ()
    recording: bool = True
    watchers: tuple[Note, ...] = ()
    follower: Any = None  # computes nothing yet: see `plan/follow`


_NONE_OPEN = Modes()
_MODES: ContextVar[Modes] = ContextVar("tinygrad_edu modes", default=_NONE_OPEN)
current = _MODES.get


def _settle(blocks: tuple[_Block, ...]) -> None:
    recording = [block.records for block in blocks if block.records is not None]
    watchers = tuple(block.note for block in blocks if block.note is not None)
    followers = [block.follower for block in blocks if block.follower is not None]
    _MODES.set(
        Modes(blocks, recording[-1] if recording else True, watchers, followers[-1] if followers else None)
    )


class _Block:
    """A context manager that is also a decorator; one object may be entered many times."""

    records: bool | None = None
    note: Note | None = None
    follower: Any = None
    loose = False  # switched on without `with`: it ends with the block around it

    def __enter__(self) -> Self:
        _settle((*current().blocks, self))
        return self

    def __exit__(self, *error: object) -> None:
        blocks = current().blocks
        if self in blocks:
            here = len(blocks) - 1 - blocks[::-1].index(self)
            _settle(blocks[:here] + tuple(block for block in blocks[here + 1 :] if not block.loose))

    def __call__(self, function: F) -> F:
        """Run every call of `function` inside the block; a generator only while it is running."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def call(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)
        elif inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> Any:
                return (yield from self._step(function(*args, **kwargs)))
        else:

            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return call  # type: ignore[return-value]

    def _step(self, generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        resume: Callable[[Any], Any] = generator.send
        message: Any = None
        while True:
            try:
                with self:
                    item = resume(message)
            except StopIteration as end:
                return end.value
            try:
                resume, message = generator.send, (yield item)
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:  # the generator decides what to do with it
                resume, message = generator.throw, error


class _BareDecorator(_Block):
    """A block whose class is a decorator by itself: `@no_grad` is `@no_grad()`."""

    if not TYPE_CHECKING:  # where a decorator without brackets would hide the type of what it decorates

        def __new__(cls, function: Any = None) -> Any:
            block = super().__new__(cls)
            return block(function) if callable(function) else block


class no_grad(_BareDecorator):  # noqa: N801 - PyTorch's name
    """`with no_grad():` computes without recording, so that results need no gradient.

    Also a decorator, `@no_grad` or `@no_grad()`. Holds for the current thread and async task only.
    """

    records = False


class unrecorded(no_grad):  # noqa: N801 - as the others
    """`no_grad()` of the library itself, around code of the user whose gradients it finds in another way."""


class enable_grad(_BareDecorator):  # noqa: N801 - PyTorch's name
    """`with enable_grad():` records again inside a `no_grad` block. Also a decorator."""

    records = True


class inference_mode(_Block):  # noqa: N801 - PyTorch's name
    """`with inference_mode():` is `no_grad()`, and with `mode=False` it changes nothing. Also a decorator."""

    if TYPE_CHECKING:

        def __init__(self, mode: bool = True) -> None: ...

    else:

        def __new__(cls, mode: Any = True) -> Any:
            block = super().__new__(cls)
            block.records = False if mode else None
            return block(mode) if callable(mode) else block


class set_grad_enabled(_Block):  # noqa: N801 - PyTorch's name
    """Switches recording on or off at once; a `with` block or a decorated function ends it."""

    def __init__(self, mode: bool) -> None:
        self.records = bool(mode)
        self.loose = True
        blocks = current().blocks
        self._replaced = blocks[-1:] if blocks and blocks[-1].loose else ()  # an earlier call
        _settle((*blocks[: len(blocks) - len(self._replaced)], self))

    def __enter__(self) -> Self:
        self._tighten()
        return super().__enter__()

    def __call__(self, function: F) -> F:
        self._tighten()
        return super().__call__(function)

    def _tighten(self) -> None:
        """It was made for `with` or as a decorator, so what the mere call had switched is switched back."""
        blocks = current().blocks
        if self.loose and blocks and blocks[-1] is self:
            _settle((*blocks[:-1], *self._replaced))
        self.loose, self._replaced = False, ()


class watch(_Block):  # noqa: N801 - reads as a verb: with watch(note): ...
    """`with watch(note):` calls `note(operation, inputs, settings, result)` after every operation on Tensors.

    It sees the forward pass and, as the rules are then handed Tensors too, every operation of a backward pass and
    of an optimizer's update. `inputs` holds Tensors and plain numbers, `settings` is a dict.
    """

    def __init__(self, note: Note) -> None:
        self.note = note


class follow(_Block):  # noqa: N801 - as the others
    """`with follow(follower):` hands every operation, backward pass and update to `follower` while it is `active`."""

    def __init__(self, follower: Any) -> None:
        self.follower, self.note = follower, follower.note
        self._alone = Modes((self,), True, (self.note,), follower)

    def __enter__(self) -> Self:
        if current().blocks:
            return super().__enter__()
        _MODES.set(self._alone)
        return self

    def __exit__(self, *error: object) -> None:
        if len(current().blocks) > 1:
            super().__exit__(*error)
        elif current() is self._alone:
            _MODES.set(_NONE_OPEN)
        else:
            super().__exit__(*error)


class walk(_Block):  # noqa: N801 - as the others
    """`with walk(records):` while gradients are carried back: what rules compute is no forward pass."""

    def __init__(self, records: bool) -> None:
        self.records = records


def is_walking() -> bool:
    """True inside a `walk`, where operations are those of derivative rules."""
    return any(isinstance(block, walk) for block in current().blocks)


def is_evaluating() -> bool:
    """True inside the user's own `no_grad()` or `inference_mode()`, where a trained network is used, mostly."""
    modes = current()
    return (
        not modes.recording
        and isinstance(modes.blocks[-1], no_grad | inference_mode)
        and not any(isinstance(block, unrecorded | walk) for block in modes.blocks)
    )


def is_grad_enabled() -> bool:
    """True if operations are recorded for `backward()`, here and now."""
    return current().recording
