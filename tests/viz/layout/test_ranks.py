from __future__ import annotations

from tinygrad_edu.viz.layout.ranks import ranks


def test_results_stand_below_their_inputs_and_leaves_just_above_their_first_use():
    rank = ranks(range(5), [(0, 1), (1, 3), (2, 3), (3, 4), (2, 4)], {})

    assert rank == {0: 0, 1: 1, 3: 2, 4: 3, 2: 1}


def test_what_is_computed_from_leaves_of_its_own_waits_until_it_is_needed():
    rank = ranks(range(7), [(0, 1), (1, 2), (2, 3), (3, 6), (4, 5), (5, 6)], {})

    assert (rank[5], rank[4]) == (rank[6] - 1, rank[6] - 2)


def test_what_joins_two_long_ways_does_not_wait():
    links = [(0, 1), (0, 2), (1, 3), (2, 3), (1, 4), (2, 4), (4, 5), (5, 6), (3, 6)]

    rank = ranks(range(7), links, {})

    assert rank[3] == 2


def test_pinned_points_have_the_first_and_the_last_row():
    rank = ranks(range(4), [(0, 1), (1, 2), (2, 3)], {0: -1, 3: 1})

    assert rank == {0: 0, 1: 1, 2: 2, 3: 3}
