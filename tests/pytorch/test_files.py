"""Checkpoints that PyTorch writes are read here, and safetensors files go both ways."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu import nn

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")


def through(x, **options):
    """What is read here of what PyTorch wrote."""
    memory = io.BytesIO()
    torch.save(x, memory, **options)
    memory.seek(0)
    return tinygrad_edu.load(memory)


def assert_same(ours, theirs):
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, tinygrad_edu.Tensor)
        wide = theirs.float() if theirs.dtype == torch.bfloat16 else theirs
        assert str(ours.dtype) == str(wide.dtype).removeprefix("torch.")
        assert ours.requires_grad == theirs.requires_grad
        np.testing.assert_array_equal(ours.detach().numpy(), wide.detach().numpy())
    elif isinstance(theirs, dict):
        assert type(ours) is type(theirs)
        assert list(ours) == list(theirs)
        for key, value in theirs.items():
            assert_same(ours[key], value)
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b)
    else:
        assert ours == theirs


DTYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "uint16",
    "bool",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("protocol", [2, 4])
def test_tensors_of_every_dtype(dtype, protocol):
    kind = getattr(torch, dtype)
    x = torch.tensor([[0.0, 1.0, 2.5], [100.0, 3.0, 7.0]]).to(kind)

    assert_same(through([x, x[0, 0], x[:0]], pickle_protocol=protocol), [x, x[0, 0], x[:0]])


def test_bfloat16_keeps_its_numbers():
    x = torch.randn(100).to(torch.bfloat16)
    x[:4] = torch.tensor([float("inf"), -float("inf"), 0.0, 1e-40])

    assert_same(through(x), x)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[1:, ::2],
        lambda x: x[2],
        lambda x: x.permute(1, 0),
        lambda x: x[:1].expand(3, 6),
        lambda x: x.flatten()[5:].as_strided((3, 2), (3, 5)),
        lambda x: x.diagonal(),
        lambda x: x.unfold(1, 3, 1),
    ],
)
def test_views_of_every_kind(view):
    x = view(torch.arange(24.0).reshape(4, 6))

    assert_same(through(x), x)


def test_tensors_that_share_their_numbers():
    base = torch.arange(12.0)
    x = {"all": base, "part": base[3:7], "matrix": base.reshape(3, 4).T}

    ours = through(x)

    assert_same(ours, x)
    ours["all"][3] = 50
    assert ours["part"][0] == ours["matrix"][3, 0] == 50


def test_a_change_of_shared_numbers_is_noticed_by_a_graph():
    base = torch.arange(4.0)
    ours = through({"a": base, "b": base[:2]})
    w = tinygrad_edu.ones(4, requires_grad=True, dtype=np.float32)
    loss = (w * ours["a"]).sum()

    ours["b"].mul_(2)

    with pytest.raises(RuntimeError):
        loss.backward()


def test_parameters_and_gradients():
    x = {
        "p": torch.nn.Parameter(torch.ones(2)),
        "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False),
        "leaf": torch.ones(2, requires_grad=True),
        "computed": torch.ones(2, requires_grad=True) * 2,
    }

    ours = through(x)

    assert_same(ours, x)
    assert [type(ours[name]) for name in x] == [
        nn.Parameter,
        nn.Parameter,
        tinygrad_edu.Tensor,
        tinygrad_edu.Tensor,
    ]
    assert ours["computed"].is_leaf


def test_a_tensor_with_attributes_is_read_without_them():
    x = torch.ones(2)
    x.note = "mine"
    p = torch.nn.Parameter(torch.zeros(2))
    p.note = "mine"

    assert_same(through([x, p]), [x, p])


def test_nested_checkpoints_with_plain_values():
    x = {
        "epoch": 3,
        "loss": 0.25,
        "name": "näme",
        "none": None,
        "flags": [True, False],
        "big": -(2**80),
        "bytes": b"\x00\xff",
        "set": {1, 2},
        "complex": 1 + 2j,
        "size": (2, 3),
        1: (torch.ones(1), [torch.zeros(2)]),
        "ordered": OrderedDict(b=torch.ones(1), a=1),
        "best": np.float64(0.5),
        "count": np.int64(7),
    }

    ours = through(x)

    assert_same(ours, x)
    assert tuple(through(torch.Size([2, 3]))) == (2, 3)
    assert through(torch.float32) == np.float32
    assert through(torch.device("cuda:1")) == tinygrad_edu.device("cuda:1")


@pytest.mark.parametrize(
    "make",
    [
        lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9),
        torch.optim.Adam,
        lambda params: torch.optim.AdamW(params, amsgrad=True),
        torch.optim.Adagrad,
        torch.optim.LBFGS,
    ],
)
def test_states_of_optimizers(make):
    net = torch.nn.Linear(3, 2)
    optimizer = make(net.parameters())
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)

    def loss():
        optimizer.zero_grad()
        value = net(torch.ones(1, 3)).square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    scheduler.step()
    x = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}

    assert_same(through(x), x)


def test_a_network_with_names_as_torchvision_has_them():
    block = torch.nn.Sequential(
        OrderedDict(
            conv1=torch.nn.Conv2d(3, 4, 3, bias=False), bn1=torch.nn.BatchNorm2d(4), relu=torch.nn.ReLU()
        )
    )
    net = torch.nn.ModuleDict({"layer1": torch.nn.ModuleList([block, block]), "fc": torch.nn.Linear(4, 2)})

    state = net.state_dict()

    assert "layer1.0.bn1.num_batches_tracked" in state
    assert_same(through(state), state)


def test_outputs_are_equal(tmp_path):
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).double()
    ours = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2))
    file = tmp_path / "model.pth"
    torch.save(theirs.state_dict(), file)

    ours.load_state_dict(tinygrad_edu.load(file))

    x = np.random.default_rng(0).random((4, 5))
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(
        ours(tinygrad_edu.tensor(x)).detach().numpy(), expected, rtol=1e-12, atol=1e-14
    )


def test_a_whole_model_is_refused_by_its_name():
    memory = io.BytesIO()
    torch.save(torch.nn.Linear(2, 3), memory)
    memory.seek(0)

    with pytest.raises(
        pickle.UnpicklingError, match=r"asks for torch.nn.modules.linear.Linear; with PyTorch, load it"
    ):
        tinygrad_edu.load(memory, weights_only=False)


def test_the_format_before_1_6_is_refused_with_advice():
    memory = io.BytesIO()
    torch.save({"x": torch.ones(1)}, memory, _use_new_zipfile_serialization=False)
    memory.seek(0)

    with pytest.raises(
        ValueError, match=r"written by PyTorch in its format before 1.6; with PyTorch, load it and save"
    ):
        tinygrad_edu.load(memory)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*Sparse:UserWarning")
@pytest.mark.parametrize("x", [torch.ones(2, dtype=torch.complex64), torch.ones(2, 2).to_sparse()])
def test_other_kinds_of_tensors_are_refused_by_name(x):
    memory = io.BytesIO()
    torch.save(x, memory)
    memory.seek(0)

    with pytest.raises(
        pickle.UnpicklingError, match=r"it asks for torch\.(ComplexFloatStorage|_utils._rebuild_sparse)"
    ):
        tinygrad_edu.load(memory)


def test_a_file_that_is_cut_off_or_changed_is_refused():
    memory = io.BytesIO()
    torch.save({"x": torch.arange(6.0), "y": [1, 2]}, memory)
    data = memory.getvalue()

    for end in range(0, len(data), 7):
        with pytest.raises(ValueError, match="load needs a whole checkpoint"):
            tinygrad_edu.load(io.BytesIO(data[:end]))
    for i in range(len(data)):
        changed = bytearray(data)
        changed[i] ^= 1 << (i % 8)
        try:
            found = tinygrad_edu.load(io.BytesIO(bytes(changed)))
        except (ValueError, pickle.UnpicklingError):
            continue
        assert (found["x"].tolist(), found["y"]) == ([0, 1, 2, 3, 4, 5], [1, 2])


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype not in ("bfloat16", "uint16")])
def test_safetensors_files_go_both_ways(tmp_path, dtype):
    library = pytest.importorskip("safetensors.torch", reason="the extra io is not installed")
    theirs = {"a.weight": torch.arange(6).reshape(2, 3).to(getattr(torch, dtype)), "b": torch.ones(1)}
    library.save_file(theirs, tmp_path / "theirs.safetensors")

    ours = tinygrad_edu.load(tmp_path / "theirs.safetensors")
    tinygrad_edu.save({name: x.movedim(0, -1) for name, x in ours.items()}, tmp_path / "ours.safetensors")

    assert_same({name: ours[name] for name in theirs}, theirs)
    back = library.load_file(tmp_path / "ours.safetensors")
    for name, x in theirs.items():
        assert torch.equal(back[name], x.movedim(0, -1))
        assert back[name].dtype == x.dtype


def test_bfloat16_of_safetensors_becomes_float32(tmp_path):
    library = pytest.importorskip("safetensors.torch", reason="the extra io is not installed")
    theirs = {"x": torch.randn(9).to(torch.bfloat16)}
    library.save_file(theirs, tmp_path / "x.safetensors")

    assert_same(tinygrad_edu.load(tmp_path / "x.safetensors"), theirs)
