from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.examples import tiny_gpt


@pytest.mark.slow
def test_a_few_steps_beat_guessing(tmp_path, capsys):
    loss = tiny_gpt.main(steps=20, batch_size=8, length=50, out=tmp_path)

    assert loss < 3.6  # guessing among 60 characters or so: 4.1
    assert f"Result: {loss:.3f} nats a character" in capsys.readouterr().out
    assert (tmp_path / "loss.png").is_file()


def test_the_first_loss_is_that_of_guessing():
    torch.manual_seed(0)
    x = torch.randint(0, 50, (4, tiny_gpt.CONTEXT))

    loss = tiny_gpt.loss_of(tiny_gpt.GPT(50), x, x)

    assert loss.item() == pytest.approx(math.log(50), abs=0.1)


def test_no_place_sees_those_after_it():
    torch.manual_seed(0)
    model = tiny_gpt.GPT(5)
    x = torch.tensor([[0, 1, 2, 3, 4]])
    y = torch.tensor([[0, 1, 2, 4, 0]])

    with torch.no_grad():
        first, second = model(x), model(y)

    np.testing.assert_array_equal(first[:, :3], second[:, :3])
    assert not np.allclose(first[:, 3:], second[:, 3:])


def test_writing_goes_on_beyond_the_context():
    torch.manual_seed(0)
    start = torch.tensor([[3, 1]])

    written = tiny_gpt.write(tiny_gpt.GPT(5), start, tiny_gpt.CONTEXT + 3)

    assert written.shape == (1, tiny_gpt.CONTEXT + 5)
    assert written[0, :2].tolist() == [3, 1]


@pytest.mark.slow
def test_the_whole_run_ends_below_the_stated_loss():
    assert tiny_gpt.main() < 2.0
