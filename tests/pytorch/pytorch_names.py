"""The public names of PyTorch, module by module: run as a program it writes `tinygrad_edu/hints/pytorch_names.txt`."""

from __future__ import annotations

import importlib
import inspect
import textwrap
import types
from pathlib import Path

import torch

import tinygrad_edu

FILE = Path(tinygrad_edu.__file__).parent / "hints" / "pytorch_names.txt"
MODULES = [
    *("torch", "torch.Tensor", "torch.autograd", "torch.autograd.functional", "torch.func", "torch.linalg"),
    *("torch.special", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.utils", "torch.optim"),
    *("torch.optim.lr_scheduler", "torch.utils.data", "torch.random", "torch.fft", "torch.nn.Module"),
    *("torch.optim.Optimizer", "torch.nn.utils.rnn", "torch.optim.swa_utils", "torch.distributions"),
]
KINDS = {
    "torch.Tensor": torch.Tensor,
    "torch.nn.Module": torch.nn.Module,
    "torch.optim.Optimizer": torch.optim.Optimizer,
}
# Of other devices, of quantization and of PyTorch's own machinery: a learner's program never asks for them.
INTERNAL = (
    *(
        "cudnn",
        "miopen",
        "mkldnn",
        "fbgemm",
        "quantized",
        "fake_quantize",
        "fused_",
        "autocast_",
        "profiler_",
    ),
    *(
        "batch_norm_",
        "sym_",
        "q_",
        "xpu",
        "mtia",
        "jit",
        "cuda_",
        "is_autocast",
        "set_autocast",
        "get_autocast",
    ),
    *(
        "quint",
        "qint",
        "bits",
        "float8",
        "float4",
        "parse_",
        "import_ir",
        "merge_type",
        "mps",
        "ops",
        "overrides",
    ),
)
CLASSES = {"Generator", "Size", "Tensor"}  # of the top level, which shows those of its compiler, too


def names_of(module):
    """The functions, classes and words of a module that PyTorch offers there."""
    if module in KINDS:
        return sorted(name for name in dir(KINDS[module]) if name[0] != "_" and not name.startswith(INTERNAL))
    offering = importlib.import_module(module)
    return sorted(
        name
        for name in dir(offering)
        if name[0] != "_"
        and not name.startswith(INTERNAL)
        and _is_own(getattr(offering, name), offering)
        and (module != "torch" or name[0].islower() or name in CLASSES or name.endswith("Tensor"))
    )


def _is_own(x, offering):
    if isinstance(x, torch.dtype | float):
        return True
    if isinstance(x, types.ModuleType):
        return x.__name__ == f"{offering.__name__}.{x.__name__.rpartition('.')[2]}"
    if inspect.isbuiltin(x):
        return True
    home = getattr(x, "__module__", None) or ""
    callable_ = inspect.isclass(x) or inspect.isroutine(x) or callable(x)
    return callable_ and home.startswith("torch") and not home.startswith("torch._C")


def text():
    """The file: for each module its name, and its names in lines."""
    parts = []
    for module in MODULES:
        lines = textwrap.wrap(" ".join(names_of(module)), 116, break_long_words=False, break_on_hyphens=False)
        parts.append("\n".join([module, *(f"  {line}" for line in lines)]))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
