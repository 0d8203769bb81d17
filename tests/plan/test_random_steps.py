"""Whatever a step does, its plan does too, bit for bit: random steps with views, overwriting and an optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinygrad_edu import no_grad, tensor, where
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import cache_blocking, capture

SIDE = 6  # all arrays are square, so that everything fits everything
RUNS = 5


def moved_down(a: Any) -> Any:
    """A copy of which a part is overwritten with what overlaps it."""
    copy = a.detach().clone()
    with no_grad():
        copy[1:].assign(copy[:-1] * 0.5 + 1)
    return copy


UNARY: dict[str, Any] = {
    "moved down": moved_down,
    "by its corner": lambda a: a * a[0, 0],
    "exp": lambda a: (a * 0.1).exp(),
    "tanh": lambda a: a.tanh(),
    "relu": lambda a: a.relu(),
    "sigmoid": lambda a: a.sigmoid(),
    "half": lambda a: a * 0.5,
    "shifted": lambda a: 1 - a,
    "squared": lambda a: a**2,
    "softmax": lambda a: a.softmax(1),
    "transposed": lambda a: a.T,
    "copied": lambda a: a.clone(),
    "detached": lambda a: a.detach(),
    "turned": lambda a: a[::-1],
    "row": lambda a: a[1:2].expand(SIDE, SIDE),
    "reshaped": lambda a: a.reshape(2, 3, SIDE).permute(1, 0, 2).reshape(SIDE, SIDE),
    "row sums": lambda a: a.sum(1, keepdim=True) + a * 0,
    "column means": lambda a: a.mean(0) * a,
    "greatest": lambda a: a - a.amax(1, keepdim=True),
    "picked": lambda a: a[[0, 2, 2, 5, 1, 0]],
}
BINARY: dict[str, Any] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b * 0.5,
    "over": lambda a, b: a / (2 + b.abs()),
    "product": lambda a, b: a @ b * 0.2,
    "larger": lambda a, b: a.maximum(b),
    "chosen": lambda a, b: where(a > 0.1, a, b),
}
OVERWRITE: dict[str, Any] = {
    "scaled": lambda buffer, a: buffer.mul_(0.9),
    "added": lambda buffer, a: buffer.add_(a),
    "replaced": lambda buffer, a: buffer.copy_(a),
    "averaged": lambda buffer, a: buffer.mul_(0.9).add_(a, alpha=0.1),
    "part": lambda buffer, a: buffer[1:4].sub_(a[2:5] * 0.3),
    "overlapping": lambda buffer, a: buffer[1:].add_(buffer[:-1] * 0.5),
    "computed": lambda buffer, a: buffer.assign(a * 0.5 + 1),
    "columns": lambda buffer, a: buffer.T.assign(a * 0.5 + 1),
    "diagonal": lambda buffer, a: buffer.T.add_(a * 0.1),
}

# Which tensors: the input, two weights, a buffer by two names, then what was computed.
SOME = st.integers(0, 9)
INSTRUCTIONS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), SOME),
        st.tuples(st.sampled_from(sorted(BINARY)), SOME, SOME),
        st.tuples(st.sampled_from(sorted(OVERWRITE)), SOME),
    ),
    min_size=1,
    max_size=12,
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "momentum": st.sampled_from([0.5, 0.9]),
        "weight_decay": st.just(0.01),
        "maximize": st.booleans(),
    },
)


class Model:
    """Weights, a buffer and an optimizer, and a step that follows instructions."""

    def __init__(self, instructions: Any, options: Any, dtype: str, order: Any) -> None:
        rng = np.random.default_rng(0)
        arrays = rng.normal(size=(3, SIDE, SIDE)).astype(dtype)
        self.weights = [tensor(a, requires_grad=True) for a in arrays[:2]]
        self.buffer = tensor(np.array(arrays[2], order=order))
        self.alias = self.buffer.detach()  # in the same memory
        self.optimizer = SGD(self.weights, lr=0.05, **options)
        self.instructions = instructions

    def step(self, x: Any) -> Any:
        self.optimizer.zero_grad()
        pool = [x, *self.weights, self.buffer, self.alias]
        for name, *which in self.instructions:
            chosen = [pool[i % len(pool)] for i in which]
            if name in OVERWRITE:
                with no_grad():
                    OVERWRITE[name](self.buffer, chosen[0].detach())
            else:
                pool.append((UNARY | BINARY)[name](*chosen))
        last = pool[-1]
        loss = (last * last).mean() + sum((w * w).mean() for w in self.weights)
        loss.backward()
        self.optimizer.step()
        return loss, last.detach()

    def numbers(self) -> list[np.ndarray]:
        grads = [w.grad for w in self.weights]
        return [x.detach().numpy().copy() for x in (*self.weights, self.buffer, *grads)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of NumPy, about numbers that grew too large
@pytest.mark.parametrize("piece", [cache_blocking.PIECE, 96], ids=["whole", "in pieces"])
@settings(deadline=None, max_examples=150)
@given(
    instructions=INSTRUCTIONS,
    options=OPTIONS,
    dtype=st.sampled_from(["float32", "float64"]),
    order=st.sampled_from("CF"),
)
@example(instructions=[("columns", 0)], options={}, dtype="float64", order="C")
@example(instructions=[("computed", 0)], options={}, dtype="float64", order="F")
@example(instructions=[("moved down", 0)], options={}, dtype="float64", order="C")
def test_a_plan_of_any_step_does_what_the_step_does(piece, instructions, options, dtype, order):
    planned, eager = (Model(instructions, options, dtype, order) for _ in range(2))
    plan = capture(planned.step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_blocking, "PIECE", piece)
        patch.setattr(cache_blocking, "_WORTH_IT", 2 * piece)
        for run in range(RUNS):
            x = np.random.default_rng(run).normal(size=(SIDE, SIDE)).astype(dtype)
            try:
                expected = eager.step(tensor(x))
            except RuntimeError as refusal:  # a number needed for the gradient was overwritten
                with pytest.raises(RuntimeError, match=str(refusal).split(" at ")[0].split("(")[0][:40]):
                    plan(tensor(x))
                return
            found = plan(tensor(x))
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
            for a, b in zip(planned.numbers(), eager.numbers(), strict=True):
                np.testing.assert_array_equal(a, b)
    assert plan.ready
