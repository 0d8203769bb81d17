"""`import torch` means this package; every test runs in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


def ran(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_imports_of_every_form_give_the_modules_of_this_package():
    code = """
import tinygrad_edu.as_torch
import tinygrad_edu as te
import torch
import torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torch import optim as same_optim
from torch.nn.modules.linear import Linear
from torch.nn.parameter import Parameter
from torch.autograd import Variable, grad
from torch.func import vmap
import torch.backends.cudnn as cudnn
import torch.cuda.amp
import torch.multiprocessing as mp

assert torch.nn is nn is te.nn and F is te.nn.functional and optim is same_optim is te.optim
assert Linear is te.nn.Linear and Parameter is te.nn.Parameter and vmap is te.vmap
assert isinstance(te.ones(2), torch.Tensor) and isinstance(torch.ones(2), torch.FloatTensor)
assert torch.ones(2).dtype == torch.float32 == torch.get_default_dtype()
assert torch.__version__ >= "2.9" and torch.__version__ > (1, 13) and str(torch.__version__).startswith("2.13")
assert torch.explain is te.explain
assert torch.distributions.normal.Normal is te.distributions.Normal
assert torch.nn.modules.conv.Conv2d is nn.Conv2d and torch.optim.adam.Adam is optim.Adam
assert torch.utils.data.dataset.Dataset is te.utils.data.Dataset and torch.functional.stack is te.stack
import torch._dynamo
torch._dynamo.config.suppress_errors = True
"""

    result = ran(code)

    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "import torch means tinygrad_edu" in result.stderr
    assert "float32" in result.stderr


@pytest.mark.slow
def test_removed_it_leaves_nothing_behind():
    code = """
import sys
import tinygrad_edu as te
before = list(sys.meta_path), set(dir(te.nn))
from tinygrad_edu import as_torch
import torch.nn.modules.conv
as_torch.remove()
as_torch.remove()
assert (list(sys.meta_path), set(dir(te.nn))) == before
assert not [name for name in sys.modules if name.split(".")[0] == "torch"]
assert te.get_default_dtype() == te.float64
"""

    assert ran(code).returncode == 0


@pytest.mark.slow
def test_pytorch_imported_before_is_refused():
    code = "import sys, types; sys.modules['torch'] = types.ModuleType('torch'); import tinygrad_edu.as_torch"

    result = ran(code)

    assert result.returncode == 1
    assert result.stderr.rstrip().endswith("which it is: torch itself; start Python anew")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("import torch.fx", "torch.fx is not in tinygrad_edu, which torch means here; capture(step) records"),
        ("import torch.nothing", "torch.nothing is not in tinygrad_edu"),
        ("from torch import stft", "torch.stft is PyTorch's and not here"),
        ("from torch.nn import Linaer", "cannot import 'Linaer' from torch.nn; the nearest: Linear"),
        (
            "import torchvision",
            "torchvision needs PyTorch itself, and torch means tinygrad_edu here; images and",
        ),
        ("from torch.utils.tensorboard import SummaryWriter", "plot them with matplotlib"),
    ],
)
def test_what_is_not_here_names_itself(statement, words):
    result = ran(
        f"import tinygrad_edu.as_torch\ntry:\n    {statement}\nexcept ImportError as error:\n    print(error)"
    )

    assert words in result.stdout, result.stderr


@pytest.mark.slow
def test_a_package_of_the_users_own_with_such_a_name_is_imported(tmp_path):
    (tmp_path / "torchvision.py").write_text("import torch\nx = torch.ones(2)")
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    code = f"{path}; import tinygrad_edu.as_torch, torchvision; print(torchvision.x)"

    assert ran(code).stdout == "tensor([1., 1.])\n"
