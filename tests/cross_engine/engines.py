"""Everything that computes a graph: each engine gives the loss and the gradients of the inputs."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import Value, tensor
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.program_source import Source
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.testing.strategies import Graph
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.graph.scalar_graph import opened
from tinygrad_edu.viz.page.page_steps import steps_through

Answer = tuple[Any, list[Any]]
RUNS = 3  # of a plan, which records first


def leaves_of(graph: Graph) -> list[Any]:
    return [tensor(x.detach(), requires_grad=True, name=name) for name, x in graph.inputs.items()]


def numbers(leaves: list[Any]) -> list[np.ndarray]:
    return [np.zeros(x.shape) if x.grad is None else x.grad.numpy().copy() for x in leaves]


def captured(graph: Graph, **options: Any) -> tuple[Any, list[Any], Any]:
    """A plan of forward and backward pass, its leaves, and the step."""
    leaves = leaves_of(graph)

    def step() -> Any:
        for x in leaves:
            x.grad = None
        loss = graph(*leaves)
        loss.backward()
        return loss

    return capture(step, **options), leaves, step


def by_plan(graph: Graph, **options: Any) -> Answer:
    plan, leaves, _ = captured(graph, **options)
    losses = [plan().item() for _ in range(RUNS)]
    assert len(set(losses)) == 1
    return losses[-1], numbers(leaves)


def by_source(graph: Graph, dialect: str = "numpy") -> Answer:
    plan, leaves, step = captured(graph)
    for _ in range(RUNS):
        plan()
    source, scope = Source(plan.program, step, dialect), {}
    exec(source.text, scope)
    state = {path: slot.tensor.raw.copy() for path, slot in source.states.items()}
    found = scope["step"](state, {})
    after = state if dialect == "numpy" else found[1]
    loss = found[0] if dialect == "numpy" else found[0][0]
    paths = {id(slot.tensor): path for path, slot in source.states.items()}
    return float(loss), [np.asarray(after.get(f"grad of {paths.get(id(x))}", 0 * x.raw)) for x in leaves]


def by_jax(graph: Graph) -> Answer:
    import jax  # noqa: PLC0415 - an extra

    with jax.disable_jit():
        return by_source(graph, "jax")


def by_pytorch(graph: Graph) -> Answer:
    import torch  # noqa: PLC0415 - where it is installed

    return graph.gradients(torch)


def opened_to_numbers(graph: Graph) -> Answer:
    leaves = leaves_of(graph)
    loss = graph(*leaves)
    loss.backward()
    (end,), learned, _ = opened(loss, dict(zip(graph.inputs, leaves)))
    grads = defaultdict(list)
    for value in learned:
        grads[value.label.split("[")[0]].append(value.grad)  # of x[0,1]
    found = [grads.get(name, [0.0] * x.raw.size) for name, x in zip(graph.inputs, leaves)]
    return end.data, [np.reshape(g, x.shape) for g, x in zip(found, leaves)]


def by_lines_of_the_page(graph: Graph) -> Answer | None:
    """None if a step of the page has no line."""
    leaves = leaves_of(graph)
    loss = graph(*leaves)
    drawn, gradients = graph_of(loss), gradients_of(loss)
    steps = steps_through(drawn, gradients)
    called, program = steps.symbols.variables, steps.symbols.program
    arrays = {called[i][0]: drawn.array(i) for i, node in enumerate(drawn.nodes) if not node.operation}
    for step in steps.all:
        right = {called[step.node][0]} if step.phase == "forward" else set()
        right |= {called[i][1] for i, key in step.gradients.items() if key == f"g{i}"}
        lines = program("\n".join(step.code))
        if step.phase != "start" and any(f"{name} = " not in lines for name in right):
            return None
        exec(lines, {"np": np}, arrays)
    node_of = {id(x): i for i, x in enumerate(drawn.tensors)}
    end = arrays[called[node_of[id(loss)]][0]]
    names = [called[node_of[id(x)]][1] if id(x) in node_of else None for x in leaves]
    return float(end), [np.zeros(x.shape) if n is None else arrays[n] for x, n in zip(leaves, names)]


def by_values(graph: Graph) -> Answer:
    """Of a graph of single numbers."""
    values = [Value(x.item()) for x in graph.inputs.values()]
    loss = graph(*values)
    loss.backward()
    return loss.data, [np.asarray(v.grad) for v in values]


ENGINES: dict[str, Callable[[Graph], Any]] = {
    "Tensors": lambda graph: graph.gradients(),
    "plan": by_plan,
    "pure plan": lambda graph: by_plan(graph, pure=True),
    "source()": by_source,
    "Tensors opened to numbers": opened_to_numbers,
    "lines of the page": by_lines_of_the_page,
}
if importlib.util.find_spec("torch"):
    ENGINES["PyTorch"] = by_pytorch
COMPILED: dict[str, Callable[[Graph], Any]] = {"C": lambda graph: by_plan(graph, engine="c")}
if importlib.util.find_spec("jax"):
    COMPILED["JAX"] = by_jax
    COMPILED["plan on JAX"] = lambda graph: by_plan(graph, engine="jax")


# What an engine says that does not do everything.
REFUSALS = [
    "modified by an inplace operation",  # by PyTorch, which keeps no numbers that are overwritten
    "operations that have a meaning for single numbers",
    "the plan has no program yet",  # as it writes a gradient into a view, say
    *("cannot read a part of a tensor", "cannot overwrite a part of a tensor"),
]


def answer(run: Callable[[Graph], Any], graph: Graph) -> Any:
    """What an engine answers; None if it says that it cannot."""
    try:
        return run(graph)
    except (RuntimeError, ValueError) as error:
        if not any(text in str(error) for text in REFUSALS):
            raise
        return None


def assert_engines_agree(graph: Graph, engines: dict[str, Callable[[Graph], Any]]) -> None:
    """Each engine gives the loss and the gradients of Tensors, up to rounding."""
    loss, grads = graph.gradients()
    for name, run in engines.items():
        found = answer(run, graph)
        if found is None:
            continue
        np.testing.assert_allclose(found[0], loss, rtol=1e-9, atol=1e-12, err_msg=f"loss by {name}")
        for key, right, own in zip(graph.inputs, grads, found[1], strict=True):
            np.testing.assert_allclose(
                own, right, rtol=1e-8, atol=1e-11, err_msg=f"gradient of {key} by {name}"
            )
