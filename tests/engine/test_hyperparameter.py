"""A learning rate that knows where it came from."""

from __future__ import annotations

from tinygrad_edu.engine.hyperparameter import Hyperparameter


def test_it_is_the_number_it_was_made_from_and_reads_the_present_one():
    group = {"lr": 0.5, "momentum": 0.9}
    lr = Hyperparameter(group, "lr")

    group["lr"] = 0.25

    assert (lr, lr * 2) == (0.5, 1.0)
    assert (lr.read(), type(lr.read())) == (0.25, float)


def test_one_of_several_numbers_has_its_place_and_name_and_reads_the_present_one():
    group = {"lr": 0.5, "betas": (0.9, 0.999)}
    lr, second = Hyperparameter(group, "lr"), Hyperparameter(group, "betas", 1)

    group["betas"] = (0.8, 0.99)

    assert (lr.place, lr.name) == ("['lr']", "lr")
    assert (second.place, second.name) == ("['betas'][1]", "betas_1")
    assert (second, second.read(), type(second.read())) == (0.999, 0.99, float)


def test_the_same_key_of_another_group_gets_a_number_behind_its_name():
    groups = [{"lr": 0.1}, {"lr": 0.2}, {"lr": 0.3}]
    rates = [Hyperparameter(group, "lr") for group in groups]
    known = {}

    names = [lr.enter(known) for lr in [*rates, Hyperparameter(groups[1], "lr")]]

    assert names == ["lr", "lr_2", "lr_3", "lr_2"]
    assert [known[name].read() for name in ("lr", "lr_2", "lr_3")] == [0.1, 0.2, 0.3]
