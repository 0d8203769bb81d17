"""The sections of the report, one function for each problem."""

from __future__ import annotations

from tinygrad_edu.exam import diagnoses
from tinygrad_edu.exam import problem2 as network2
from tinygrad_edu.exam import problem3 as network3
from tinygrad_edu.exam.compare import Row
from tinygrad_edu.exam.diagnoses import Answer
from tinygrad_edu.exam.findings import Evidence, Finding, NamedArray
from tinygrad_edu.exam.paper import Problem2, Problem3
from tinygrad_edu.exam.pictures import EPOCHS, GraphPictures, Pictures
from tinygrad_edu.exam.plots import Plot
from tinygrad_edu.exam.report_html import (
    anchor,
    certain,
    comparison,
    data_table,
    flow,
    framed,
    heading,
    labelled,
    paragraph,
    picture,
    plotted,
    section,
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


def problem1(rows: list[Row]) -> Markup:
    """The three warm-up numbers."""
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


def problem2(rows: list[Row], findings: list[Finding], graph: GraphPictures) -> Markup:
    """The network of sigmoids and its one gradient."""
    return section(
        "problem-2",
        "Problem 2: a forward pass and one gradient",
        *_forward2(),
        heading("Paper and engine"),
        comparison(rows),
        *_findings(2, findings),
        heading("How the true gradient comes about"),
        *_backward2(),
        _graph(
            graph, "Problem 2", "from the data at the top to the mean loss, with every value and gradient"
        ),
    )


def _forward2() -> list[Markup]:
    """The forward pass of Problem 2: formulas, and the numbers of the first layer."""
    Z1 = network2.solve().Z1.detach().numpy()
    return [
        paragraph(
            "Three examples with four features, three hidden units, one output; all weights 1, all biases 0."
        ),
        _layers("yhat", "σ"),
        paragraph("With numbers, the first layer is"),
        flow(
            row(symbol("Z1"), "=", matrix(Problem2.X), matrix(Problem2.W1), "+", matrix(Problem2.B)),
            row("=", matrix(Z1, 2)),
        ),
        paragraph("and the loss of each example, in nats, is binary cross-entropy with ε = 1e-10:"),
        flow(
            row("L", "=", "-", "Y", "log", parenthesized(symbol("yhat"), "+", "ε")),
            row("-", parenthesized("1", "-", "Y"), "log", parenthesized("1", "-", symbol("yhat"), "+", "ε")),
        ),
    ]


def _backward2() -> list[Markup]:
    """The backward pass of Problem 2: the chain rule for one example, and a Jacobian of the sigmoid."""
    jacobian = network2.activation_jacobians().numpy()[0]
    delta1 = [sub("δ", "1"), "=", sub("δ", "2"), subsup("W", "2", "T"), "⊙"]
    return [
        paragraph(
            "For one example x (a row of X) with target y, the chain rule gives the error of the output, the"
            " error of the hidden units, and the gradient as an outer product:"
        ),
        flow(
            row(sub("δ", "2"), "=", symbol("yhat"), "-", "y", text(",")),
            row(*delta1, symbol("H1"), "⊙", parenthesized("1", "-", symbol("H1")), text(",")),
            row(symbol("dL/dW1"), "=", sup("x", "T"), sub("δ", "1")),
        ),
        paragraph(
            "The factor H ⊙ (1 - H) is the diagonal of the sigmoid's Jacobian, the paper's sigmoid(Z1,"
            " deriv=True). By the engine, for the first example:"
        ),
        flow(row(fraction(row("∂", symbol("H1")), row("∂", symbol("Z1"))), "=", matrix(jacobian, 6))),
    ]


def problem3(rows: list[Row], findings: list[Finding], pictures: Pictures) -> Markup:
    """The data set, the network, one epoch, and further training."""
    return section(
        "problem-3",
        "Problem 3: one epoch of training",
        *_network3([r for r in rows if r.given], pictures.dataset),
        *_epoch3([r for r in rows if not r.given]),
        *_findings(3, findings),
        heading("The loss in bits and in nats"),
        _readings(),
        _graph(
            pictures.problem3,
            "Problem 3",
            "before the step, from the data at the top to the mean loss in nats",
        ),
        *_further_training(pictures.losses),
    )


def _network3(initial: list[Row], dataset: Plot | None) -> list[Markup]:
    """The data set and the network of Problem 3, with the numbers from which training starts."""
    arrays = [NamedArray(r.name, r.engine, r.printed.decimals) for r in initial]
    return [
        paragraph("Six points in space, two in each of three classes, easy to separate:"),
        plotted(
            dataset, "The six points in space: two on each axis", "The data set, one class on each axis."
        ),
        paragraph(
            "Two hidden units and a softmax over the three classes, one step of gradient descent on all six"
            " examples:"
        ),
        _layers("Yhat", "softmax"),
        element("pre", element("code", CALL), tabindex="0"),
        heading("Initial values"),
        element("div", *map(labelled, arrays), class_="matrices"),
    ]


def _epoch3(computed: list[Row]) -> list[Markup]:
    """The numbers of Problem 3 after one epoch of training, beside the engine's."""
    return [
        heading("After one epoch: paper and engine"),
        paragraph(
            "The paper prints its random weights with 2 or 4 decimals, so its own results can only be"
            " reproduced up to that rounding. Forward numbers are computed with the weights after the paper's"
            " own step, gradients with the weights before it. During training the paper prints:"
        ),
        element("pre", element("code", Problem3.LINE), tabindex="0"),
        comparison(computed),
    ]


def _further_training(losses: Plot | None) -> list[Markup]:
    """The curve of the loss when the network of Problem 3 goes on learning."""
    return [
        heading("Further training"),
        paragraph(
            f"With the true gradient the network goes on learning: the mean loss over {EPOCHS} epochs at the"
            " same learning rate of 1."
        ),
        plotted(
            losses, "The loss falls from 1.69 bits towards 0", "Mean loss after each epoch, by the engine."
        ),
    ]


CALL = """network = NeuralNetwork(input_size=3, output_size=3, hidden_layer_sizes=[2],
                        activ_funcs=[sigmoid, softmax], loss_func=loss_CCE,
                        random_initialize=True)
network.train(X, Y, X_test=X, Y_test=Y, epochs=1, batch_size=6, lr=1)"""


def _findings(problem: int, findings: list[Finding]) -> list[Markup]:
    return [_finding(finding) for finding in findings if finding.problem == problem]


def _finding(finding: Finding) -> Markup:
    return element(
        "article",
        element("h3", finding.title),
        element("ol", *map(_evidence, finding.evidence)),
        paragraph(diagnoses.INTRODUCTION),
        element("ul", *map(_answer, finding.answers)),
        element("p", f"Lesson: {finding.lesson}", class_="lesson"),
        class_="finding",
        id=anchor(finding),
    )


def _evidence(evidence: Evidence) -> Markup:
    text = paragraph(certain(evidence.certainty), ": ", evidence.text)
    matrices = element("div", *map(labelled, evidence.arrays), class_="matrices")
    return element("li", text, matrices) if evidence.arrays else element("li", text)


def _answer(answer: Answer) -> Markup:
    certainty = certain(answer.certainty)
    return element("li", paragraph(certainty, f", given {answer.given}: ", element("q", answer.text)))


def _readings() -> Markup:
    titles = ("mean, bits", "mean, nats", "sum, bits")
    heads = [element("th", title, scope="col", class_="number") for title in titles]
    body = [
        element(
            "tr",
            element("th", r.when, scope="row"),
            *(element("td", f"{x:.4f}", class_="number") for x in r[1:]),
        )
        for r in network3.readings()
    ]
    return data_table([element("td", ""), *heads], body)


def _graph(graph: GraphPictures, name: str, what: str) -> Markup:
    file = f"{name.lower().replace(' ', '')}.html"
    link = element("a", "Go through it step by step", href=file)
    caption = together(f"{name} as the engine sees it: {what}. ", link, ", forward and backward.")
    drawn = picture(graph.svg, graph.dark, f"The computation graph of {name}", caption)
    return together(heading("The graph"), element("div", drawn, class_="graph"), framed(file, name))
