"""`Exercise`: a network with numbers, the gradients and values asked for, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinygrad_edu.exercise import audit as audits
from tinygrad_edu.exercise import function_answers, grading, planted_bugs, random_networks
from tinygrad_edu.exercise import sheet as sheets
from tinygrad_edu.exercise.audit import Audit
from tinygrad_edu.exercise.grade_report import Result
from tinygrad_edu.exercise.planted_bugs import PlantedBug
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.exercise.sandbox import is_program
from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.explanation.diagnosis.diagnosis import check_level


class Exercise(Problem):
    """Gradients and values to be found by hand, graded by the engine: no answer is ever typed in by the teacher.

    `network(**tensors)` returns the loss, or `(loss, {"z1": z1, ...})` to give names to intermediates; `data` holds
    an array for each of its arguments. Or `network` is a module: `loss(network(inputs...), target)` of the arrays in
    `data`, the target last, or without `loss` what the module itself returns. Parameters of modules, also of those
    that a function uses, are named by path, `net.fc1.weight`, by an ending of it that is unique, `fc1.weight`, or as
    in `names`, `{"W1": "fc1.weight"}`; "fc1" is the output of that layer.
    `ask`: "W1" (or "dW1") asks for the gradient of a parameter, "dz1" for that of a named intermediate, "z1" for its
    value, and "L" for that of the loss.
    `parameters`: the other parameters, so that mistakes in these are known too; tensors with `requires_grad=True` are
    parameters without being named.
    `digits`: decimals that count. `points`: for each array, or a mapping; `partial`: the share of them for an array
    with one known mistake. An array that is right given an earlier mistake has full points. `as_function`: the
    sheet asks for a function that returns the arrays.
    `given`: other arrays that lie around and may be used by mistake, by name; `lr`: the learning rate, if there is one.
    Raises `TypeError` or `ValueError` for an argument of another kind.
    """

    @classmethod
    def random(
        cls,
        seed: int,
        *,
        layers: int | Sequence[int] = 2,
        activation: str = "sigmoid",
        loss: str = "cross_entropy",
        examples: int | None = None,
        **options: Any,
    ) -> Exercise:
        """An exercise with numbers from a seed, the same for the same seed, all its parameters asked.

        `layers`: how many, or the sizes from inputs to outputs as [3, 6, 5]; `activation` "sigmoid", "tanh" or "relu";
        `loss` "cross_entropy", "bce" or "mse"; `examples` N. `options` are those of `Exercise`.
        Sizes and numbers are chosen so that mistakes can be told apart, if that is possible.
        Raises `ValueError` for other arguments.
        """
        network = random_networks.RandomNetwork(seed, layers, activation, loss, examples)
        words = {"title": f"Backpropagation by hand, no. {seed}", "text": network.text}
        chosen: dict[str, Any] = {
            **words,
            "ask": network.parameters,
            "parameters": network.parameters,
            **options,
        }
        return audits.best(lambda: cls(network.function, network.numbers(), **chosen))

    def check(self, answers: Any, level: int = 2) -> Result:
        """Points and reasons for `answers`, a mapping from names to arrays; keys such as `dW1` and `dL/dW1` do too.

        Or a function `answers(**arrays)` that returns such a mapping, or the `Submission` of a file that has one: it
        is run on the numbers of the sheet and on others, with one example more, and has to be right on all. It runs
        apart from this process, in WebAssembly with the extra `sandbox`, and else in a process with limits.
        `level`: how much the student is told: 0 the points, 1 the wrong arrays, 2 the node, 3 the mistake, 4 the right
        numbers. An array that is missing or cannot be read gets a reason and no points; the rest is graded.
        Raises nothing on account of `answers`, and `ValueError` for another level.
        """
        check_level("check", level)
        graded = function_answers.grade_function if is_program(answers) else grading.grade
        return graded(self, answers, level)

    def sheet(self, solution: bool = False) -> Page:
        """The exercise to be printed, with the worked solution if asked: `.text`, `.markdown`, `.latex`, `.html`."""
        return sheets.sheet(self, solution)

    def save(self, path: str | Path, solution: bool = False) -> Path:
        """Write the sheet to `path`, as its ending says: `.html`, `.tex`, `.md` or `.txt`."""
        return self.sheet(solution).save(path)

    def audit(self) -> Audit:
        """The mistakes that cannot be told apart with these sizes, numbers and digits, and advice on what to change."""
        return audits.audit(self)

    def planted_bug(self, seed: int) -> PlantedBug:
        """Wrong gradients by one mistake, to be named: the same for the same seed.

        Raises `ValueError` if no mistake can be named here.
        """
        return planted_bugs.plant(self, seed)

    def planted_bugs(self, count: int, seed: int) -> list[PlantedBug]:
        """Wrong gradients for each of `count` students, each by another mistake or at another place.

        The same for the same seed; `tinygrad_edu.exercise.planted_bugs.key` writes the key for the teacher.
        Raises `ValueError` if there are not so many mistakes that can be named here.
        """
        return planted_bugs.plant_several(self, count, seed)

    def check_bug(self, guess: Any, seed: int) -> tuple[bool, str]:
        """True if `guess`, a letter, name or number, is the bug of this seed; and a sentence to the student."""
        return self.planted_bug(seed).check(guess)

    def _repr_markdown_(self) -> str:
        return self.sheet().markdown
