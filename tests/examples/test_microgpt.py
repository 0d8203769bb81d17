from __future__ import annotations

import random

import pytest

from tinygrad_edu import capture
from tinygrad_edu.datasets import Names
from tinygrad_edu.examples import microgpt
from tinygrad_edu.plan.codegen.c import compiler


@pytest.mark.slow
def test_a_few_steps_beat_guessing(tmp_path, capsys):
    loss = microgpt.main(steps=60, width=4, out=tmp_path)

    printed = capsys.readouterr().out
    assert loss < 3.1  # guessing: log 27 = 3.296
    assert f"Result: {loss:.3f} nats a character" in printed
    assert printed.partition("New names: ")[2].partition("\n")[0].count(", ") == 9
    assert (tmp_path / "loss.png").is_file()


def test_it_has_4192_numbers():
    assert len(microgpt.GPT(27).parameters()) == 4192


def trained(wrap, words):
    """The losses, the model and the optimizer after a step for each word."""
    random.seed(0)
    model = microgpt.GPT(27, width=4, heads=2)
    optimizer = microgpt.Adam(model.parameters(), steps=50)

    def step(tokens):
        loss = model.loss(tokens)
        loss.backward()
        optimizer.step()
        return loss

    run = wrap(step)
    data = Names()
    losses = [run(data.encode(f".{word}.")).data for word in words]
    return losses, [p.data for p in model.parameters()], optimizer.m, optimizer.v, optimizer.t


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "c"])
def test_the_captured_step_takes_the_steps_of_the_python(engine):
    if engine == "c" and compiler.compiler() is None:
        pytest.skip("there is no C compiler")
    words = ["eve", "bob", "ida", "anna", "ada", "otto", "pam", "emma"]
    expected = trained(lambda step: step, words)

    *found, count = trained(lambda step: capture(step, engine=engine, strict=True, check="never"), words)

    for mine, theirs in zip(found, expected, strict=False):
        assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-14)
    assert count == 8
