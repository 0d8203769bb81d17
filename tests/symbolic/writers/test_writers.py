"""The three alphabets: text, LaTeX and MathML, and names in all of them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops.index import ARRAY, put
from tinygrad_edu.symbolic import latex, mathml, program, simplify, symbol, text

A, B, C = (symbol(name, (2, 2)) for name in "abc")
S = symbol("s")
CUBE = symbol("t", (2, 2, 2))
CASES = [
    (A @ B + C, "a · b + c", r"a \cdot b + c"),
    (A * B, "a ⊙ b", r"a \odot b"),
    (2 * A, "2 a", r"2\,a"),
    (2 * S * S, "2 s · s", r"2\,s \cdot s"),
    (A - (B - C), "a − (b − c)", r"a - \left(b - c\right)"),
    (A * -B, "a ⊙ (−b)", r"a \odot \left(-b\right)"),
    (A / (B * C), "a / (b ⊙ c)", r"\frac{a}{b \odot c}"),
    ((A + B) ** 2, "(a + b)²", r"{\left(a + b\right)}^{2}"),
    (A.T @ B, "aᵀ · b", r"{a}^{\top} \cdot b"),
    (ops.exp(-S), "exp(−s)", "e^{-s}"),
    (S**0.5, "s ^ 0.5", "{s}^{0.5}"),
    (abs(S), "|s|", r"\left|s\right|"),
    (ops.greater(A, 0) * B, "[a > 0] ⊙ b", r"\left[a > 0\right] \odot b"),
    (A.sum(0), "Σ rows a", r"\sum_{\text{rows}} a"),
    (A.sum(1) + 1, "(Σ columns a)ᵀ + 1", r"{\left(\sum_{\text{columns}} a\right)}^{\top} + 1"),
    (
        ops.log(A.amax(1)),
        "log(max(a, dim=1)ᵀ)",
        r"\log\left({\max\left(a, \mathtt{dim=1}\right)}^{\top}\right)",
    ),
    (CUBE.softmax(1), "softmax(t, dim=1)", r"\operatorname{softmax}\left(t, \mathtt{dim=1}\right)"),
    (A.softmax(1), "softmax(a)", r"\operatorname{softmax}\left(a\right)"),
    (A.softmax(0), "softmax(a, dim=0)", r"\operatorname{softmax}\left(a, \mathtt{dim=0}\right)"),
    (CUBE.sum((0, 2), keepdim=True), "Σ dims 0, 2 t", r"\sum_{\text{dims 0, 2}} t"),
    (CUBE.sum(1) * A, "squeeze(Σ dim 1 t, 1) ⊙ a", None),
    (A.sum(0) * A, "(Σ rows a) ⊙ a", r"\left(\sum_{\text{rows}} a\right) \odot a"),
    ((A * B) @ C, "(a ⊙ b) · c", r"\left(a \odot b\right) \cdot c"),
    (A * (B @ C), "a ⊙ (b · c)", r"a \odot \left(b \cdot c\right)"),
    (A + -2 * B, "a − 2 b", r"a - 2\,b"),
    (A.amax(None), "max(a)", r"\max\left(a\right)"),
    (A.mean(0) * 2, "mean(a, dim=0) · 2", r"\operatorname{mean}\left(a, \mathtt{dim=0}\right) \cdot 2"),
    (A.reshape(4), "reshape(a, 4)", r"\operatorname{reshape}\left(a, \mathtt{4}\right)"),
    (symbol("u", (2,)).reshape(2, 1) * symbol("v", (3,)), "u ⊗ v", r"u \otimes v"),
    (S + 1e-10, "s + 1e−10", r"s + 1 \cdot 10^{-10}"),
    (symbol("L", by=("W1",)), "∂L/∂W₁", r"\frac{\partial L}{\partial {W_{1}}}"),
    (
        put(A + B, S, index=(0, slice(1, 2))),
        "(a + b)[0, 1:2 ← s]",
        r"\left(a + b\right)[\mathtt{0, 1:2} \leftarrow s]",
    ),
    (put(A, 0, symbol("i", (1,)), index=ARRAY), "a[i ← 0]", r"a[\mathtt{i} \leftarrow 0]"),
    (A.sum(axis=()), "a", "a"),
    (S * float("nan"), "s · nan", r"s \cdot \mathrm{nan}"),
    (symbol("f", by=("x", "x", "y")), "∂³f/∂x²∂y", r"\frac{\partial^{3} f}{\partial {x}^{2}\partial {y}}"),
]


@pytest.mark.parametrize(("formula", "line", "tex"), CASES, ids=[case[1] for case in CASES])
def test_one_formula_in_three_alphabets(formula, line, tex):
    assert text(formula) == line
    assert tex is None or latex(formula) == tex
    assert ET.fromstring(f"<math>{mathml(formula)}</math>") is not None


@pytest.mark.parametrize(
    ("name", "line", "tex"),
    [
        ("W1", "W₁", "W_{1}"),
        ("b_12", "b₁₂", "b_{12}"),
        ("yhat", "ŷ", r"\hat{y}"),
        ("Yhat2", "Ŷ₂", r"\hat{Y}_{2}"),
        ("theta", "θ", r"\theta"),
        ("delta1", "δ₁", r"\delta_{1}"),
        ("loss", "loss", r"\mathit{loss}"),
        ("net.0.weight", "net.0.weight", r"\text{net.0.weight}"),
        ("f′", "f′", "f'"),
        ("x" * 50, "x" * 39 + "…", r"\text{" + "x" * 39 + r"\ensuremath{\dots }}"),
        ("", "?", r"\text{?}"),
    ],
)
def test_names_are_written_as_mathematics_writes_them(name, line, tex):
    assert text(symbol(name)) == line
    assert latex(symbol(name)) == tex


def test_pictures_keep_the_names_and_signs_of_the_program():
    assert program(symbol("W1", (2, 2)) @ A * B) == "W1 @ a × b"


@pytest.mark.parametrize(
    "name", ["</script>", "\\input{x}", "a%b_c$d#e&f{g}~^", "\x00\x1b[31m", "重み", "“q”", "x" * 10_000]
)
def test_a_hostile_name_is_only_a_name(name):
    formula = simplify(symbol(name, (2, 2)) * A)

    tree = ET.fromstring(f"<math>{mathml(formula)}</math>")

    assert {node.tag for node in tree.iter()} <= {"math", "mrow", "mi", "mo", "msub"}
    assert latex(formula).isascii()
    assert r"\input" not in latex(formula)
    assert len(text(formula)) < 60
