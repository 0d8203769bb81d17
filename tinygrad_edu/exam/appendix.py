"""The end of the report: the meaning of the verdicts, and the matrices as LaTeX."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.exam import problem3 as network3
from tinygrad_edu.exam.compare import Row
from tinygrad_edu.exam.paper_rounding import Interval, attained, sampled
from tinygrad_edu.exam.report_html import paragraph, section
from tinygrad_edu.text import latex as tex
from tinygrad_edu.text.mathml import Markup, element

SAMPLES = 200


def method() -> Markup:
    """The meaning of each verdict, and the part of it that is proved."""
    outside, total = _outside()
    return section(
        "method",
        "How verdicts are made",
        paragraph(
            "Same: the engine's number, rounded to the decimals that the paper prints, is the printed one."
            " (Numbers printed in full may differ in the last bits of a float.)"
        ),
        paragraph(
            "Same within rounding: a weight printed as 0.41 may be anything from 0.405 to 0.415, so all"
            " weights together are known to lie in a box. For each result the engine's own derivatives say in"
            " which corner of the box it is greatest and smallest, to first order; there it is computed"
            " exactly, and the derivatives once more, until no corner so found is better. Guaranteed: every"
            " number between the two is reached by some weights in the box, because the result is continuous."
            " The verdict means that this interval and that of the printed number's own rounding overlap. It"
            " is about each number by itself, not about all of them at once."
        ),
        paragraph(
            "Differs: the two do not overlap. That nothing outside the interval can be reached is not"
            f" proved, but sampled: in {SAMPLES} random corners of the box, {outside} of {total} numbers left"
            " their interval."
        ),
    )


def _outside() -> tuple[int, int]:
    """The count of numbers that leave their interval in some random corner, by more than float rounding; and of all."""
    found = []
    for measures, start in (
        (network3.forward, network3.after_papers_step()),
        (network3.gradients, network3.initial()),
    ):
        seen = sampled(measures, start, SAMPLES, np.random.default_rng(0))
        found += [_leaves(interval, seen[name]) for name, interval in attained(measures, start).items()]
    return sum(int(leaves.sum()) for leaves in found), sum(leaves.size for leaves in found)


def _leaves(interval: Interval, seen: Interval) -> np.ndarray:
    return np.asarray((seen.low < interval.low - 1e-12) | (seen.high > interval.high + 1e-12))


def latex(rows: list[Row]) -> Markup:
    """All engine matrices as LaTeX source, to copy."""
    lines = [f"{r.name} = {tex.latex(r.engine, r.decimals)}" for r in rows]
    source = element("pre", element("code", "\n".join(lines)), tabindex="0")
    return section(
        "latex",
        "LaTeX",
        paragraph(
            "The engine's matrices as in the paper, ready to paste; in a notebook every Tensor shows itself"
            " this way."
        ),
        element("details", element("summary", f"{len(lines)} matrices"), source),
    )
