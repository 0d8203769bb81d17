"""The sections of the report, one function each."""

from __future__ import annotations

from tinygrad_edu.exam import diagnoses, plots
from tinygrad_edu.exam import problem2 as network2
from tinygrad_edu.exam import problem3 as network3
from tinygrad_edu.exam.compare import Row
from tinygrad_edu.exam.diagnoses import Said
from tinygrad_edu.exam.findings import Finding, Shown
from tinygrad_edu.exam.paper import Problem2, Problem3
from tinygrad_edu.exam.pictures import EPOCHS, Graph, Pictures
from tinygrad_edu.exam.report_html import (
    anchor,
    comparison,
    data_table,
    flow,
    paragraph,
    picture,
    section,
    shown,
    symbol,
)
from tinygrad_edu.text.mathml import (
    Markup,
    element,
    fraction,
    matrix,
    parenthesized,
    row,
    sub,
    subsup,
    sup,
    text,
    together,
)


def _heading(title: str) -> Markup:
    return element("h3", title)


def problem1(rows: list[Row]) -> Markup:
    """Three numbers."""
    return section(
        "problem-1",
        "Problem 1: three numbers",
        paragraph("A product of a vector and a matrix of ones, a sigmoid, and a logarithm."),
        comparison(rows),
    )


def _layers(output: str, second: str) -> Markup:
    """The formulas of a network of two layers."""
    z1, h1, z2 = symbol("Z1"), symbol("H1"), symbol("Z2")
    return together(
        flow(
            row(z1, "=", "X", sub("W", "1"), "+", "B", text(",")),
            row(h1, "=", "σ", parenthesized(z1), text(",")),
        ),
        flow(
            row(z2, "=", h1, sub("W", "2"), "+", "C", text(",")),
            row(symbol(output), "=", second, parenthesized(z2), text(",  where")),
            row("σ", parenthesized("x"), "=", fraction("1", row("1", "+", sup("e", row("-", "x"))))),
        ),
    )


def problem2(rows: list[Row], findings: list[Finding], graph: Graph) -> Markup:
    """The network of sigmoids and its one gradient."""
    solution = network2.solve()
    jacobian = network2.activation_jacobians().numpy()[0]
    return section(
        "problem-2",
        "Problem 2: a forward pass and one gradient",
        paragraph(
            "Three examples with four features, three hidden units, one output; all weights 1, all biases 0."
        ),
        _layers("yhat", "σ"),
        paragraph("With numbers, the first layer is"),
        flow(
            row(symbol("Z1"), "=", matrix(Problem2.X), matrix(Problem2.W1), "+", matrix(Problem2.B)),
            row("=", matrix(solution.Z1.detach().numpy(), 2)),
        ),
        paragraph("and the loss of each example, in nats, is binary cross-entropy with ε = 1e-10:"),
        flow(
            row("L", "=", "-", "Y", "log", parenthesized(symbol("yhat"), "+", "ε")),
            row("-", parenthesized("1", "-", "Y"), "log", parenthesized("1", "-", symbol("yhat"), "+", "ε")),
        ),
        _heading("Paper and engine"),
        comparison(rows),
        *_findings(2, findings),
        _heading("How the true gradient comes about"),
        paragraph(
            "For one example x (a row of X) with target y, the chain rule gives the error of the output, the"
            " error of the hidden units, and the gradient as an outer product:"
        ),
        flow(
            row(sub("δ", "2"), "=", symbol("yhat"), "-", "y", text(",")),
            row(
                sub("δ", "1"),
                "=",
                sub("δ", "2"),
                subsup("W", "2", "T"),
                "⊙",
                symbol("H1"),
                "⊙",
                parenthesized("1", "-", symbol("H1")),
                text(","),
            ),
            row(symbol("dL/dW1"), "=", sup("x", "T"), sub("δ", "1")),
        ),
        paragraph(
            "The factor H ⊙ (1 - H) is the diagonal of the sigmoid's Jacobian, the paper's sigmoid(Z1,"
            " deriv=True). By the engine, for the first example:"
        ),
        flow(row(fraction(row("∂", symbol("H1")), row("∂", symbol("Z1"))), "=", matrix(jacobian, 6))),
        _graph(
            graph, "Problem 2", "from the data at the top to the mean loss, with every value and gradient"
        ),
    )


def problem3(rows: list[Row], findings: list[Finding], pictures: Pictures) -> Markup:
    """The data set, the network, one epoch, and what follows."""
    initial, computed = [r for r in rows if r.given], [r for r in rows if not r.given]
    scatter = (
        plots.MISSING
        if pictures.dataset is None
        else picture(
            *pictures.dataset,
            "The six points in space: two on each axis, one class an axis",
            "The data set, one class on each axis.",
        )
    )
    return section(
        "problem-3",
        "Problem 3: one epoch of training",
        paragraph("Six points in space, two in each of three classes, easy to separate:"),
        scatter if isinstance(scatter, Markup) else paragraph(scatter),
        paragraph(
            "Two hidden units and a softmax over the three classes, one step of gradient descent on all six"
            " examples:"
        ),
        _layers("Yhat", "softmax"),
        element("pre", element("code", CALL)),
        _heading("Initial values"),
        element(
            "div",
            *(shown(Shown(r.name, r.engine, r.printed.decimals)) for r in initial),
            class_="matrices",
        ),
        _heading("After one epoch: paper and engine"),
        paragraph(
            "The paper prints its random weights with 2 or 4 decimals, so its own results can only be"
            " reproduced up to that rounding. Forward numbers are computed with the weights after the paper's"
            " own step, gradients with the weights before it. During training the paper prints:"
        ),
        element("pre", element("code", Problem3.LINE)),
        comparison(computed),
        *_findings(3, findings),
        _heading("The loss in bits and in nats"),
        _readings(),
        _graph(
            pictures.problem3,
            "Problem 3",
            "before the step, from the data at the top to the mean loss in nats",
        ),
        _heading("Further training"),
        paragraph(
            f"With the true gradient the network goes on learning: the mean loss over {EPOCHS} epochs at the"
            " same learning rate of 1."
        ),
        (
            paragraph(plots.MISSING)
            if pictures.losses is None
            else picture(
                *pictures.losses,
                "The loss falls from 1.69 bits towards 0",
                "Mean loss after each epoch, by the engine.",
            )
        ),
    )


CALL = """network = NeuralNetwork(input_size=3, output_size=3, hidden_layer_sizes=[2],
                        activ_funcs=[sigmoid, softmax], loss_func=loss_CCE,
                        random_initialize=True)
network.train(X, Y, X_test=X, Y_test=Y, epochs=1, batch_size=6, lr=1)"""


def _findings(problem: int, findings: list[Finding]) -> list[Markup]:
    return [_finding(finding) for finding in findings if finding.problem == problem]


def _finding(finding: Finding) -> Markup:
    steps = []
    for evidence in finding.evidence:
        matrices = (
            [element("div", *map(shown, evidence.arrays), class_="matrices")] if evidence.arrays else []
        )
        steps.append(
            element(
                "li", paragraph(element("span", evidence.sure, class_="sure"), ": ", evidence.text), *matrices
            )
        )
    return element(
        "article",
        element("h3", finding.title),
        element("ol", *steps),
        paragraph(diagnoses.INTRODUCTION),
        element("ul", *map(_said, finding.said)),
        element("p", f"Lesson: {finding.lesson}", class_="lesson"),
        class_="finding",
        id=anchor(finding),
    )


def _said(said: Said) -> Markup:
    sure = element("span", said.sure, class_="sure")
    return element("li", paragraph(sure, f", given {said.given}: ", element("q", said.text)))


def _readings() -> Markup:
    heads = [element("th", "")] + [
        element("th", head, scope="col", class_="number")
        for head in ("mean, bits", "mean, nats", "sum, bits")
    ]
    body = [
        element(
            "tr",
            element("th", r.when, scope="row"),
            *(element("td", f"{x:.4f}", class_="number") for x in r[1:]),
        )
        for r in network3.readings()
    ]
    return data_table(heads, body)


def _graph(graph: Graph, name: str, what: str) -> Markup:
    page = element("a", "Go through it step by step", href=f"{name.lower().replace(' ', '')}.html")
    caption = together(f"{name} as the engine sees it: {what}. ", page, ", forward and backward.")
    drawn = picture(graph.svg, graph.dark, f"The computation graph of {name}", caption)
    return together(_heading("The graph"), element("div", drawn, class_="graph"))
