"""Gradients against central differences of five points, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinygrad_edu.checks.gradient_test import gradient_test
from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.testing.rule_diagnosis import diagnosed


def gradient_verdict(
    function: Callable[..., Any], *inputs: Any, order: int = 1, rtol: float = 1e-6, atol: float = 1e-7
) -> GradientVerdict:
    """The gradients of `function` at `inputs` beside central differences, and what is wrong with them in words.

    `inputs` are numbers, lists, arrays or Tensors, or tuples and dicts with Tensors; or numbers of an engine with
    micrograd's `data`, `grad` and `backward()`, as `Value`. Floats are taken as float64; whole numbers and booleans are
    constants. What flows back into the results is random, not ones, so that a wrong shape or a missing factor shows.
    Differences are of five points, with a step for each number that stays in the domain; where the slopes of both
    sides differ, any slope between them is right. `order=2` also checks the gradients of the gradients, and so on.

    The verdict is true if nothing is wrong, prints as a sentence, and has its parts as attributes: `kind`, `mistake`,
    `operation`, `index`, `relative` ... Raises `ValueError` or `TypeError` for what cannot be checked.
    """
    verdict = gradient_test(function, inputs, order=order, rtol=rtol, atol=atol)
    if verdict.mistake == "unknown" and verdict.step and (known := diagnosed(*verdict.step)):
        mistake, sentence = known
        return replace(verdict, mistake=mistake, text=f"{verdict.text}: {sentence}")
    return verdict


def check_gradients(
    function: Callable[..., Any], *inputs: Any, order: int = 1, rtol: float = 1e-6, atol: float = 1e-7
) -> None:
    """Raise `AssertionError`, with the verdict in words, if the gradients of `function` at `inputs` are wrong.

    See `gradient_verdict`.
    """
    verdict = gradient_verdict(function, *inputs, order=order, rtol=rtol, atol=atol)
    if not verdict:
        raise AssertionError(verdict.text)
