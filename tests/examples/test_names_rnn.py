from __future__ import annotations

import pytest

from tinygrad_edu.examples import names_rnn


@pytest.mark.slow
def test_both_cells_beat_guessing_after_an_epoch(tmp_path, capsys):
    losses = names_rnn.main(epochs=1, count=1000, out=tmp_path)

    assert losses.keys() == {"RNN", "LSTM"}
    assert max(losses.values()) < 3.1  # guessing: log 27 = 3.296
    assert capsys.readouterr().out.count("New names: ") == 2
    assert (tmp_path / "loss.png").is_file()


def test_names_are_filled_up_with_targets_that_do_not_count():
    x, y = names_rnn.encode(["ab", "c"])[:]

    assert x.tolist() == [[0, 1, 2], [0, 3, 0]]
    assert y.tolist() == [[1, 2, 0], [3, 0, names_rnn.NO_TARGET]]
