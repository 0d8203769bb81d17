"""Recording can be switched off and never sticks off, whatever the order in which blocks are left."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tinygrad_edu.engine.grad_mode import (
    current,
    enable_grad,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    watch,
)
from tinygrad_edu.tensor.tensor import tensor


@pytest.fixture(autouse=True)
def recording_afterwards():
    assert is_grad_enabled()
    yield
    assert is_grad_enabled()


def test_results_in_no_grad_need_no_gradient():
    x = tensor(2.0, requires_grad=True)

    with no_grad():
        y = x * 3

    assert not y.requires_grad
    assert (x * 3).requires_grad


def test_blocks_nest():
    with no_grad():
        with enable_grad():
            with no_grad():
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()


def test_an_exception_leaves_the_block():
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0  # noqa: B018


def test_an_exception_in_a_nested_block_leaves_only_that_block():
    with no_grad():
        with pytest.raises(ZeroDivisionError), enable_grad():
            1 / 0  # noqa: B018
        assert not is_grad_enabled()


def test_one_object_can_be_entered_twice():
    block = no_grad()

    with block:
        with block:
            assert not is_grad_enabled()
        assert not is_grad_enabled()


def test_one_object_can_be_used_again():
    block = no_grad()
    for _ in range(3):
        with block:
            assert not is_grad_enabled()
        assert is_grad_enabled()


def test_leaving_a_block_that_is_not_open_does_nothing():
    no_grad().__exit__(None, None, None)


def test_blocks_may_be_left_in_the_wrong_order():
    outer, inner = no_grad(), enable_grad()

    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert is_grad_enabled()
    inner.__exit__(None, None, None)


def test_a_block_that_was_left_too_early_takes_no_other_with_it():
    outer, inner = enable_grad(), no_grad()

    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    still = is_grad_enabled()
    inner.__exit__(None, None, None)

    assert not still


# Threads and tasks.


def test_another_thread_is_not_affected():
    with no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(is_grad_enabled).result()


def test_two_threads_with_crossed_exits():
    entered, leave = threading.Barrier(2), threading.Event()
    seen = []

    def first():
        with no_grad():
            entered.wait()
        seen.append(is_grad_enabled())
        leave.set()

    def second():
        with no_grad():
            entered.wait()
            leave.wait()
            seen.append(is_grad_enabled())
        seen.append(is_grad_enabled())

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [True, False, True]


def test_a_sibling_task_is_not_affected():
    seen = []

    async def switched_off(there, back):
        with no_grad():
            there.set()
            await back.wait()
            seen.append(is_grad_enabled())

    async def sibling(there, back):
        await there.wait()
        seen.append(is_grad_enabled())
        back.set()

    async def both():
        there, back = asyncio.Event(), asyncio.Event()
        await asyncio.gather(switched_off(there, back), sibling(there, back))

    asyncio.run(both())

    assert seen == [True, False]


def test_a_task_and_a_worker_thread_started_inside_inherit_the_mode():
    async def main():
        with no_grad():
            task = asyncio.create_task(asyncio.sleep(0, result=None))
            await task
            return await asyncio.gather(child(), asyncio.to_thread(is_grad_enabled))

    async def child():
        return is_grad_enabled()

    assert asyncio.run(main()) == [False, False]


# Generators.


def counting():
    with no_grad():
        yield is_grad_enabled()
        yield is_grad_enabled()


def test_two_generators_with_crossed_exits_cannot_stick():
    first, second = counting(), counting()

    next(first)
    next(second)
    first.close()
    second.close()

    assert is_grad_enabled()


def test_a_generator_closed_in_another_context():

    generator = counting()
    contextvars.copy_context().run(next, generator)

    generator.close()

    assert is_grad_enabled()


# Decorators.


def test_a_decorated_function_runs_inside_the_block():
    @no_grad()
    def enabled(x, *, y):
        """Docs."""
        return is_grad_enabled(), x, y

    assert enabled(1, y=2) == (False, 1, 2)
    assert (enabled.__name__, enabled.__doc__) == ("enabled", "Docs.")


def test_a_decorated_function_may_call_itself():
    @no_grad()
    def depth(n):
        assert not is_grad_enabled()
        return 0 if n == 0 else 1 + depth(n - 1)

    assert depth(5) == 5


def test_a_decorated_generator_is_inside_only_while_it_runs():
    @no_grad()
    def steps():
        yield is_grad_enabled()
        yield is_grad_enabled()

    seen = [(enabled, is_grad_enabled()) for enabled in steps()]

    assert seen == [(False, True), (False, True)]


def test_a_decorated_generator_passes_on_what_is_sent_and_returned():
    @no_grad()
    def echo():
        got = yield "ready"
        return got * 2

    generator = echo()

    assert next(generator) == "ready"
    with pytest.raises(StopIteration) as end:
        generator.send(21)
    assert end.value.value == 42


def test_a_decorated_generator_passes_on_what_is_thrown():
    @no_grad()
    def careful():
        try:
            yield 1
        except KeyError:
            yield is_grad_enabled()

    generator = careful()
    next(generator)

    assert generator.throw(KeyError()) is False


def test_a_decorated_generator_raises_its_own_errors():
    @no_grad()
    def failing():
        yield 1
        raise KeyError("mine")

    generator = failing()
    next(generator)

    with pytest.raises(KeyError, match="mine"):
        next(generator)


def test_closing_a_decorated_generator_closes_the_one_inside():
    closed = []

    @no_grad()
    def careful():
        try:
            yield 1
        finally:
            closed.append(is_grad_enabled())

    generator = careful()
    next(generator)
    generator.close()

    assert len(closed) == 1


def test_a_decorated_coroutine_runs_inside_the_block():
    @no_grad()
    async def enabled():
        await asyncio.sleep(0)
        return is_grad_enabled()

    async def main():
        return await enabled(), is_grad_enabled()

    assert asyncio.run(main()) == (False, True)


# set_grad_enabled.


def test_set_grad_enabled_works_as_a_function():
    set_grad_enabled(False)
    off = is_grad_enabled()
    set_grad_enabled(True)

    assert (off, is_grad_enabled()) == (False, True)


def test_set_grad_enabled_works_as_a_block():
    with set_grad_enabled(False):
        assert not is_grad_enabled()
        with set_grad_enabled(True):
            assert is_grad_enabled()
        assert not is_grad_enabled()


def test_set_grad_enabled_as_a_block_restores_what_a_call_had_set():
    set_grad_enabled(False)
    with set_grad_enabled(True):
        assert is_grad_enabled()
    restored = is_grad_enabled()
    set_grad_enabled(True)

    assert restored is False


def test_set_grad_enabled_as_a_function_ends_with_the_block_around_it():
    with no_grad():
        set_grad_enabled(True)
        assert is_grad_enabled()
    with enable_grad():
        set_grad_enabled(False)

    assert is_grad_enabled()


def test_set_grad_enabled_as_a_decorator_changes_nothing_outside():
    @set_grad_enabled(False)
    def enabled():
        return is_grad_enabled()

    outside = is_grad_enabled()
    set_grad_enabled(True)

    assert (enabled(), outside) == (False, True)


def test_set_grad_enabled_as_a_block_leaves_the_blocks_around_it_open():
    def crossed():
        switch = set_grad_enabled(False)
        with enable_grad():
            with switch:
                inside = is_grad_enabled()
            return inside, is_grad_enabled()

    assert contextvars.Context().run(crossed) == (False, True)


def test_set_grad_enabled_can_be_entered_twice():
    switch = set_grad_enabled(False)

    with switch:
        with switch:
            assert not is_grad_enabled()
        assert not is_grad_enabled()


def test_many_calls_of_set_grad_enabled_do_not_pile_up():

    for _ in range(100):
        set_grad_enabled(False)
        set_grad_enabled(True)

    assert len(current().blocks) <= 1


# Watchers.


def test_watchers_nest_and_end():
    x = tensor(2.0)
    outer, inner = [], []

    with watch(lambda *note: outer.append(note[0].name)):
        with watch(lambda *note: inner.append(note[0].name)):
            x + 1
        x * 2
    x - 1

    assert (outer, inner) == (["add", "multiply"], ["add"])


def test_a_watcher_is_told_operation_inputs_settings_and_result():
    x = tensor([1.0, 2.0])
    notes = []

    with watch(lambda *note: notes.append(note)):
        y = x.sum(0, keepdim=True)

    operation, inputs, settings, result = notes[0]
    assert (operation.name, inputs, settings) == ("sum", (x,), {"dims": (0,), "keepdim": True})
    assert result is y


def test_a_watcher_in_another_thread_sees_nothing():
    seen = []

    with watch(lambda *note: seen.append(note)), ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: tensor(1.0) + 1).result()

    assert seen == []


def test_watching_does_not_switch_recording():
    with no_grad(), watch(lambda *note: None):
        assert not is_grad_enabled()
