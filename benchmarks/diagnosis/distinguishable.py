"""Mistakes that give the same digits: nobody can tell them apart, and each of them is a right explanation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import log

from diagnosis.by_hand import Gradients, gradients
from diagnosis.networks import Network
from diagnosis.planted import Answers, rounded
from diagnosis.slips import Mistake

Key = tuple[bytes, ...]
Made = tuple[Mistake, Answers]


def key(answers: Mapping[str, object], names: Iterable[str]) -> Key:
    """The digits on paper of the named arrays."""
    return tuple(answers[name].tobytes() + str(answers[name].shape).encode() for name in names)


def constants(network: Network) -> Iterator[tuple[int, str, float]]:
    """The named constants of this network: the catalogue's number, the name, the value."""
    N, D = network.X.shape
    K = network.Y.shape[1]
    for H in {w.shape[0] for name, w in network.parameters.items() if name != "W1"}:
        yield from ((5, "H", H), (5, "1/H", 1 / H))
    yield from ((29, "2 N", 2 * N), (29, "2 / N", 2 / N), (29, "1/4", 0.25))
    yield from ((1, "-1", -1), (2, "N", N), (3, "1/N", 1 / N), (3, "1/N^2", 1 / N**2))
    yield from ((5, "K", K), (5, "1/K", 1 / K), (2, "N K", N * K), (3, "1/(N K)", 1 / (N * K)))
    yield from ((29, "2", 2), (29, "1/2", 0.5), (29, "4", 4), (5, "D", D), (5, "1/D", 1 / D))
    yield from ((28, "ln 2", log(2)), (28, "1/ln 2", 1 / log(2)), (28, "ln 10", log(10)))
    yield from ((28, "1/ln 10", 1 / log(10)), (38, "lr", network.lr), (38, "-lr", -network.lr))


def multiples(network: Network) -> Iterator[tuple[int, Gradients]]:
    """The true gradients times every constant that has a name."""
    right = gradients(network)
    for number, _, c in constants(network):
        yield number, {name: c * g for name, g in right.items()}


def times_other_constants(network: Network, twofold: Iterable[Mistake], digits: int = 4) -> Iterator[Made]:
    """The variants of a mistake with a constant: the same mistake with each constant of another number."""
    for mistake in twofold:
        local, factor = mistake.parts
        exact = local.hand_in(network)
        for number, name, c in constants(network):
            if number != factor.number:
                other = mistake._replace(what=f"{local.what}, times {name}", parts=())
                yield other, rounded({of: c * g for of, g in exact.items()}, digits)


def rivals(
    network: Network, submitted: list[Made], others: list[Made], names: Iterable[str], digits: int = 4
) -> list[set[str]]:
    """For each mistake handed in: the others that give the same digits in the arrays named.

    A constant counts as another mistake if the catalogue's number is another.
    """
    names = list(names)
    groups: defaultdict[Key, set[tuple[int, str]]] = defaultdict(set)
    for mistake, answers in others:
        groups[key(answers, names)].add((mistake.number, f"{mistake.name} {mistake.where}"))
    for number, answers in multiples(network):
        groups[key(rounded(answers, digits), names)].add((number, f"{number} a constant"))
    return [
        {
            text
            for number, text in groups[key(answers, names)]
            if not (text.endswith("a constant") and number == mistake.number)
            and text != f"{mistake.name} {mistake.where}"
        }
        for mistake, answers in submitted
    ]
