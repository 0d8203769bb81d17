"""Cases of functions of each number: trigonometry, exponentials, logarithms, and the rows for arithmetic."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.pytorch.case import binary, case, floats, integers, refused, unary

unary("exp sin cos tan sinh cosh tanh sigmoid neg atan asinh square positive real conj")
unary("expm1 exp2 deg2rad rad2deg")
unary("relu abs sign sgn", smooth=False)
unary("asin acos atanh", low=-0.9, high=0.9)
unary("acosh", low=1.1)
unary("log log2 log10 sqrt rsqrt reciprocal", low=0.1)
unary("log1p", low=-0.9)
unary("special.expm1 special.exp2 special.expit", low=-1)
unary("special.log1p", low=-0.9)
binary("mul atan2 logaddexp logaddexp2", low=0.2)
binary("hypot true_divide", low=0.1)
binary("maximum minimum fmax fmin nextafter", smooth=False)
binary("copysign", low=0.1)

WHOLE = "sin cos tan atan asinh cosh sinh tanh exp exp2 expm1 sigmoid deg2rad rad2deg square sign abs neg sqrt log"


@case(*(f".{name}" for name in WHOLE.split()), derivatives=0)
def of_whole_numbers(draw):
    return [draw(integers(low=1, dtype=draw(st.sampled_from(["int64", "uint8", "int32"]))))], {}


@case(".copysign", derivatives=0)
def with_a_number(draw):
    return [draw(floats()), draw(st.sampled_from([-0.0, 0.0, -2, 3.5]))], {}


for name in ("maximum", "minimum", "fmax", "fmin", "hypot", "atan2", "logaddexp", "nextafter", "ldexp"):
    refused(
        f"{name} of a number",
        lambda torch, name=name: getattr(torch, name)(torch.tensor([1.0, 2.0]), 2),
        "needs two Tensors, got 2",
    )
    refused(
        f"{name} as a method",
        lambda torch, name=name: getattr(torch.tensor([1.0, 2.0]), name)(2.5),
        "needs two Tensors, got 2.5",
    )
for name in ("hypot", "logaddexp", "nextafter", "logaddexp2"):
    refused(
        f"{name} of whole numbers",
        lambda torch, name=name: getattr(torch, name)(torch.tensor([1, 2]), torch.tensor([1, 2])),
        "takes floats, got int64|needs floats, got int64",
    )
for name in ("abs", "neg", "positive"):
    refused(
        f"{name} of booleans",
        lambda torch, name=name: getattr(torch, name)(torch.tensor([True])),
        "bool",
    )
refused(
    "imag", lambda torch: torch.imag(torch.tensor([1.0])), "needs complex numbers, but a Tensor has real ones"
)
