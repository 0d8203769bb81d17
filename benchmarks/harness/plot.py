"""The numbers of a question as a picture: bars (points on a logarithmic axis), and the middle half as a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.report import number

OURS, OTHERS, INK = "#2b6cb0", "#a0aec0", "#1a202c"
WIDEST = 20  # times the smallest bar, before the axis becomes logarithmic


def draw(record: dict[str, Any], path: Path) -> str | None:
    """Write the picture to `path`; returns why not, if matplotlib is missing."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional extra
    except ImportError:
        return 'no plot without matplotlib; pip install "tinygrad_edu[plot]"'
    panels = {name: results for name, results in record["measures"].items() if results["contestants"]}
    if not panels:
        return "no plot without numbers"
    heights = [len(results["contestants"]) + 1.2 for results in panels.values()]
    figure = Figure(figsize=(7.5, 0.32 * sum(heights) + 0.6), layout="constrained")
    axes = figure.subplots(len(panels), squeeze=False, height_ratios=heights)[:, 0]
    for panel, (measure, results) in zip(axes, panels.items(), strict=True):
        _panel(panel, measure, results)
    figure.suptitle(record["question"], fontsize=11)
    figure.savefig(path, dpi=110)
    return None


def _panel(panel: Any, measure: str, results: dict[str, Any]) -> None:
    names = list(results["contestants"])
    spreads = list(results["contestants"].values())
    medians = [spread["median"] for spread in spreads]
    arms = [[s["median"] - s["low"] for s in spreads], [s["high"] - s["median"] for s in spreads]]
    colours = [OURS if name.startswith("tinygrad_edu") else OTHERS for name in names]
    panel.invert_yaxis()
    if min(medians) > 0 and max(medians) > WIDEST * min(medians):
        panel.scatter(medians, names, color=colours)  # the length of a bar would mean nothing here
        panel.errorbar(medians, names, xerr=arms, fmt="none", linewidth=1, ecolor=INK)
        panel.set_xscale("log")
        panel.set_xlim(min(medians) / 2, max(medians) * 3)
    else:
        panel.barh(names, medians, xerr=arms, color=colours, error_kw={"linewidth": 1, "ecolor": INK})
        panel.set_xlim(min(0, *medians) * 1.1, max(1e-9, *medians) * 1.15)
    for i, (median, spread) in enumerate(zip(medians, spreads, strict=True)):
        panel.annotate(
            number(median),
            (max(spread["high"], 0), i),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    panel.set_title(f"{measure}, {results['unit']}", fontsize=9, loc="left")
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)
