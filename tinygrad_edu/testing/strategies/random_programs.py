"""The strategy `graphs`: random programs in PyTorch's words, with shared parts, views and in-place operations."""

from __future__ import annotations

import math
import re
from typing import Any

from hypothesis import strategies as st

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints import warnings
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing.strategies.program_words import WORDS, function
from tinygrad_edu.testing.strategies.shapes import Draw, broadcastable_shapes
from tinygrad_edu.testing.strategies.tensors import code_of, tensors

# What a line may say of a tensor `a`, and of `b` beside it; all keep numbers small. `c` is the new name.
SMOOTH = [
    *(
        "{a}.tanh()",
        "{a}.sigmoid()",
        "{a}.sin()",
        "{a}.tanh().exp()",
        "{a} * 0.5",
        "1 - {a}",
        "{a}.sin() ** 2",
    ),
    *("({a} ** 2 + 1).log()", "({a} * {a} + 1) ** 0.5", "1 / ({a} ** 2 + 2)", "-{a}"),
]
KINKED = ["{a}.relu()", "{a}.abs()", "{a}.clamp(-0.5, 0.5)"]
BINARY = ["{a} + {b}", "{a} - {b}", "{a}.tanh() * {b}", "{a} / ({b} ** 2 + 1)"]
KINKED_BINARY = ["{a}.maximum({b})", "torch.where({a} > {b}, {a}, {b} * 2)"]
OF_ONE_DIM = ["{a}.softmax(-1)", "{a}.logsumexp(0)", "{a}.sum(-1)", "{a}.mean(0)", "{a}.log_softmax(0)"]
OF_ONE_DIM += ["{a}[[0, -1, 0]]", "{a}.flip(0)", "{a}.cumsum(0) * 0.5", "torch.cat([{a}, {a} * 0.5])"]
VIEWS = [
    "{a}.reshape(-1)",
    "{a}.unsqueeze(0)",
    "{a}.transpose(0, -1)",
    "{a}[0]",
    "{a}[-1:]",
    "{a}[None]",
    "{a}.expand(2, *{a}.shape)",
]
KINKED_OF_ONE_DIM = ["{a}.amax(-1)", "{a}.max()", "{a}.sort(0)[0]"]
PRODUCTS = ["{a} @ {b} * 0.5"]
OVERWRITTEN = [
    "{c} = {a} * 0.5\n{c} += 0.25",
    "{c} = {a} + 0\n{c}.mul_(0.5)",
    "{c} = 1 * {a}\n{c}.sub_({c}.sin())",
]
OVERWRITTEN_VIEWS = ["{c} = {a} * 0.5\n{c}[0] *= 2", "{c} = {a} + 1\n{c}.transpose(0, -1).mul_(0.5)"]
OVERWRITTEN_VIEWS += [
    "{c} = {a}.clone()\n{c}[0] = {c}[-1] * 0.5",
    "{c} = {a} - 0\n{c}.reshape(-1)[:1].add_(1)",
]
ON_NUMBERS = [*SMOOTH[:5], "1 - {a}", "{a} ** 2 * 0.1", "1 / ({a} * {a} + 2)", "-{a}"]


class Graph:
    """A program that computes the tensor `loss` from its inputs; `graph(*inputs)` runs it.

    `text`: lines in PyTorch's words, which other libraries than this one understand, too.
    """

    def __init__(self, text: str, **inputs: Tensor) -> None:
        self.text, self.inputs = text.strip("\n"), inputs
        self._compute = function("loss", inputs, self.text, WORDS)

    def __call__(self, *inputs: Any, torch: Any = None) -> Any:
        """The loss of other inputs, in their order, of Tensors here or of those of the library `torch`."""
        compute = (
            self._compute if torch is None else function("loss", self.inputs, self.text, {"torch": torch})
        )
        return compute(*inputs)

    def gradients(self, torch: Any = None) -> tuple[Any, list[Any]]:
        """The loss of its own inputs as a number, and their gradients as arrays."""
        leaves = [self._leaf(x, torch) for x in self.inputs.values()]
        loss = self(*leaves, torch=torch)
        loss.backward()
        return loss.item(), [0 * x.detach().numpy() if x.grad is None else x.grad.numpy() for x in leaves]

    def _leaf(self, x: Tensor, torch: Any) -> Any:
        if torch is None:
            return tensor(x.detach(), requires_grad=True)
        return torch.tensor(x.detach().numpy().copy(), requires_grad=True)

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={code_of(x)}" for name, x in self.inputs.items())
        return f'Graph("""\n{self.text}\n""", {given})'


@st.composite
def graphs(
    draw: Draw, *, max_lines: int = 10, kinks: bool = True, in_place: bool = True, numbers: bool = False
) -> Graph:
    """Random programs on two or three tensors that broadcast together; many use a result several times.

    `kinks=False` leaves out relu, max, sort and the like, and `in_place=False` what overwrites. `numbers`: single
    numbers and no tensors, so that the program runs on Values, too.
    """
    count = draw(st.integers(2, 3))
    sizes = [()] * count if numbers else draw(broadcastable_shapes(count, max_dims=2, max_side=3))
    inputs = {name: draw(tensors(shape, low=-1, high=1)) for name, shape in zip("xyz", sizes)}
    rows = _Rows(kinks, in_place, numbers)
    with no_grad(), warnings.off():
        known, lines = dict(inputs), {}
        for i in range(draw(st.integers(1, max_lines))):
            lines[f"h{i}"] = rows.draw(draw, known, f"h{i}")
            exec(lines[f"h{i}"], {**WORDS}, known)
    ends = [name for name in lines if name == f"h{i}" or draw(st.integers(0, 3)) == 0]
    total = " + ".join(ends if numbers else [f"({end} * {end}).sum()" for end in ends])
    loss = f"loss = {total} + x * y" if numbers else f"loss = {total} + (x * y).mean()"
    return Graph("\n".join([*_needed(lines, loss), loss]), **inputs)


def _needed(lines: dict[str, str], loss: str) -> list[str]:
    """Those of the lines, by the names that they compute, on which the loss depends."""
    words, needed = set(re.findall(r"\w+", loss)), []
    for name, line in reversed(lines.items()):
        if name in words:
            needed.append(line)
            words.update(re.findall(r"\w+", line))
    return needed[::-1]


class _Rows:
    """The lines that may be written about tensors of given shapes."""

    def __init__(self, kinks: bool, in_place: bool, numbers: bool) -> None:
        self._numbers, self._in_place = numbers, in_place and not numbers
        self._unary = ON_NUMBERS if numbers else SMOOTH + KINKED * kinks
        self._binary = [*BINARY[:2], "{a} * {b} * 0.5"] if numbers else BINARY + KINKED_BINARY * kinks
        self._of_one_dim = OF_ONE_DIM + KINKED_OF_ONE_DIM * kinks

    def draw(self, draw: Draw, known: dict[str, Any], name: str) -> str:
        """A line that computes `name` from what is known, by name."""
        a = draw(st.sampled_from([*known]))
        rows = [(self._unary, a)]
        partners = [b for b in known if self._numbers or _fit(known[a].shape, known[b].shape)]
        rows += [(self._binary, draw(st.sampled_from(partners)))] * 2
        if not self._numbers:
            rows += self._on_tensors(draw, known, a)
        templates, b = draw(st.sampled_from(rows))
        template = draw(st.sampled_from(templates))
        line = template.format(a=a, b=b, c=name)
        return line if "{c}" in template else f"{name} = {line}"

    def _on_tensors(self, draw: Draw, known: dict[str, Any], a: str) -> list[tuple[list[str], str]]:
        shape, rows = known[a].shape, []
        factors = [b for b in known if len(shape) == known[b].ndim == 2 and shape[1] == known[b].shape[0]]
        if factors:
            rows.append((PRODUCTS, draw(st.sampled_from(factors))))
        if shape:
            rows += [(self._of_one_dim, a), ([x for x in VIEWS if _is_small(shape) or "expand" not in x], a)]
        if self._in_place:
            rows.append((OVERWRITTEN + OVERWRITTEN_VIEWS * bool(shape), a))
        return rows


def _fit(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """True if shapes broadcast together."""
    return all(n == m or 1 in (n, m) for n, m in zip(a[::-1], b[::-1]))


def _is_small(shape: tuple[int, ...]) -> bool:
    return len(shape) < 3 and math.prod(shape) < 20
