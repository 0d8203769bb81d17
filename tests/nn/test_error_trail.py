"""The note on an error: which module of a network, and which one made its input."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_edu import nn, tensor


def test_a_network_names_the_part_and_where_its_input_came_from():
    net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(8, 3))

    with pytest.raises(ValueError, match=r"rows of 8 numbers.*\(8, 16\)") as caught:
        net(tensor(np.ones((8, 3))))

    (note,) = caught.value.__notes__
    assert "In net.2, Linear" in note
    assert "that came from net.1, ReLU" in note


def note(net, x, error=ValueError):
    """The one note on the error of a network that is called `net`."""
    with pytest.raises(error) as caught:
        net(x)
    (text,) = caught.value.__notes__
    return text


X = tensor(np.ones((8, 3)))
WRONG = nn.Linear(5, 2)


class Head(nn.Module):
    """A module that is no Sequential."""

    def __init__(self, part, before=lambda x: x):
        super().__init__()
        self.part, self.before = part, before

    def forward(self, x):
        return self.part(self.before(x))


def test_the_first_part_has_an_input_of_a_shape_and_no_maker():
    net = nn.Sequential(WRONG, nn.ReLU())

    assert note(net, X) == (
        "In net.0, Linear(in_features=5, out_features=2, bias=True), with an input of shape (8, 3)"
    )


def test_a_module_made_the_input_though_it_stands_in_another_sequential():
    net = nn.Sequential(nn.Sequential(nn.Tanh()), nn.Sequential(WRONG))

    assert note(net, X).startswith("In net.1.0, Linear(")
    assert note(net, X).endswith("of shape (8, 3) that came from net.0, Sequential()")


def test_a_maker_is_found_by_its_whole_path():
    net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh(), WRONG))

    assert note(net, X).startswith("In net.1.1, Linear(")
    assert note(net, X).endswith("of shape (8, 3) that came from net.1.0, Tanh()")


def test_an_operation_made_the_input_where_no_module_did():
    net = Head(WRONG, before=lambda x: x.exp())

    text = note(net, X.detach().requires_grad_())

    line = sys._getframe().f_lineno - 4
    assert text.startswith("In net.part, Linear(")
    assert text.endswith(f"of shape (8, 3) that came from exp at test_error_trail.py:{line}")


def test_what_a_module_made_of_its_input_came_from_no_module_before_it():
    net = nn.Sequential(nn.Tanh(), Head(WRONG, before=lambda x: x.exp()))

    text = note(net, X.detach().requires_grad_())

    assert text.startswith("In net.1.part, Linear(")
    assert "that came from exp at test_error_trail.py:" in text


def test_a_part_that_stands_in_two_places_does_not_say_which_made_its_input():
    net = nn.Sequential({"a": nn.Tanh(), "b": WRONG, "c": WRONG})

    assert note(net, X).startswith("In net.b or c, Linear(")
    assert note(net, X).endswith("with an input of shape (8, 3)")


def test_a_part_in_a_hidden_list_has_no_name_in_the_path():
    net = Head(None)
    net._hidden = [nn.Sequential(nn.Tanh(), WRONG)]
    net.part = net._hidden[0].__call__

    assert note(net, X).startswith("In net.1, Linear(")
    assert note(net, X).endswith("that came from net.0, Tanh()")


def test_a_network_without_a_variable_is_called_by_its_class():
    with pytest.raises(ValueError, match="rows of 5 numbers") as caught:
        nn.Sequential(WRONG)(X)

    assert caught.value.__notes__[0].startswith("In Sequential.0, Linear(")


def test_an_array_as_input_is_described_by_its_shape():
    net = nn.Sequential(WRONG)

    assert note(net, np.ones((8, 3))).endswith("with an input of shape (8, 3)")


def test_an_input_without_a_shape_is_not_described():
    net = nn.Sequential(WRONG)

    assert note(net, "text", error=TypeError) == "In net.0, Linear(in_features=5, out_features=2, bias=True)"


def test_notes_of_others_stay():
    def complain(x):
        error = ValueError("no")
        error.add_note("mine")
        raise error

    net = nn.Sequential(Head(complain))

    with pytest.raises(ValueError, match="no") as caught:
        net(X)

    assert caught.value.__notes__ == ["mine", "In net.0, Head(), with an input of shape (8, 3)"]


class Countdown(nn.Module):
    """A module that calls itself."""

    def forward(self, x, count=2):
        return self(x, count - 1) if count else x.reshape(7)


def in_a_module_that_has_no_such_part(x):
    net = Head(None)
    net.part = WRONG.__call__
    return net(x)


@pytest.mark.parametrize("call", [WRONG, in_a_module_that_has_no_such_part, Countdown()])
def test_where_the_path_has_no_names_there_is_no_note(call):
    with pytest.raises(ValueError, match=r"shape \(8, 3\)") as caught:
        call(X)

    assert not hasattr(caught.value, "__notes__")
