"""Special functions to full precision: known numbers, identities, PyTorch where it is precise, edges and refusals."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from tinygrad_edu import autograd, special, tensor
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.special_functions import Special

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

ROWS = {name: op for name, op in OPERATIONS.items() if isinstance(op, Special)}
EDGES = np.array([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 30.0, -30.0, 1e-310, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [("erf", -6, 6), ("erfc", -6, 26), ("erfcx", -5, 50), ("erfinv", -1, 1), ("log_ndtr", -30, 7)],
)
def test_the_error_functions_are_precise(function, low, high):
    x = np.linspace(low, high, 1001)[1:-1]

    theirs = getattr(torch.special, function)(torch.from_numpy(x)).numpy()

    np.testing.assert_allclose(ROWS[function](x), theirs, rtol=5e-14)


@pytest.mark.parametrize(
    "function", ["digamma", "gammaln", "i0e", "i1e", "scaled_modified_bessel_k0", "ndtri"]
)
def test_functions_near_0_and_far_away_are_precise(function):
    x = 10.0 ** np.linspace(-8, 0 if function == "ndtri" else 8, 300)[:-1] + 1e-3

    theirs = getattr(torch.special, function)(torch.from_numpy(x)).numpy()

    np.testing.assert_allclose(getattr(special, function)(tensor(x)).numpy(), theirs, rtol=1e-13, atol=1e-14)


# Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), tables 9.1 and 9.8.
TABLE = {
    ("bessel_j0", 5.0): -0.177596771314338,
    ("bessel_j1", 5.0): -0.327579137591465,
    ("bessel_y0", 5.0): -0.308517625249034,
    ("bessel_y1", 5.0): 0.147863143391227,
    ("bessel_j0", 30.0): -0.086367983581040,
    ("i0", 5.0): 27.239871823604442,
    ("i1", 5.0): 24.335642142450524,
    ("modified_bessel_k0", 0.5): 0.924419071227666,
    ("modified_bessel_k1", 5.0): 0.004044613445452,
    ("zeta", 2.0, 1.0): math.pi**2 / 6,
    ("zeta", 4.0, 0.5): math.pi**4 / 6,
    ("igamma", 1.0, 2.0): 1 - math.exp(-2),
    ("igammac", 1.0, 200.0): math.exp(-200),
    ("igamma", 1e9, 1e9): 0.5000042052208718,
}


@pytest.mark.parametrize("call", TABLE, ids=str)
def test_known_numbers(call):
    name, *inputs = call

    assert ROWS[name](*map(np.array, inputs)) == pytest.approx(TABLE[call], rel=2e-13, abs=1e-15)


@pytest.mark.parametrize("x", [0.1, 1.0, 7.0, 24.9, 25.1, 300.0])
def test_bessel_functions_have_the_wronskians_of_the_handbook(x):
    j0, j1, y0, y1 = (ROWS[f"bessel_{name}"](x) for name in ("j0", "j1", "y0", "y1"))
    i0, i1 = ROWS["i0e"](x), ROWS["i1e"](x)
    k0, k1 = ROWS["scaled_modified_bessel_k0"](x), ROWS["scaled_modified_bessel_k1"](x)

    assert j1 * y0 - j0 * y1 == pytest.approx(2 / (math.pi * x), rel=1e-13)
    assert i0 * k1 + i1 * k0 == pytest.approx(1 / x, rel=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_polygamma_of_negative_numbers_has_the_recurrence(n):
    x = tensor([-0.5, -7.25, -1000.5])

    step = (special.polygamma(n, x + 1) - special.polygamma(n, x)).raw

    np.testing.assert_allclose(step, (-1) ** n * math.factorial(n) / x.raw ** (n + 1), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(
    "name", [name for name, op in ROWS.items() if len(op.rules) == 1 and hasattr(special, name)]
)
def test_edges_are_those_of_pytorch(name):
    theirs = getattr(torch.special, name)(torch.from_numpy(EDGES)).numpy()

    np.testing.assert_allclose(ROWS[name](EDGES), theirs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "zeta", "gammainc", "gammaincc"])
def test_edges_of_two_numbers_are_those_of_pytorch(name):
    # PyTorch's zeta is nan at infinity; its incomplete gamma functions are 0 and 1 at nan.
    edges = EDGES if name.startswith("x") else EDGES[:8]
    x, y = (each.ravel() for each in np.meshgrid(edges, edges))

    expected = getattr(torch.special, name)(torch.from_numpy(x), torch.from_numpy(y)).numpy()

    np.testing.assert_allclose(
        getattr(special, name)(tensor(x), tensor(y)).raw, expected, rtol=1e-13, atol=1e-15
    )


@pytest.mark.parametrize("name", ROWS)
def test_float32_is_rounded_once(name):
    inputs = [np.float32([0.3, 0.6, 0.9])] * len(ROWS[name].rules)
    exact = ROWS[name](*(x.astype(np.float64) for x in inputs))

    np.testing.assert_array_equal(ROWS[name](*inputs), exact.astype(np.float32))


@pytest.mark.parametrize("name", ["zeta", "igamma", "igammac"])
def test_a_derivative_by_the_first_input_is_refused(name):
    x, y = tensor(2.5, requires_grad=True), tensor(1.5)

    with pytest.raises(NotImplementedError, match="have a derivative by their second input only"):
        ROWS[name](x, y).backward()


@pytest.mark.parametrize("name", ["zeta", "igamma", "igammac"])
def test_the_derivative_by_the_second_input_is_a_central_difference(name):
    y = tensor([0.7, 1.5, 4.0], requires_grad=True)
    low, high = (ROWS[name](2.5, y.raw + step) for step in (-1e-6, 1e-6))

    (slope,) = autograd.grad(ROWS[name](2.5, y).sum(), y)

    np.testing.assert_allclose(slope.numpy(), (high - low) / 2e-6, rtol=1e-7)


@pytest.mark.parametrize(
    ("function", "second"),
    [(special.sinc, -(math.pi**2) / 3), (special.i1, 0), (special.i0, 0.5), (special.bessel_j0, -0.5)],
)
def test_second_derivatives_at_0_are_finite(function, second):
    x = tensor(0.0, requires_grad=True)

    (first,) = autograd.grad(function(x), x, create_graph=True)

    assert autograd.grad(first, x)[0].item() == pytest.approx(second, abs=1e-15)


WITHOUT_SCIPY = """
import sys

sys.modules["scipy"] = None
import numpy as np
from tinygrad_edu import special, tensor

x = tensor([0.3, 0.6], requires_grad=True)
for name in "erf erfc erfinv gammaln sinc logit xlogy entr expit".split():
    f = getattr(special, name)
    (f(x, x) if name == "xlogy" else f(x)).sum().backward()
assert np.isfinite(x.grad.numpy()).all()
special.digamma(x), special.i0(x)
special.bessel_j0(x)
"""


def test_a_first_course_needs_no_scipy_and_the_rest_says_how_to_get_it():
    ran = subprocess.run([sys.executable, "-c", WITHOUT_SCIPY], capture_output=True, text=True, check=False)

    assert ran.stderr.splitlines()[-1] == (
        "ImportError: special.bessel_j0 needs SciPy, which is not installed; "
        'pip install "tinygrad_edu[special]"'
    )


@pytest.mark.parametrize("s", [2.0, 3.0, 2.5])
@pytest.mark.parametrize("q", [-1000.5, -1234.25, -5000.0, -7000.001])
def test_zeta_far_below_zero_is_scipys_sum(s, q):
    scipy = pytest.importorskip("scipy.special")

    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            OPERATIONS["zeta"](tensor(s), tensor(q)).item(), scipy.zeta(s, q), rtol=1e-9
        )


def test_the_derivative_of_digamma_far_below_zero_takes_no_longer_than_elsewhere():
    x = tensor(-80137755333.42122, requires_grad=True)

    x.digamma().backward()

    assert x.grad.item() == pytest.approx(math.pi**2 / math.sin(math.pi * x.item()) ** 2, rel=1e-4)
