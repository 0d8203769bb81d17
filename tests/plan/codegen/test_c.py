"""A step in C: the same numbers as eager, a file that compiles without a warning and trains alone."""

from __future__ import annotations

import subprocess
import warnings

import numpy as np
import pytest

from tinygrad_edu import Tensor, manual_seed, nn, optim, tensor
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.examples import example
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.c import compiler, engine

RNG = np.random.default_rng(0)
STRICT = ("-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror")
COMPILER, FLAGS = compiler.compiler(), compiler.FLAGS
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setattr(compiler, "cache_folder", lambda: tmp_path)
    quick = tuple(
        flag.replace("-O3", "-O1") for flag in compiler.FLAGS
    )  # -O3 takes five times as long to compile
    monkeypatch.setattr(compiler, "FLAGS", quick)


class Sequence(nn.Module):
    """An LSTM whose last state is classified."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


class Attention(nn.Module):
    """A transformer layer on tokens."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(9, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.out = nn.Linear(8, 9)

    def forward(self, x):
        return self.out(self.layer(self.tokens(x))).transpose(1, 2)


def exam():
    return nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3))


def mlp():
    layers = [nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)]
    return nn.Sequential(*layers)


def convolutional():
    layers = [
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(18, 3),
    ]
    return nn.Sequential(*layers)


def classes(count, *shape):
    return RNG.integers(0, count, shape)


def sgd(net):
    return optim.SGD(net.parameters(), lr=0.1)


def momentum(net):
    return optim.SGD(net.parameters(), lr=0.1, momentum=0.9)


# Network, optimizer, inputs, targets, loss.
PROGRAMS = {
    "the exam": (exam, sgd, RNG.normal(size=(6, 3)), np.eye(3)[classes(3, 6)], nn.CrossEntropyLoss()),
    "class numbers": (mlp, momentum, RNG.normal(size=(32, 64)), classes(10, 32), nn.CrossEntropyLoss()),
    "Adam": (exam, lambda n: optim.Adam(n.parameters()), RNG.normal(size=(6, 3)), classes(3, 6), nn.CrossEntropyLoss()),
    "a convolution": (
        convolutional, momentum, RNG.normal(size=(4, 1, 8, 8)), classes(3, 4), nn.CrossEntropyLoss(),
    ),
    "repeated tokens": (
        lambda: nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.LayerNorm(12), nn.Linear(12, 3)),
        momentum, np.array([[0, 1, 1], [6, 6, 6], [2, 0, 1], [3, 3, 5]]), classes(3, 4), nn.CrossEntropyLoss(),
    ),
    "dropout": (
        lambda: nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.GELU(), nn.Linear(8, 1)),
        sgd, RNG.normal(size=(4, 8)), RNG.normal(size=(4, 1)), nn.MSELoss(),
    ),
    "an LSTM": (Sequence, sgd, RNG.normal(size=(4, 3, 4)), classes(3, 4), nn.CrossEntropyLoss()),
    "attention": (Attention, sgd, classes(9, 2, 5), classes(9, 2, 5), nn.CrossEntropyLoss()),
}  # fmt: skip


def training_step(build, optimizer, loss_of, dtype=np.float64):
    manual_seed(0)
    net = build().float() if dtype == np.float32 else build()
    optimizer = optimizer(net)

    def step(x, y):
        loss = loss_of(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step, net


def trained(step, net, x, y, steps=8):
    losses = [step(x, y).item() for _ in range(steps)]
    parameters = list(net.parameters())
    return losses, [p.raw for p in parameters], [p.grad.raw for p in parameters]


def ready(plan, *inputs):
    while not plan.ready:
        plan(*inputs)
    return plan


def compiled(source, folder, *flags):
    text, program = folder / "step.c", folder / "step"
    text.write_text(source)
    done = subprocess.run(
        [str(COMPILER), *STRICT, str(text), "-o", str(program), "-lm", *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return program


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_steps_in_c_train_as_eager_ones(name):
    build, optimizer, x, y, loss_of = PROGRAMS[name]
    step, net = training_step(build, optimizer, loss_of)
    expected = trained(step, net, tensor(x), tensor(y))

    step, net = training_step(build, optimizer, loss_of)
    plan = capture(step, engine="c")
    found = trained(plan, net, x, y)

    assert plan.ready
    for a, b in zip(expected, found, strict=True):
        for one, other in zip(a, b, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", ["the exam", "class numbers"])
def test_all_optimisations_of_the_compiler_leave_the_numbers_alone(name, monkeypatch):
    monkeypatch.setattr(compiler, "FLAGS", FLAGS)

    test_steps_in_c_train_as_eager_ones(name)


@pytest.mark.slow
@needs_compiler
def test_float32_stays_float32():
    build, optimizer, x, y, loss_of = PROGRAMS["class numbers"]
    x = x.astype(np.float32)
    step, net = training_step(build, optimizer, loss_of, np.float32)
    expected = trained(step, net, tensor(x), tensor(y))

    step, net = training_step(build, optimizer, loss_of, np.float32)
    plan = capture(step, engine="c")
    found = trained(plan, net, x, y)

    assert "const float *restrict x" in plan.source("c")
    assert "static float linear[" in plan.source("c")
    for a, b in zip(expected, found, strict=True):
        for one, other in zip(a, b, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_file_compiles_without_a_warning(name, tmp_path):
    build, optimizer, x, y, loss_of = PROGRAMS[name]
    plan = ready(capture(training_step(build, optimizer, loss_of)[0]), x, y)

    compiled(plan.source("c"), tmp_path)


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", ["the exam", "class numbers", "Adam"])
def test_the_file_trains_alone_from_a_dump(name, tmp_path):
    build, optimizer, x, y, loss_of = PROGRAMS[name]
    step, net = training_step(build, optimizer, loss_of)
    plan = ready(capture(step), x, y)
    program, data = compiled(plan.source("c"), tmp_path), tmp_path / "step.bin"
    plan.dump(data, [(x, y), (x[::-1], y[::-1])])

    printed = subprocess.run(
        [program, data, "5", tmp_path / "trained.bin"], capture_output=True, text=True, check=True
    )

    batches = [(x, y), (x[::-1].copy(), y[::-1].copy())]
    expected = [plan(*batches[i % 2]).item() for i in range(5)]
    np.testing.assert_allclose([float(line) for line in printed.stdout.split()], expected, rtol=1e-12)
    weights = np.fromfile(tmp_path / "trained.bin")[: next(net.parameters()).raw.size]
    np.testing.assert_allclose(weights, next(net.parameters()).raw.ravel(), rtol=1e-12)


@needs_compiler
def test_the_file_alone_says_what_it_needs(tmp_path):
    build, optimizer, x, y, loss_of = PROGRAMS["the exam"]
    program = compiled(
        ready(capture(training_step(build, optimizer, loss_of)[0]), x, y).source("c"), tmp_path
    )
    (tmp_path / "short.bin").write_bytes(b"short")

    done = subprocess.run([program, tmp_path / "short.bin", "1"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "usage" in done.stderr


def test_the_file_has_names_of_parameters_and_updates_as_on_paper():
    build, optimizer, x, y, loss_of = PROGRAMS["the exam"]
    source = ready(capture(training_step(build, optimizer, loss_of)[0]), x, y).source("c")

    assert "/* net.0: linear" in source
    assert "net_0_weight[i] -= lr * grad_net_0_weight[i];" in source
    assert "matmul[i] * sigmoid[i] * (1.0 - sigmoid[i])" in source


def test_what_an_optimizer_remembers_is_named_by_its_parameter():
    build, optimizer, x, y, loss_of = PROGRAMS["class numbers"]
    plan = ready(capture(training_step(build, optimizer, loss_of)[0]), x, y)

    assert "net_0_weight_momentum[i]" in plan.source("c")
    assert 'state["net.0.weight_momentum"]' in plan.source()


@needs_compiler
def test_a_learning_rate_may_change_between_steps():
    losses = []
    for engine_name in ("numpy", "c"):
        manual_seed(0)
        w = tensor([1.0, 2.0], requires_grad=True)
        optimizer = optim.SGD([w], lr=0.1)

        def step(x, w=w, optimizer=optimizer):
            loss = (w * x).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        plan = capture(step, engine=engine_name)
        found = []
        for number in range(6):
            optimizer.param_groups[0]["lr"] = 0.1 / (number + 1)
            found.append(plan(np.array([1.0, 3.0])).item())
        losses.append(found)

    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-12)


@needs_compiler
def test_an_index_out_of_range_is_an_error_before_weights_move():
    table = tensor(np.ones((3, 2)), requires_grad=True)

    def step(rows):
        table.grad = None
        loss = table[rows].sum()
        loss.backward()
        table.data -= 0.1 * table.grad
        return loss

    plan = ready(capture(step, engine="c"), tensor([0, 2]))
    before = table.raw.copy()

    with pytest.raises(IndexError, match="size 3"):
        plan(tensor([0, 3]))

    np.testing.assert_array_equal(table.raw, before)


def square_of_one_more(x):
    return np.exp(-x) * (x + 1) * (x + 1)


own = Elementwise(square_of_one_more, None, lambda g, y, x: g * (2 * (x + 1) * np.exp(-x) - y), name="own")


@needs_compiler
def test_an_own_elementwise_operation_has_c_for_nothing():
    x = tensor(RNG.normal(size=(3, 4)), requires_grad=True)

    def step():
        x.grad = None
        loss = own(x).sum()
        loss.backward()
        return loss

    expected = step().item()
    plan = ready(capture(step, engine="c"))

    assert plan().item() == pytest.approx(expected, rel=1e-14)
    assert "exp(-x[" in plan.source("c") or "exp(-state[" in plan.source("c")


def test_without_a_compiler_a_warning_says_so_and_numpy_runs(monkeypatch):
    monkeypatch.setattr(engine, "shared_library", lambda _source: None)
    w = tensor([1.0, 2.0], requires_grad=True)

    def step(x):
        w.grad = None
        loss = (w * x).sum()
        loss.backward()
        return loss

    plan = capture(step, engine="c")
    x = np.array([3.0, 4.0])
    plan(x)
    plan(x)

    with pytest.warns(RuntimeWarning, match="needs a C compiler"):
        plan(x)

    assert plan(x).item() == 11


def test_another_engine_is_an_error():
    with pytest.raises(ValueError, match="engine 'numpy', 'c', 'jax' or jax_engine\\(\\), got 'fortran'"):
        capture(lambda x: x, engine="fortran")


@needs_compiler
def test_a_library_is_compiled_once(tmp_path, monkeypatch):
    source = "int run(void) { return 3; }\n"
    first = compiler.shared_library(source)
    monkeypatch.setattr(compiler, "_compile", lambda *_: pytest.fail("compiled again"))

    assert compiler.shared_library(source) == first
    assert [file.suffix for file in tmp_path.iterdir()] == [".so"]


@needs_compiler
def test_a_source_that_does_not_compile_is_an_error_with_the_words_of_the_compiler():
    with pytest.raises(RuntimeError, match=r"(?s)does not compile the step: .*error"):
        compiler.shared_library("int run(void) { return }\n")


def test_products_by_cblas_are_calls_of_it():
    build, optimizer, x, y, loss_of = PROGRAMS["the exam"]
    source = ready(capture(training_step(build, optimizer, loss_of)[0]), x, y).source("c", blas=True)

    assert "#include <cblas.h>" in source
    assert "cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, 6, 2, 3, 1, &x[0], 3, " in source


_CBLAS = """
enum { CblasRowMajor, CblasNoTrans, CblasTrans };
static void cblas_dgemm(int order, int x_form, int y_form, int n, int m, int inner, double factor, const double *x,
                        int x_row, const double *y, int y_row, double kept, double *z, int z_row)
{
    (void)order;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            double total = 0;
            for (int k = 0; k < inner; k++)
                total += (x_form == CblasTrans ? x[k * x_row + i] : x[i * x_row + k])
                         * (y_form == CblasTrans ? y[j * y_row + k] : y[k * y_row + j]);
            z[i * z_row + j] = factor * total + kept * z[i * z_row + j];
        }
}
"""


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", ["the exam", "class numbers", "attention"])
def test_products_by_cblas_are_the_same(name, tmp_path):
    build, optimizer, x, y, loss_of = PROGRAMS[name]
    plan = ready(capture(training_step(build, optimizer, loss_of)[0]), x, y)
    (tmp_path / "cblas.h").write_text(_CBLAS)
    program = compiled(plan.source("c", blas=True), tmp_path, "-I", str(tmp_path))
    plan.dump(tmp_path / "step.bin", [(x, y)])

    printed = subprocess.run(
        [program, tmp_path / "step.bin", "4"], capture_output=True, text=True, check=True
    )

    expected = [plan(x, y).item() for _ in range(4)]
    np.testing.assert_allclose([float(line) for line in printed.stdout.split()], expected, rtol=1e-12)


# Operations that C has no kernel for: LAPACK, special functions, and what counts or sorts into shapes of its own.
_WITHOUT = """
    distinct bincount bin_edges histogram gcd lcm running_place nonzero inverse solve logabsdet sign_of_determinant
    cholesky orthonormal complement matrix_exp erfinv erfcx log_ndtr ndtri digamma zeta igamma igammac i0 i1 i0e i1e
    bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0
    scaled_modified_bessel_k1 inverse_gaps eigenvalues eigenvectors singular_values singular_vectors pinverse
    determinant cofactors
"""
WITHOUT = frozenset(_WITHOUT.split())
UNDIFFERENTIATED = frozenset({"lgamma"})  # their gradients need one of these


def on_examples(names):
    """A step that computes an example of each operation, and the gradients of its squares."""
    inputs = {name: list(_tensors(name)) for name in names}

    def step():
        results, loss = {}, 0
        for name, (xs, settings) in inputs.items():
            for x in xs:
                x.grad = None
            y = OPERATIONS[name](*xs, **settings)
            if any(x.requires_grad for x in xs):
                loss = loss + (y * y).sum()
            results[name] = y.detach().clone()  # as some are views of their inputs
        if isinstance(loss, Tensor):
            loss.backward()
        return results

    return step, inputs


def _tensors(name):
    operation = OPERATIONS[name]
    arrays, settings = example(operation, 3)
    gives = operation.differentiable and name not in WITHOUT | UNDIFFERENTIATED
    yield [
        tensor(x, requires_grad=bool(gives and x.dtype.kind == "f" and operation.rules[i] is not None))
        for i, x in enumerate(map(np.asarray, arrays))
    ]
    yield settings


@pytest.mark.slow
@needs_compiler
def test_every_operation_with_c_computes_what_numpy_computes():
    found = []
    for engine_name in ("numpy", "c"):
        step, inputs = on_examples(sorted(OPERATIONS.keys() - WITHOUT))
        plan = ready(capture(step, engine=engine_name))
        results = plan()
        gradients = {
            f"gradient {i} of {name}": x.grad
            for name, (xs, _) in inputs.items()
            for i, x in enumerate(xs)
            if x.grad is not None
        }
        found.append({name: y.raw.copy() for name, y in {**results, **gradients}.items()})

    assert len(found[0]) > 200
    for name, expected in found[0].items():
        np.testing.assert_allclose(found[1][name], expected, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_an_operation_without_c_is_named_before_anything_runs(name):
    step, _ = on_examples([name])
    plan = ready(capture(step))

    with pytest.raises(RuntimeError, match=rf"^source\('c'\) has no kernel for {name}\b"):
        plan.source("c")


def test_the_engine_warns_once_of_an_operation_without_c():
    x = tensor(np.full(3, 0.5))
    plan = capture(lambda: OPERATIONS["erfinv"](x), engine="c")
    plan()
    plan()

    with pytest.warns(RuntimeWarning, match="no kernel for erfinv.*the plan runs on NumPy"):
        plan()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan()


@needs_compiler
def test_numbers_read_before_they_are_overwritten_are_the_old_ones():
    found = []
    for engine_name in ("numpy", "c"):
        buffer = tensor(np.arange(4.0))

        def step(x, buffer=buffer):
            before = buffer * 0.5
            buffer.mul_(0.9)
            return before + x

        plan = capture(step, engine=engine_name)
        found.append([plan(np.ones(4)).tolist() for _ in range(5)])

    np.testing.assert_allclose(found[1], found[0], rtol=1e-15)


SPECIAL = np.array([-np.inf, -800, -2.5, -1, -0.5, -0.0, 0, 0.5, 1, 1.5, 2.5, 3, 800, np.inf, np.nan])
ELEMENTWISE = sorted(
    name
    for name, x in OPERATIONS.items()
    if isinstance(x, Elementwise) and "f" in x.kinds and name not in WITHOUT
)


@pytest.mark.slow
@needs_compiler
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, in sinc
def test_elementwise_operations_treat_infinities_zeros_and_nan_as_numpy_does():
    found = []
    for engine_name in ("numpy", "c"):
        inputs = {}
        for name in ELEMENTWISE:
            grids = np.meshgrid(*[SPECIAL] * len(OPERATIONS[name].input_names))
            inputs[name] = [tensor(x > 0 if name == "where" and i == 0 else x) for i, x in enumerate(grids)]

        def step(inputs=inputs):
            return {name: OPERATIONS[name](*xs) for name, xs in inputs.items()}

        plan = ready(capture(step, engine=engine_name))
        found.append({name: y.raw for name, y in plan().items()})

    for name, expected in found[0].items():
        np.testing.assert_allclose(found[1][name], expected, rtol=1e-13, atol=0, err_msg=name)
        if expected.dtype.kind == "f":
            signs = np.signbit(expected) == np.signbit(found[1][name])
            assert (signs | np.isnan(expected)).all(), name


def test_a_view_that_a_computed_number_chooses_is_named():
    x = tensor(np.arange(6.0).reshape(3, 2))
    plan = ready(capture(lambda i: x[i[0] * 2].sum()), tensor([1, 0]))

    with pytest.raises(RuntimeError, match="no kernel for take by a number that was computed"):
        plan.source("c")


def test_half_precision_is_an_error_that_says_what_to_do():
    x = tensor(np.ones(3, np.float16))

    def step():
        return (x * 2).sum()

    plan = ready(capture(step))

    with pytest.raises(RuntimeError, match=r"no type for float16; use x\.double\(\)"):
        plan.source("c")


@needs_compiler
def test_a_parameter_called_like_a_word_of_c_is_called_otherwise():
    double = tensor([1.0, 2.0], requires_grad=True)
    double.name = "double"

    def step(int, exp):  # noqa: A002 - the names are the test
        double.grad = None
        loss = (double * int).exp().sum() + exp.sum()
        loss.backward()
        return loss

    plan = ready(capture(step, engine="c"), np.array([0.5, 1.0]), np.array([3.0]))

    assert "double *restrict double_1" in plan.source("c")
    assert plan(np.array([0.5, 1.0]), np.array([3.0])).item() == pytest.approx(np.exp(0.5) + np.exp(2) + 3)


@needs_compiler
def test_a_table_called_constant_is_no_constant():
    constant = tensor(np.array([2, 0]))
    constant.name = "constant"
    table = tensor(np.arange(3.0))

    def step():
        return table[constant].sum()

    plan = ready(capture(step, engine="c"))

    assert plan().item() == 2
    assert "if (at0 < 0 || at0 >= 3)" in plan.source("c")
