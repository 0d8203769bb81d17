"""Devices, layouts and orders of memory as words."""

from __future__ import annotations

import pytest

import tinygrad_edu as te
from tinygrad_edu import device, nn, tensor


def test_devices_are_compared_by_name():
    assert device("cuda:1") == device("cuda", 1) != device("cuda")
    assert len({device("cpu"), device(device("cpu")), tensor(1.0).device}) == 1
    assert device("cpu") != "cpu"
    assert (device("cuda:1").type, device("cuda:1").index, device("cpu").index) == ("cuda", 1, None)
    assert (str(device("cuda:1")), repr(device("cuda:1"))) == ("cuda:1", "device(type='cuda', index=1)")
    assert repr(device("cpu")) == "device(type='cpu')"


@pytest.mark.parametrize("name", ["gpu", "cuda:x", 3])
def test_what_names_no_device_is_refused(name):
    with pytest.raises(ValueError, match=f"device needs one of cpu, cuda, .* as in cuda:0, got {name!r}"):
        device(name)
    with pytest.raises(ValueError, match="with a number as in cuda:0"):
        device("cuda:1", 2)


def test_a_program_that_asks_for_a_gpu_goes_on_without():
    name = "cuda" if te.cuda.is_available() else "mps" if te.backends.mps.is_available() else "cpu"
    te.cuda.manual_seed(0)
    te.cuda.manual_seed_all(0)
    te.cuda.empty_cache()
    te.backends.cudnn.benchmark = False
    te.set_default_device(name)
    x = tensor([1.0], device=name)

    assert (te.cuda.device_count(), te.accelerator.is_available(), te.accelerator.current_accelerator()) == (
        0,
        False,
        None,
    )
    assert x.to(name) is x
    assert x.cpu() is x
    assert te.get_default_device() == x.device == device("cpu")
    assert (x.is_cuda, x.is_cpu, x.is_sparse, x.layout, x.get_device()) == (
        False,
        True,
        False,
        te.strided,
        -1,
    )


def test_other_functions_of_a_gpu_are_not_there():
    with pytest.raises(
        RuntimeError,
        match=r"torch\.cuda\.synchronize needs an accelerator, and tinygrad_edu computes on the CPU only",
    ):
        te.cuda.synchronize()


def test_a_module_goes_to_the_cpu_and_to_a_dtype():
    layer = nn.Linear(2, 1)

    assert layer.to("cpu", non_blocking=True).weight.dtype == te.float64
    assert layer.cpu() is layer
    assert layer.to(device("cpu"), te.float32).weight.dtype == te.float32
    assert layer.to(dtype=te.float64).weight.dtype == te.float64
    with pytest.raises(ValueError, match="to computes on the CPU only, got device 'cuda'"):
        layer.to("cuda")


def test_tensor_takes_a_device():
    with pytest.raises(ValueError, match="tensor computes on the CPU only, got device 'cuda'"):
        tensor([1.0], device="cuda")
    with pytest.raises(ValueError, match="needs no pin_memory"):
        tensor([1.0], pin_memory=True)


def test_words_for_what_is_not_there_can_be_mentioned():
    table = {te.float32: 4, te.bfloat16: 2, te.complex64: 8}

    assert tensor(1.0).dtype not in {te.bfloat16, te.cfloat}
    assert table[tensor(1.0).float().dtype] == 4
    assert repr(te.bfloat16) == "torch.bfloat16"
    assert repr(te.contiguous_format) == "torch.contiguous_format"


def test_memory_is_numpys():
    x = te.zeros(4, 3)

    assert x.data_ptr() == x[0].data_ptr() != x[1].data_ptr()
    assert (x.itemsize, x.element_size(), x.float().element_size()) == (8, 8, 4)
    with pytest.raises(AttributeError, match=r"the numbers as they lie in memory are x\.storage\(\)"):
        x.untyped_storage()


def test_a_storage_has_the_numbers_as_they_lie_in_memory():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    assert x.storage().tolist() == x.T.storage().tolist() == x[1].storage().tolist() == [1, 2, 3, 4]
    assert tensor([1.0, 2.0]).expand(3, 2).storage().tolist() == [1, 2]


def test_the_storage_is_the_memory_of_the_whole():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    assert x[1].storage().tolist() == [1, 2, 3, 4]
    assert x.T.storage().tolist() == [1, 2, 3, 4]
