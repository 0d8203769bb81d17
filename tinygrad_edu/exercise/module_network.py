"""Modules in an exercise: a network as a function of arrays and of its parameters, which are named by their path."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from reprlib import repr as short
from types import CodeType, FunctionType, MethodType
from typing import Any

from tinygrad_edu.exercise.named_tensors import check_arguments
from tinygrad_edu.func import functional_call
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import UninitializedParameter
from tinygrad_edu.reading.names import by_path
from tinygrad_edu.tensor.tensor import Tensor


class ModuleNetwork:
    """A function of named arrays, inputs and parameters, that computes what a module or a function with modules does.

    `parameters` are those of the modules, by path or by their short name in `names`. The modules stay as they are,
    buffers included. The output of each submodule that is called once is an intermediate with the submodule's path.
    """

    def __init__(self, root: Module, loss: Callable[..., Any] | None, names: Mapping[str, str]) -> None:
        self.root, self.loss = root, loss
        paths = [path for path, _ in root.named_parameters()]
        short_names = {_path_of(path, paths): name for name, path in names.items()}
        self.paths = {short_names.get(path, path): path for path in paths}
        self.__name__ = root.__name__ if isinstance(root, _Caller) else type(root).__name__

    @property
    def parameters(self) -> dict[str, Tensor]:
        """The parameters of the modules by the names of the exercise."""
        own = dict(self.root.named_parameters())
        return {name: own[path] for name, path in self.paths.items()}

    def __call__(self, **arrays: Any) -> tuple[Any, dict[str, Tensor]]:
        chosen = {path: arrays.pop(name) for name, path in self.paths.items()}
        outputs: dict[str, list[Any]] = {}
        with ExitStack() as stack:
            for path, module in self.root.named_modules():
                stack.enter_context(module.register_forward_hook(_keep(outputs.setdefault(path, []))))
            returned = self._loss(chosen, arrays)
        inner = {path: found[0] for path, found in outputs.items() if path and _is_tensor(found)}
        if isinstance(returned, tuple) and len(returned) == 2:
            first, second = returned
            return (first, {**inner, **second}) if isinstance(second, Mapping) else (second, inner)
        return returned, inner

    def _loss(self, parameters: dict[str, Any], arrays: dict[str, Any]) -> Any:
        state = self._tied(parameters) | {name: x.detach().clone() for name, x in self.root.named_buffers()}
        if isinstance(self.root, _Caller):
            return functional_call(self.root, state, (), arrays)
        values = list(arrays.values())
        if self.loss is None:
            return functional_call(self.root, state, tuple(values))
        return self.loss(functional_call(self.root, state, tuple(values[:-1])), values[-1])

    def _tied(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters at every path: a weight used by two modules has two."""
        first = {id(x): path for path, x in self.root.named_parameters()}
        every = self.root.named_parameters(remove_duplicate=False)
        return {path: parameters[first[id(x)]] for path, x in every}


class _Caller(Module):
    """A function, and the modules that it uses as submodules."""

    def __init__(self, function: Callable[..., Any], modules: Mapping[str, Module]) -> None:
        super().__init__()
        self.function, self.__name__ = function, getattr(function, "__name__", "the function")
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, **arrays: Any) -> Any:
        return self.function(**arrays)


def network_of(network: Any, loss: Any, names: Any, data: Mapping[str, Any]) -> Any:
    """The network as a function of named arrays: itself if it has no modules.

    Raises `TypeError` or `ValueError` if loss, names or data do not fit.
    """
    if isinstance(network, ModuleNetwork):
        return network
    root = network if isinstance(network, Module) else _caller(network)
    _check_loss(network, loss)
    _check_names(names, root, data)
    if root is None:
        return network
    _check_shapes(root)
    if root is network:
        _check_inputs(root, list(data)[: None if loss is None else -1], loss)
    else:
        check_arguments(network, data)
    return ModuleNetwork(root, loss, names or {})


def parameters_of(network: Any) -> dict[str, Tensor]:
    """The parameters that a network of `network_of` takes beside its inputs."""
    return network.parameters if isinstance(network, ModuleNetwork) else {}


def _caller(function: Any) -> _Caller | None:
    modules = dict(_modules_used(function, set()))
    return _Caller(function, modules) if modules else None


def _modules_used(function: Any, visited: set[int]) -> Iterator[tuple[str, Module]]:
    """The modules that a function takes from around it by name, and those of the functions that it calls.

    Of a method, the modules of its object belong to it, too.
    """
    if not isinstance(function, FunctionType | MethodType) or id(function) in visited:
        return
    visited.add(id(function))
    plain: Any = getattr(function, "__func__", function)
    names = set(_global_names(plain.__code__))
    around = {name: x for name, x in plain.__globals__.items() if name in names}
    own = vars(function.__self__) if isinstance(function, MethodType) else {}
    for name, x in {**around, **inspect.getclosurevars(function).nonlocals, **own}.items():
        if isinstance(x, Module):
            yield name, x
        elif isinstance(x, FunctionType) and x.__module__ == function.__module__:
            yield from _modules_used(x, visited)


def _global_names(code: CodeType) -> Iterator[str]:
    """The global names that are read in a function and in the functions and comprehensions inside it."""
    yield from (str(step.argval) for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _global_names(inner)


def _check_loss(network: Any, loss: Any) -> None:
    if loss is not None and not (isinstance(network, Module) and callable(loss)):
        raise TypeError(
            "Exercise needs loss as a function of output and target, beside a module as the network: got "
            f"{short(loss)} beside {short(network)}"
        )


def _check_names(names: Any, root: Module | None, data: Mapping[str, Any]) -> None:
    if names is not None and not (
        isinstance(names, Mapping) and all(isinstance(x, str) for x in names.values())
    ):
        raise TypeError(
            f"Exercise needs names as a mapping from short names to paths, got {short(names)}; "
            "write {'W1': 'fc1.weight'}"
        )
    if names and root is None:
        raise ValueError("Exercise needs names for parameters of modules, and the network has no modules")
    if taken := [name for name in names or () if name in data]:
        raise ValueError(f"Exercise needs names that are not those of data, got {taken[0]!r}")


def _check_shapes(root: Module) -> None:
    for path, parameter in root.named_parameters():
        if isinstance(parameter, UninitializedParameter):
            raise ValueError(
                f"Exercise needs a module whose parameters have a shape, and {path} has none; call the module once"
            )


def _check_inputs(module: Module, inputs: list[str], loss: Any) -> None:
    signature = inspect.signature(module.forward)
    try:
        signature.bind(*inputs)
    except TypeError as error:
        last = "" if loss is None else ", and the target last"
        raise TypeError(
            f"Exercise needs data for {type(module).__name__}.forward({', '.join(signature.parameters)}) in this "
            f"order{last}, "
            f"got {', '.join(inputs) or 'nothing'} as its inputs: {error}"
        ) from None


def _path_of(path: str, known: list[str]) -> str:
    found = by_path(path, known)
    if found is None:
        raise ValueError(
            f"Exercise needs names for parameters of the network, got {path!r}, and there are {', '.join(known)}"
        )
    return found


def _keep(outputs: list[Any]) -> Callable[..., None]:
    return lambda _module, _inputs, output: outputs.append(output)


def _is_tensor(outputs: list[Any]) -> bool:
    return len(outputs) == 1 and isinstance(outputs[0], Tensor)
