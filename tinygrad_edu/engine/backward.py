"""The chain rule: from a result back to everything that it was computed from, newest first."""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.detachment import check_not_cut
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.hooks import after_hooks
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import Data, Rule
from tinygrad_edu.engine.versions import any_since, overwritten_since

Shares = Iterable[tuple[Any, Data]]  # inputs of a node, each with its part of the node's gradient


def newest_first(*results: Node) -> list[Any]:
    """`results` and every computed node they depend on; each comes before all it was computed from."""
    nodes: list[Any] = []
    found: set[Any] = set()
    for result in results:
        if result.operation is not None and result not in found:
            found.add(result)
            nodes.append(result)
    rebound = Node.rebound
    for node in nodes:  # grows as it goes
        for x in node.inputs if rebound else node._rest or (node._first, node._second):
            if isinstance(x, Node) and x.operation is not None and x not in found:
                found.add(x)
                nodes.append(x)
    nodes.sort(key=_serial, reverse=True)
    return nodes


_serial = operator.attrgetter("serial")


def accumulate(
    order: Iterable[Any], grads: dict[Any, Data], pass_back: Callable[[Any, Data], Shares]
) -> dict[Any, Data]:
    """The gradients of all nodes by the chain rule, added to those in `grads`, with which the walk begins.

    `pass_back(node, g)` gives each input of `node` its share of the gradient `g`, and may look at `grads`. Every walk
    but the engine's own, which is quicker and checks versions, is this one with another `pass_back`.
    """
    for node in order:
        if node in grads:
            if node.hooks:
                grads[node] = after_hooks(node, grads[node])
            for x, share in pass_back(node, grads[node]):
                grads[x] = grads[x] + share if x in grads else share
    return _of_leaves_after_hooks(grads)


def _of_leaves_after_hooks(grads: dict[Any, Data]) -> dict[Any, Data]:
    if Node.hooked:
        for x, g in grads.items():
            if x.operation is None and x.hooks:
                grads[x] = after_hooks(x, g)
    return grads


def gradients(
    result: Variable, gradient: Data, *, create_graph: bool = False, wanted: Container[Any] | None = None
) -> dict[Variable, Data]:
    """The gradient of `result` with respect to every Variable it depends on, by the chain rule.

    `wanted`: those of other computed Variables are forgotten once they are passed on, and their memory, which is still
    in the cache, serves the next (`benchmarks/hessian_vector.py`).

    First order hands the rules raw arrays. With `create_graph`, or when somebody watches, it hands them Variables:
    that is the whole difference. `gradient` is what flows into `result`, in the same form.
    """
    traced, rebound, hooked = create_graph or bool(current().watchers), Node.rebound, Node.hooked
    grads = {result: gradient}
    order = newest_first(result)
    check = bool(order) and any_since(order[-1].serial)
    for node in order:
        g = grads.get(node)
        if g is None:
            continue  # reached only through inputs without a rule
        if hooked and node.hooks:
            g = grads[node] = after_hooks(node, g)
        operation, settings = node.operation, node.settings
        inputs = node.inputs if rebound else node._inputs()
        assert operation is not None
        if traced:
            y, values = node, list(inputs)
            if operation.common is not None:
                values.append(operation.common(*inputs, **settings))
        else:
            y, values = node.raw, node.values(inputs)
        if check:
            _check_unchanged(node, traced)
        try:
            for x, like, rule in zip(inputs, values, operation.rules):
                if rule is None or not isinstance(x, Variable):
                    continue
                if not x.requires_grad:
                    if x.detachment is not None or x.operation is not None:
                        check_not_cut(x)
                    continue
                share = rule(g, y, *values, **settings)
                if operation.exact:
                    if share.dtype is not like.dtype:
                        share = operation.fit(share, like)
                elif share.shape != like.shape or share.dtype is not like.dtype:
                    share = operation.fit(share, like)
                grads[x] = grads[x] + share if x in grads else share
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise _rule_error(error, node, x, rule) from error
        if wanted is not None and node not in wanted:
            del grads[node]
    return _of_leaves_after_hooks(grads)


def _rule_error(error: Exception, node: Variable, x: Any, rule: Rule) -> Exception:
    """The error of a rule, with the operation, the input and the line that it belongs to."""
    operation = node.operation
    assert operation is not None
    positions = [i for i, y in enumerate(node.inputs) if y is x]
    position = next((i for i in positions if operation.rules[i] is rule), positions[0])
    kind = next(
        k for k in (IndexError, LookupError, TypeError, ValueError, AttributeError) if isinstance(error, k)
    )
    inputs = ", ".join(operation.input_names)
    return kind(
        f"the rule of {operation.name} for input {position + 1}, {x.described()}, failed at "
        f"{line_of(node.call_site)}: {error}; a rule is called as rule(g, result, {inputs}) and returns the gradient "
        "of its input"
    )


def _check_unchanged(node: Variable, traced: bool) -> None:
    """Raise if a value that the rules of `node` are about to read is not the one it was computed with."""
    operation, inputs = node.operation, node.inputs
    assert operation is not None
    values = (node, *inputs)
    read = {i for position, _ in node.edges() for i in operation.reads(position, len(inputs))}
    if traced and operation.common is not None:
        read.update(range(1, len(values)))  # what is common was kept raw, but is computed anew on Variables
    for i, x in enumerate(values):
        if i in read and isinstance(x, Variable) and overwritten_since(x, node.serial):
            assert x.memory is not None
            raise RuntimeError(
                f"backward needs the numbers that {operation.name} worked with at {line_of(node.call_site)}, but "
                f"{'its result' if i == 0 else x.described()} was overwritten at {line_of(x.memory.call_site)}; "
                "overwrite it after backward(), or work on a copy: x = x.clone()"
            )


def limited(found: dict[Variable, Data], inputs: Any) -> dict[Variable, Data]:
    """The gradients of inner Variables, and of those leaves that are among `inputs`."""
    chosen = [inputs] if isinstance(inputs, Variable) else list(inputs)
    for x in chosen:
        if x not in found:
            who = x.described() if isinstance(x, Variable) else short(x)
            raise RuntimeError(f"backward needs inputs that the tensor depends on, but it does not on {who}")
    kept = set(chosen)
    return {node: g for node, g in found.items() if node in kept or node.operation is not None}
