from __future__ import annotations

import pickle
from copy import deepcopy

import pytest

import tinygrad_edu as torch
from tinygrad_edu.hints.missing_names import missing, pytorch_names

X = torch.tensor([1.0])


@pytest.mark.parametrize(
    ("place", "name", "message"),
    [
        (torch.linalg, "eig", "eigenvalues may be complex, .* use linalg.eigh for symmetric matrices"),
        (torch, "explode", "module 'tinygrad_edu' has no attribute 'explode'$"),
        (torch, "softmx", "has no attribute 'softmx'; the nearest: softmax, "),
        (torch, "stft", "has no attribute 'stft': torch.stft is PyTorch's and not here"),
        (torch, "fft_irfft2", "'fft_irfft2': torch.fft.irfft2 is PyTorch's and not here"),
        (torch, "Adagrad", "'Adagrad': torch.optim.Adagrad is PyTorch's and not here"),
        (
            torch.linalg,
            "ldl_solve",
            "module 'tinygrad_edu.linalg' has no .*: torch.linalg.ldl_solve is PyTorch's",
        ),
        (torch.special, "airy_ai", "torch.special.airy_ai is PyTorch's and not here"),
        (torch.nn, "Linaer", "module 'tinygrad_edu.nn' has no attribute 'Linaer'; the nearest: Linear"),
        (torch.nn.functional, "ctc_loss", "torch.nn.functional.ctc_loss is PyTorch's and not here"),
        (
            torch.optim,
            "SparseAdam",
            "has no attribute 'SparseAdam'; all gradients are dense here: use optim.Adam",
        ),
        (
            X,
            "to_mkldnn",
            "a Tensor has no attribute 'to_mkldnn': torch.Tensor.to_mkldnn is PyTorch's and not here",
        ),
    ],
)
def test_a_name_that_is_not_there_gets_its_nearest_and_its_origin(place, name, message):
    with pytest.raises(AttributeError, match=message) as raised:
        getattr(place, name)

    assert raised.value.name == name


def test_private_names_get_no_remark():
    assert str(missing("Tensor", "_reshap", ["reshape"])) == "a Tensor has no attribute '_reshap'"


def test_questions_for_attributes_are_answered():
    assert not hasattr(X, "to_mkldnn")
    assert "to_mkldnn" not in dir(X)
    assert getattr(X, "_nothing", None) is None
    assert deepcopy(X).tolist() == pickle.loads(pickle.dumps(X)).tolist() == [1.0]


def test_names_of_pytorch_are_sorted_by_module():
    names = pytorch_names()

    assert {"torch", "torch.Tensor", "torch.nn.functional", "torch.linalg"} <= names.keys()
    assert all(each == sorted(each) for each in names.values())
