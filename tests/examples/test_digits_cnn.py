from __future__ import annotations

import pytest

from tinygrad_edu.examples import digits_cnn

pytest.importorskip("sklearn")


@pytest.mark.slow
def test_one_epoch_is_enough_for_four_digits_out_of_five(tmp_path, capsys):
    accuracy = digits_cnn.main(epochs=1, out=tmp_path)

    assert accuracy > 0.8
    assert f"Result: {accuracy:.2%} of the test images" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["accuracy.png", "loss.png"]


@pytest.mark.slow
def test_the_whole_run_ends_above_97_percent():
    assert digits_cnn.main() > 0.97
