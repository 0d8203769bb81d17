from __future__ import annotations

import pytest

from tinygrad_edu.examples import digits_mlp

pytest.importorskip("sklearn")


@pytest.mark.slow
def test_three_epochs_are_enough_for_nine_digits_out_of_ten(tmp_path, capsys):
    accuracy = digits_mlp.main(epochs=3, out=tmp_path)

    assert accuracy > 0.9
    assert f"Result: {accuracy:.2%} of the test images" in capsys.readouterr().out
    assert (tmp_path / "loss.png").is_file()


def test_the_same_seed_gives_the_same_result(capsys):
    digits_mlp.main(epochs=1, seed=3)
    first = capsys.readouterr().out

    digits_mlp.main(epochs=1, seed=3)

    assert capsys.readouterr().out == first
