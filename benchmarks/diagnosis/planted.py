"""All mistakes that can be made in a network, and that show in the digits handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from diagnosis import wrong_answers, wrong_layers, wrong_outputs, wrong_structures
from diagnosis.by_hand import by_hand, gradients
from diagnosis.networks import Network, draw
from diagnosis.slips import Mistake, Slip, placed

Array = np.ndarray
Answers = dict[str, Array]

SLIPS: list[Slip] = [
    *wrong_layers.SLIPS,
    *wrong_outputs.SLIPS,
    *wrong_answers.SLIPS,
    *wrong_structures.SLIPS,
]
NUMBERS = range(1, 43)
NOT_PLANTED = {
    8: "in numbers the same as 2 and 4: nothing is divided by N",
    39: "needs the student's forward values, and here only gradients are handed in",
    41: "not a mistake: any value between the slopes of a kink is right",
}


def informative(network: Network) -> bool:
    """True if 4 digits of the gradients carry information: large enough, no unit always off, not all always on."""
    s = by_hand(network)
    large = all(np.median(np.abs(g)) >= 0.005 for g in s.gradients().values())
    on = [s.z[k] > 0 for k in network.layers if network.activations[k - 1] == "relu"]
    return large and all(x.any(axis=0).all() and not x.all() for x in on)


def network(seed: int) -> Network:
    """The first informative network of a seed."""
    attempts = (draw(seed, attempt) for attempt in range(1000))
    return next(found for found in attempts if informative(found))


def rounded(answers: Mapping[str, Array], digits: int) -> Answers:
    """The gradients with the decimals that are handed in."""
    return {name: np.round(values, digits) + 0.0 for name, values in answers.items()}  # + 0.0: no -0.0


def same(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    """True if two submissions are equal in every digit. A row is as good as a column, or one number in no array."""
    return all(np.array_equal(values.squeeze(), other[name].squeeze()) for name, values in one.items())


def changed(one: Mapping[str, Array], other: Mapping[str, Array], digits: int = 4) -> int:
    """The count of numbers that differ by more than a careless last digit; all of an array of another shape."""
    pairs, most = ((values, other[name]) for name, values in one.items()), 1.5 * 10.0**-digits
    return sum(int((np.abs(x - y) > most).sum()) if x.shape == y.shape else y.size for x, y in pairs)


def mistakes(network: Network) -> Iterator[Mistake]:
    """Every mistake in every place, visible in the digits or not."""
    for slip in SLIPS:
        yield from placed(slip, network)
    yield from wrong_answers.in_parts(network)


def shown(network: Network, made: Iterable[Mistake], digits: int = 4) -> list[tuple[Mistake, Answers]]:
    """The mistakes that are visible in the digits, with the arrays handed in."""
    right, found = rounded(gradients(network), digits), []
    for mistake in made:
        try:
            with np.errstate(all="ignore"):
                exact = mistake.hand_in(network)
        except ValueError:  # the shapes do not fit: nobody gets so far
            continue
        answers = rounded(exact, digits)
        if all(np.isfinite(values).all() for values in answers.values()) and not same(answers, right):
            found.append((mistake, answers))
    return found


def planted(network: Network, digits: int = 4) -> list[tuple[Mistake, Answers]]:
    """Every mistake of the network that shows, with what is handed in."""
    return shown(network, mistakes(network), digits)


def both(one: Mistake, other: Mistake) -> Mistake:
    """Two mistakes in different steps at once."""
    what, wrong = f"{one.what}, and {other.what}", {**one.wrong, **other.wrong}
    return Mistake(one.number, what, one.step, one.where, wrong, (one, other))


CONSTANTS = ("y - p for p - y", "sum for mean", "log base 2")
LOCAL = ("through_activation", "through_weights", "weight_gradient", "through_output", "join", "add_up")
NO_PRODUCT = {0, 1, 3, 4, 15, 19, 20}  # constants themselves; and what depends on the size of the gradient


def with_constants(network: Network, count: int = 12, digits: int = 4) -> list[tuple[Mistake, Answers]]:
    """Some mistakes in a step of the way back, each together with a wrong constant on everything."""
    rng = np.random.default_rng([network.seed, 3])
    everything = [mistake for mistake, _ in planted(network, digits)]
    steps = [m for m in everything if m.step in LOCAL and m.number not in NO_PRODUCT]
    factors = [m for m in everything if m.what in CONSTANTS]
    pairs = [both(steps[rng.integers(len(steps))], factors[rng.integers(len(factors))]) for _ in range(count)]
    one = [m for m in everything if m.what == "everything from the last example"]
    pairs += [both(m, factor) for m in one for factor in factors if factor.what == "sum for mean"]
    return shown(network, pairs, digits)
