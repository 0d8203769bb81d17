"""Module: which parameters it finds and how it names them, saved values, and switching things on and off."""

from __future__ import annotations

import copy
import multiprocessing
import pickle

import numpy as np
import pytest

from tinygrad_edu import nn, ones, tensor
from tinygrad_edu.hints.warnings import UnregisteredWarning
from tinygrad_edu.nn import Linear, Module, Parameter, ReLU, Sequential


class Scaled(Module):
    """Written without super().__init__()."""

    def __init__(self):
        super().__init__()
        self.inner = Linear(2, 3)
        self.scale = Parameter(2.0)
        self.note = "not a parameter"
        self.buffer = ones(3)

    def forward(self, x, shift=0):
        return self.inner(x) * self.scale + shift

    def extra_repr(self):
        return f"scale={self.scale.item()}"


class Tied(Module):
    """Uses one layer, and one parameter, in two places."""

    def __init__(self):
        super().__init__()
        self.first = Linear(2, 2)
        self.second = Linear(2, 2)
        self.second.weight = self.first.weight
        self.again = self.first

    def forward(self, x):
        return self.second(self.again(x))


def names(module, **options):
    return [name for name, _ in module.named_parameters(**options)]


# Discovery and names.


def test_parameters_are_named_by_their_path_in_order():
    net = Sequential(Scaled(), Sequential(Linear(3, 4, bias=False), ReLU()), Linear(4, 1))

    assert names(net) == ["0.scale", "0.inner.weight", "0.inner.bias", "1.0.weight", "2.weight", "2.bias"]
    assert [p.shape for p in net.parameters()] == [(), (3, 2), (3,), (4, 3), (1, 4), (1,)]
    assert names(net, prefix="net")[0] == "net.0.scale"
    assert names(net[0], recurse=False) == ["scale"]
    assert [p.shape for p in net[0].parameters(recurse=False)] == [()]


def test_the_outer_module_comes_before_the_inner_ones_as_in_pytorch():
    assert names(Scaled()) == ["scale", "inner.weight", "inner.bias"]


def test_a_shared_parameter_and_a_shared_module_are_listed_once():
    net = Tied()

    assert names(net) == ["first.weight", "first.bias", "second.bias"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "second"]


def test_a_shared_parameter_receives_from_both_uses():
    net = Tied()
    w, x = net.first.weight, tensor([[1.0, 2.0]])

    net(x).sum().backward()

    hidden = net.first(x).detach().numpy()
    expected = np.outer(w.raw.sum(0), [1, 2]) + np.outer([1, 1], hidden)
    np.testing.assert_allclose(w.grad.raw, expected)


def test_modules_and_children():
    net = Sequential(Scaled(), ReLU())

    assert [name for name, _ in net.named_modules()] == ["", "0", "0.inner", "1"]
    assert [type(m).__name__ for m in net.modules()] == ["Sequential", "Scaled", "Linear", "ReLU"]
    assert [name for name, _ in net.named_children()] == ["0", "1"]
    assert list(net.children()) == [net[0], net[1]]


def test_a_module_that_contains_itself_is_walked_once():
    net = Scaled()
    net.inner.parent = net

    assert names(net) == ["scale", "inner.weight", "inner.bias"]


def test_a_parameter_is_a_leaf_that_gets_a_gradient():
    p = Parameter([1, 2], name="p")

    assert (p.requires_grad, p.is_leaf, p.dtype, p.name) == (True, True, np.float64, "p")
    assert not Parameter([1.0], requires_grad=False).requires_grad
    assert isinstance(p * 2, nn.module.Tensor)
    assert not isinstance(p * 2, Parameter)


def test_modules_set_later_are_found_and_removed_ones_are_not():
    net = Scaled()
    net.head = Linear(3, 1)
    net.inner.bias = None

    assert names(net) == ["scale", "inner.weight", "head.weight", "head.bias"]


def test_a_parameter_is_not_silently_replaced_by_something_no_optimizer_finds():
    layer = Linear(2, 3)

    for value in (ones(3), np.ones(3), [1.0, 1.0, 1.0]):
        with pytest.raises(
            TypeError,
            match=rf"Linear.bias needs a Parameter, got {type(value).__name__}, .*Parameter\(...\).*bias.data",
        ):
            layer.bias = value
    layer.bias = Parameter(ones(3))

    assert layer.bias.tolist() == [1, 1, 1]
    assert names(layer) == ["weight", "bias"]


# Calling.


def test_a_call_is_forward_with_all_arguments():
    net = Scaled()
    x = ones(4, 2)

    np.testing.assert_array_equal(net(x, shift=1).raw, (net.inner(x) * 2 + 1).raw)


def test_what_a_module_returns_knows_the_module_and_does_not_keep_it():
    class Several(Module):
        def forward(self, x):
            return {"list": [], "one": x * 2, "same": x}

    net = Several()
    x = tensor([1.0], requires_grad=True)

    result = net(x)["one"]

    module, start, inner = result.call
    assert module() is net
    assert start < result.serial
    assert inner is None
    assert x.call is None
    del net
    assert module() is None


def test_forward_must_be_written():
    class Empty(Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty needs a method forward\(self, x\) that says what"):
        Empty()(1)


def test_repr_shows_the_tree():
    assert repr(Sequential(Scaled(), ReLU())) == (
        "Sequential(\n"
        "  (0): Scaled(\n"
        "    scale=2.0\n"
        "    (inner): Linear(in_features=2, out_features=3, bias=True)\n"
        "  )\n"
        "  (1): ReLU()\n"
        ")"
    )


# Switching.


def test_train_and_eval_reach_every_module_and_return_the_net():
    net = Sequential(Scaled(), ReLU())

    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())
    assert not net.train(False)[0].inner.training


@pytest.mark.parametrize("mode", ["yes", 1, None])
def test_train_needs_true_or_false(mode):
    with pytest.raises(TypeError, match=f"train needs mode as True or False, got {type(mode).__name__}"):
        Scaled().train(mode)


def test_requires_grad_freezes_and_thaws():
    net = Sequential(Linear(2, 2), Linear(2, 1))

    assert net[0].requires_grad_(False) is net[0]
    net(ones(1, 2)).sum().backward()

    assert [p.grad is None for p in net.parameters()] == [True, True, False, False]
    net.requires_grad_()
    assert all(p.requires_grad for p in net.parameters())


def test_zero_grad_forgets_or_overwrites():
    net = Linear(2, 1)
    net(ones(1, 2)).sum().backward()
    gradient = net.weight.grad

    net.zero_grad(set_to_none=False)
    assert gradient.tolist() == net.weight.grad.tolist() == [[0, 0]]

    net.zero_grad()
    assert net.weight.grad is None
    net.zero_grad(set_to_none=False)
    assert net.weight.grad is None


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_zero_grad_drops_the_graph_of_a_gradient():
    net = Linear(2, 1)
    (net(ones(1, 2)) ** 2).sum().backward(create_graph=True)
    assert net.weight.grad.requires_grad

    net.zero_grad(set_to_none=False)

    assert not net.weight.grad.requires_grad
    assert net.weight.grad.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("change", "dtype"),
    [
        (lambda net: net.float(), np.float32),
        (lambda net: net.float().double(), np.float64),
        (lambda net: net.to("float32"), np.float32),
        (lambda net: net.to(np.float16), np.float16),
    ],
)
def test_float_double_and_to_change_every_parameter(change, dtype):
    net = Sequential(Linear(2, 3), Linear(3, 1))
    before = [p.numpy(force=True) for p in net.parameters()]
    parameters = list(net.parameters())
    net(ones(1, 2)).sum().backward()

    assert change(net) is net

    assert [p.dtype for p in net.parameters()] == [dtype] * 4
    assert all(p is q for p, q in zip(net.parameters(), parameters, strict=True))
    assert [p.grad for p in net.parameters()] == [None] * 4
    for p, old in zip(net.parameters(), before, strict=True):
        np.testing.assert_allclose(p.raw, old, rtol=1e-2 if dtype is np.float16 else 1e-7)


def test_a_float32_net_on_float32_data_stays_float32():
    net = Sequential(Linear(2, 3), nn.Tanh(), Linear(3, 2)).float()

    loss = nn.CrossEntropyLoss()(net(tensor(np.ones((4, 2), "float32"))), [0, 1, 1, 0])
    loss.backward()

    assert [loss.dtype, *(p.grad.dtype for p in net.parameters())] == [np.float32] * 5


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        (int, "to needs a floating dtype for the parameters of a module, got int64"),
        ("banana", "to needs a dtype such as float or np.int64, got 'banana'"),
    ],
)
def test_parameters_have_a_floating_dtype(dtype, message):
    with pytest.raises(TypeError, match=message):
        Linear(2, 1).to(dtype)


# Copies.


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["copy", "pickle"]
)
def test_a_copy_computes_the_same_and_learns_alone(duplicate):
    net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))

    twin = duplicate(net)
    np.testing.assert_array_equal(twin(ones(1, 2)).raw, net(ones(1, 2)).raw)
    twin[0].weight.data.zero_()

    assert (net[0].weight.raw != 0).any()
    assert names(twin) == names(net)


def test_a_graph_computed_before_a_change_of_dtype_is_not_walked_with_the_new_numbers():
    net = Sequential(Linear(2, 2), Linear(2, 1)).float()
    loss = net(ones(3, 2).float()).sum()

    net.double()

    with pytest.raises(RuntimeError, match=r"overwritten at test_module.py:\d+; overwrite it after backward"):
        loss.backward()


def test_a_change_to_the_same_dtype_changes_nothing():
    net = Linear(2, 1).double()
    loss = net(ones(3, 2)).sum()
    loss.backward()

    net.double()

    assert net.weight.grad.tolist() == [[3, 3]]
    loss.backward()


def test_a_copy_keeps_shared_parameters_shared():
    twin = copy.deepcopy(Tied())

    assert twin.second.weight is twin.first.weight
    assert twin.again is twin.first


@pytest.mark.parametrize("value", [[Linear(2, 2)], Linear(2, 2), None])
def test_training_is_no_place_for_layers(value):
    class Net(Module):
        def __init__(self):
            super().__init__()
            self.training = value

    with pytest.raises(TypeError, match=r"Net.training is True or False, .* give the attribute another name"):
        Net()


# Registration.


def test_what_is_assigned_is_sorted_by_its_kind():
    net = Module()
    net.w, net.note, net.inner = Parameter([1.0]), "note", Linear(1, 1)
    net.mean = nn.Buffer(ones(2))
    net.register_buffer("var", ones(3))
    net.register_parameter("bias", None)

    assert dict(net._parameters) == {"w": net.w, "bias": None}
    assert list(net._buffers) == ["mean", "var"]
    assert dict(net._modules) == {"inner": net.inner}
    assert [name for name, _ in net.named_buffers()] == ["mean", "var"]
    assert [b.shape for b in net.buffers()] == [(2,), (3,)]
    assert repr(net._modules) == "{'inner': Linear(in_features=1, out_features=1, bias=True)}"


def test_modules_put_into_the_view_belong_to_the_module():
    net = Module()
    for i in range(2):
        net._modules[str(i)] = Linear(2, 2)
    del net._modules["0"]

    assert names(net) == ["1.weight", "1.bias"]
    with pytest.raises(KeyError):
        net._parameters["1"]


def test_the_order_is_that_of_registration():
    net = Module()
    net.bias = None
    net.weight = Parameter([1.0])
    net.bias = Parameter([2.0])

    assert names(net) == ["weight", "bias"]
    del net.weight
    assert names(net) == ["bias"]
    assert not hasattr(net, "weight")


@pytest.mark.parametrize(
    ("value", "kind"),
    [(Parameter([1.0]), "parameter"), (ReLU(), "module"), (nn.Buffer([1.0]), "buffer")],
)
def test_nothing_is_registered_before_the_module_is_made(value, kind):
    class Net(Module):
        def __init__(self):
            self.part = value

    with pytest.raises(
        AttributeError,
        match=rf"cannot assign {kind} 'part' before Module.__init__\(\) call; write super\(\).__init__\(\) as the "
        "first line of Net.__init__",
    ):
        Net()


REFUSED = {
    "number as module": (lambda net: setattr(net, "inner", 1), TypeError, "inner needs a module or None, got int"),
    "list as buffer": (lambda net: setattr(net, "mean", [1]), TypeError, "mean needs a Tensor or None, got list"),
    "no tensor": (lambda net: net.register_buffer("b", [1]), TypeError, "needs a Tensor or None as 'b', got list"),
    "no parameter": (lambda net: net.register_parameter("p", ones(2)), TypeError, "a Parameter or None as 'p', got"),
    "no module": (lambda net: net.add_module("m", Linear), TypeError, "write its brackets"),
    "no text": (lambda net: net.register_buffer(1, ones(1)), TypeError, "the name of a buffer as text, got 1"),
    "a taken name": (lambda net: net.register_buffer("inner", ones(1)), KeyError, "not taken, got 'inner'"),
    "a dot": (lambda net: net.register_module("a.b", ReLU()), KeyError, "without a dot"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_registered_is_refused(case):
    net = Module()
    net.inner = Linear(1, 1)
    net.register_buffer("mean", ones(1))
    register, error, message = REFUSED[case]

    with pytest.raises(error, match=message):
        register(net)


# Paths.


def test_parts_are_found_by_their_path():
    net = Sequential(Scaled(), ReLU())
    net.register_buffer("mean", ones(1))

    assert net.get_submodule("0.inner") is net[0].inner
    assert net.get_submodule("") is net
    assert net.get_parameter("0.inner.weight") is net[0].inner.weight
    assert net.get_buffer("mean") is net.mean
    net.set_submodule("0.inner", Linear(2, 5))
    assert net[0].inner.out_features == 5


@pytest.mark.parametrize(
    ("find", "message"),
    [
        (lambda net: net.get_submodule("0.x"), "Scaled has no module 'x', looked for as '0.x'"),
        (lambda net: net.get_parameter("0.x"), "Scaled has no parameter 'x', looked for as '0.x'"),
        (lambda net: net.get_buffer("0.scale"), "Scaled has no buffer 'scale'"),
        (lambda net: net.set_submodule("0.x", ReLU(), strict=True), "Scaled has no module 'x'"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(find, message):
    with pytest.raises(AttributeError, match=message):
        find(Sequential(Scaled()))


def test_apply_visits_the_modules_inside_first():
    order = []
    net = Sequential(Scaled(), ReLU())

    assert net.apply(lambda module: order.append(type(module).__name__)) is net
    assert order == ["Linear", "Scaled", "ReLU", "Sequential"]


def test_an_overwritten_train_is_called_for_modules_inside():
    class Frozen(Linear):
        def train(self, mode=True):
            return super().train(False)

    net = Sequential(Frozen(1, 1), Linear(1, 1)).train()

    assert [part.training for part in net] == [False, True]


# Dtypes of buffers, and shared memory.


def test_buffers_of_floats_change_their_dtype_and_whole_numbers_do_not():
    net = Module()
    net.register_buffer("mean", ones(2))
    net.register_buffer("count", tensor(3))

    net.half()
    assert (net.mean.dtype, net.count.dtype) == (np.float16, np.int64)
    net.type("torch.DoubleTensor")
    assert (net.mean.dtype, net.count.dtype) == (np.float64, np.float64)


def test_cuda_is_refused_and_the_cpu_accepted():
    net = Linear(1, 1)

    assert net.to("cpu") is net.cpu() is net
    with pytest.raises(ValueError, match="computes on the CPU only"):
        net.cuda()


def test_a_process_started_by_fork_writes_into_shared_parameters():
    net = Linear(1, 1).share_memory()

    worker = multiprocessing.get_context("fork").Process(target=net.weight.data.fill_, args=(5,))
    worker.start()
    worker.join()

    assert net.weight.is_shared()
    assert not ones(1).is_shared()
    assert net.weight.tolist() == [[5]]


# What parameters() does not find.


def test_layers_in_a_plain_list_are_not_found_and_that_is_said():
    class Net(Module):
        def __init__(self):
            super().__init__()
            self.layers = [Linear(2, 2), Linear(2, 2)]

    with pytest.warns(UnregisteredWarning, match=r"net.0.layers is a list with modules, .* nn.ModuleList"):
        assert list(Sequential(Net()).parameters()) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((Parameter([1.0]),), r"net.x is a tuple with parameters, .* nn.ParameterList"),
        ({"a": [ReLU()]}, r"net.x is a dict with modules, .* nn.ModuleDict"),
        (
            tensor([1.0], requires_grad=True),
            r"net.x is a tensor that requires a gradient .* nn.Parameter",
        ),
    ],
)
def test_what_no_optimizer_would_find_is_named(value, message):
    net = Module()
    net.x = value

    with pytest.warns(UnregisteredWarning, match=message):
        net.parameters()


def test_a_list_of_registered_layers_and_a_computed_tensor_are_no_mistake():
    net = Module()
    net.layers = [Linear(1, 1)]
    net.add_module("first", net.layers[0])
    net.hidden = net.first(ones(1))

    assert len(list(net.parameters())) == 2
