"""Arguments by name: the parameters of each function have the names of PyTorch's own schema of it."""

from __future__ import annotations

import inspect

import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.functions.public import MODULES

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

# Arguments that PyTorch's schemas have and its Python functions have not, or that all functions take or refuse alike.
EVERYWHERE = {"out", "layout", "pin_memory", "device", "memory_format", "requires_grad", "self", "input"}
EVERYWHERE |= {"cudnn_enabled", "cudnn_enable", "scale", "input_scale", "train", "indices"}
# By name: why the schema is not what users write.
OTHERWISE = {
    "broadcast_shapes": "takes any number of shapes",
    "einsum": "takes an equation and operands, or lists",
    "tensor_split": "one argument for both overloads, as documented",
    "tensordot": "documented with dims",
    "cholesky_solve": "documented as (B, L)",
    "vdot": "the second is called tensor, as in dot",
    "linalg.det": "one function with torch.det, whose argument is called input",
    "linalg.inv": "one function with torch.inverse, whose argument is called input",
    "linalg.slogdet": "one function with torch.slogdet, whose argument is called input",
    "special.spherical_bessel_j0": "called input, as in the rest of special",
    "linalg.lstsq": "documented as (A, B)",
    "nn.functional.unfold": "another function, of pictures",
}
# These take `input` and `other`.
ROWS = {name for operation in OPERATIONS.values() for name in operation.readings.public.split()}
SCHEMAS: dict[str, list[set[str]]] = {}
for schema in torch._C._jit_get_all_schemas():
    if schema.name.startswith("aten::"):
        arguments = {argument.name for argument in schema.arguments if not argument.is_out}
        SCHEMAS.setdefault(schema.name.removeprefix("aten::"), []).append(arguments)
PREFIXES = {"": "", "linalg": "linalg_", "special": "special_", "nn.functional": ""}
FUNCTIONS = {
    f"{module}.{name}".lstrip("."): (function, SCHEMAS[prefix + name])
    for module, prefix in PREFIXES.items()
    for name, function in MODULES[module].items()
    if prefix + name in SCHEMAS
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - OTHERWISE.keys() - ROWS))
def test_arguments_have_pytorchs_names(name):
    function, overloads = FUNCTIONS[name]
    parameters = inspect.signature(function).parameters

    assert any(p.kind == p.VAR_KEYWORD for p in parameters.values()) or any(
        arguments - EVERYWHERE <= parameters.keys() for arguments in overloads
    )
