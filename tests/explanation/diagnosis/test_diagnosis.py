"""A diagnosis as it is shown in a notebook, and what would tell a tie apart."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))


def regression(name="W"):
    """A loss, and the true gradient of its weight."""
    w = tensor(rng.normal(size=(4, 3)), requires_grad=True, name=name)
    loss = ((tensor(X) @ w - tensor(Y)) ** 2).mean()
    loss.backward()
    return loss, w, w.grad.numpy()


@pytest.mark.parametrize(("sign", "colour", "word"), [(1, "#0072b2", "right"), (-1, "#d55e00", "wrong")])
def test_a_notebook_shows_the_verdict_in_colour_and_a_line_for_each_sentence(sign, colour, word):
    loss, w, g = regression()

    found = diagnose(loss, w, sign * g)

    lines = "".join(f"<div>{line}</div>" for line in str(found).splitlines()[1:])
    assert found._repr_html_() == (
        f'<div style="border-left:4px solid {colour};padding-left:8px"><b>W: {word}.</b>{lines}</div>'
    )


def test_names_are_escaped_in_a_notebook():
    loss, w, g = regression("<W>")

    assert "<b>&lt;W&gt;: right.</b>" in diagnose(loss, w, g)._repr_html_()


def test_what_two_explanations_have_in_common_is_told_apart_by_another_batch():
    loss, w, g = regression()

    found = diagnose(loss, w, np.round(2 * g, 4))

    assert found.verdict == "tie"
    assert found.tell_apart == (
        "To tell them apart, try a batch of another size than 5, with all sizes of the network different and none of "
        "them 2 or 4."
    )
