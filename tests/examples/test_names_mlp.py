from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import nn
from tinygrad_edu.datasets import Names
from tinygrad_edu.examples import names_mlp


@pytest.mark.slow
def test_a_few_steps_beat_guessing(tmp_path, capsys):
    loss = names_mlp.main(steps=200, out=tmp_path)

    printed = capsys.readouterr().out
    assert loss < 2.9  # guessing: log 27 = 3.296
    assert f"Result: {loss:.3f} nats a character" in printed
    assert printed.partition("New names: ")[2].partition("\n")[0].count(", ") == 14
    assert (tmp_path / "loss.png").is_file()


def test_batch_normalization_from_scratch_is_that_of_nn():
    rows = torch.tensor(np.random.default_rng(0).normal(3, 2, (8, 4)))
    ours, theirs = names_mlp.BatchNorm1d(4), nn.BatchNorm1d(4)

    training = (
        ours(rows),
        theirs(rows) * (7 / 8) ** 0.5,
    )  # over N - 1 here, as the course has it, and over N in nn
    ours.training = False
    theirs.eval()
    evaluating = ours(rows), theirs(rows)

    np.testing.assert_allclose(training[0], training[1].detach(), rtol=1e-4)
    np.testing.assert_allclose(evaluating[0], evaluating[1].detach())


def test_a_name_is_made_of_letters():
    torch.manual_seed(0)
    data = Names(names_mlp.CONTEXT, train=True)
    model = names_mlp.NameModel(len(data.characters))
    model.train(False)

    name = names_mlp.sample(model, data)

    assert name.isalpha()
