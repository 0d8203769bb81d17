"""Cases of the activations of torch.nn.functional."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Word, case, dim_of, floats, refused, unary


def activation(names: str, *, smooth: bool = False, **options: st.SearchStrategy) -> None:
    """Activations of one tensor, each of whose options is given or left out."""

    @case(*names.split(), smooth=smooth)
    def _(draw: Any) -> Any:
        given = {name: draw(value) for name, value in options.items() if draw(st.booleans())}
        return [draw(floats(low=-8, high=8))], given


unary("nn.functional.silu nn.functional.mish nn.functional.sigmoid nn.functional.tanh", low=-8, high=8)
unary("nn.functional.logsigmoid nn.functional.tanhshrink", low=-8, high=8)
unary("nn.functional.hardsigmoid", low=-8, high=8, smooth=False, derivatives=1)
unary("nn.functional.relu nn.functional.relu6", low=-8, high=8, smooth=False)
unary("nn.functional.hardswish nn.functional.selu selu nn.functional.softsign", low=-8, high=8, smooth=False)
activation("nn.functional.gelu", smooth=True, approximate=st.sampled_from(["none", "tanh"]))
activation("nn.functional.leaky_relu", negative_slope=st.floats(-1, 1))
activation("nn.functional.elu", alpha=st.floats(0, 3))
activation("nn.functional.celu celu", alpha=st.floats(0.1, 3))
activation("nn.functional.hardshrink hardshrink nn.functional.softshrink", lambd=st.floats(0, 3))
activation("nn.functional.hardtanh", min_val=st.floats(-3, 0), max_val=st.floats(0.1, 3))
activation("nn.functional.softplus", beta=st.floats(0.5, 9), threshold=st.floats(1, 30))
activation("nn.functional.rrelu rrelu", lower=st.floats(0, 0.3), upper=st.floats(0.4, 1))


@case("nn.functional.threshold", "threshold", smooth=False)
def _(draw: Any) -> Any:
    return [draw(floats()), draw(st.floats(-1, 1)), draw(st.floats(-9, 9))], {}


@case("nn.functional.glu")
def _(draw: Any) -> Any:
    x = draw(floats(min_dims=1, min_side=2, max_side=2))
    return [x, draw(dim_of(x))], {}


@case("nn.functional.prelu", "prelu", smooth=False)
def _(draw: Any) -> Any:
    x = draw(floats(min_dims=2, dtype=np.float64))
    return [x, draw(floats(shape=(draw(st.sampled_from([1, x.shape[1]])),), dtype=np.float64))], {}


@case("softmax", "log_softmax", "special.softmax", "special.log_softmax")
def _(draw: Any) -> Any:
    x = draw(floats(low=-9, high=9))
    return [x, draw(dim_of(x))], draw(st.sampled_from([{}, {"dtype": Word("float64")}]))


@case("nn.functional.softmax", "nn.functional.log_softmax", "nn.functional.softmin")
def _(draw: Any) -> Any:
    x = draw(floats(low=-9, high=9))
    return [x], {"dim": draw(dim_of(x)), **draw(st.sampled_from([{}, {"dtype": Word("float64")}]))}


@case("nn.functional.gumbel_softmax", random=True)
def _(draw: Any) -> Any:
    x = draw(floats(min_side=1))
    return [x], {"tau": draw(st.floats(0.1, 3)), "hard": draw(st.booleans()), "dim": draw(dim_of(x))}


def _refused(name: str, message: str, *args: Any, **options: Any) -> None:
    """A call of nn.functional that must be refused; arrays become Tensors."""

    def call(torch: Any) -> Any:
        inputs = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in args]
        return getattr(torch.nn.functional, name)(*inputs, **options)

    refused(f"nn.functional.{name}", call, message)


_refused("celu", "celu needs alpha other than 0", np.ones(2), 0)
_refused("hardtanh", "hardtanh needs min_val of at most max_val, got 2 and 1", np.ones(2), 2, 1)
_refused(
    "hardtanh", r"bounds \(-1.0, 1.0\) needs numbers that can reach them, got uint8", np.ones(2, np.uint8)
)
_refused("hardtanh", r"needs numbers that can reach them, got bool", np.ones(2, np.bool_), 0, 1)
_refused("softshrink", "softshrink needs lambd of 0 or more, got -1", np.ones(2), -1)
_refused("gelu", "gelu needs approximate 'none' or 'tanh', got 'erf'", np.ones(2), approximate="erf")
_refused("glu", r"glu needs an even number of entries along dim -1, got shape \(3,\)", np.ones(3))
_refused("glu", r"glu needs an even number of entries along dim -1, got shape \(\)", np.ones(()))
_refused(
    "prelu",
    r"prelu needs one weight, or one for each of the .* channels .* got shape \(3, 1\)",
    np.ones((2, 3)),
    np.ones((3, 1)),
)
_refused(
    "prelu",
    r"each of the 3 channels of its input of shape \(2, 3\), got shape \(2,\)",
    np.ones((2, 3)),
    np.ones(2),
)
_refused("rrelu", "rrelu needs lower of at most upper, got 0.5 and 0.1", np.ones(2), 0.5, 0.1)
_refused("relu", r"relu needs a Tensor, got \[1\]; write tensor", [1])
_refused("softmax", "softmax needs dim between -1 and 0, got 1", np.ones(2), 1)
