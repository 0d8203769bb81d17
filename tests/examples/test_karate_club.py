from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.examples import karate_club


@pytest.mark.slow
def test_two_labels_are_enough_for_33_of_34_members(tmp_path, capsys):
    right = karate_club.main(out=tmp_path)

    assert right >= 32
    assert f"Result: {right} of 34 members on the side they took" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["club.png", "loss.png"]


def test_the_graph_is_zacharys():
    neighbours = karate_club.NEIGHBOURS

    assert sum(map(len, neighbours.values())) == 78
    assert all(member < other for member, others in neighbours.items() for other in others)
    assert {len(set(others)) - len(others) for others in neighbours.values()} == {0}
    assert len(karate_club.WITH_THE_INSTRUCTOR) == 17


def test_the_mixing_matrix_is_symmetric_with_greatest_eigenvalue_one():
    mix = karate_club.mixing().numpy()

    np.testing.assert_allclose(mix, mix.T)
    assert (mix > 0).sum() == 34 + 2 * 78
    np.testing.assert_allclose(np.linalg.eigvalsh(mix)[-1], 1)
