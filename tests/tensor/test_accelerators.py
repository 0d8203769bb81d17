"""Words for accelerators, compilers, processes and mixed precision: a program that mentions them goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tinygrad_edu as torch
from tinygrad_edu import nn


def test_an_accelerator_that_is_not_there_answers_as_on_a_computer_without():
    for name in ("cuda", "mps", "xpu", "accelerator"):
        assert getattr(torch, name).is_available() is False
        assert getattr(torch, name).device_count() == 0
    assert torch.cuda.memory_allocated() == torch.cuda.max_memory_allocated("cuda:0") == 0
    assert torch.cuda.is_bf16_supported() is False
    assert torch.accelerator.current_accelerator() is None
    assert torch.version.cuda is None


@pytest.mark.parametrize("name", ["synchronize", "set_device", "Event", "get_device_name", "FloatTensor"])
def test_what_would_use_an_accelerator_can_be_mentioned_and_not_called(name):
    function = getattr(torch.cuda, name)

    with pytest.raises(RuntimeError, match=rf"torch\.cuda\.{name} needs an accelerator"):
        function(1)


def test_switches_of_libraries_may_be_set():
    before = torch.backends.cudnn.benchmark

    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = True

    assert torch.backends.cudnn.benchmark is True
    assert torch.backends.cudnn.is_available() is False
    torch.backends.cudnn.benchmark, torch.backends.cuda.matmul.allow_tf32 = before, False


def test_a_word_that_is_not_there_is_an_attribute_error_with_the_nearest():
    with pytest.raises(
        AttributeError, match=r"'tinygrad_edu\.cuda' has no attribute 'is_avialable'.*is_available"
    ):
        torch.cuda.is_avialable()


def test_precision_of_products_is_remembered():
    torch.set_float32_matmul_precision("high")

    assert torch.get_float32_matmul_precision() == "high"
    with pytest.raises(ValueError, match="needs one of highest, high, medium, got 'low'"):
        torch.set_float32_matmul_precision("low")
    torch.set_float32_matmul_precision("highest")


def test_autocast_keeps_every_dtype_as_a_block_and_as_a_decorator():
    @torch.autocast("cuda", dtype=torch.float16)
    def double(x):
        return x * 2

    with torch.amp.autocast(device_type="cpu", dtype=torch.bfloat16), torch.cuda.amp.autocast(enabled=False):
        assert not torch.is_autocast_enabled()
        assert double(torch.ones(2)).dtype == torch.get_default_dtype()
    with pytest.raises(ValueError, match="device needs one of"):
        torch.autocast("gpu")


def test_a_scaler_steps_as_the_optimizer_does():
    W = torch.tensor([1.0], requires_grad=True)
    optimizer = torch.optim.SGD([W], lr=0.5)
    scaler = torch.amp.GradScaler("cuda", enabled=True)

    scaler.scale((W * 2).sum()).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()

    assert W.tolist() == [0.0]
    assert (scaler.get_scale(), scaler.is_enabled(), scaler.state_dict()) == (1.0, False, {})


def test_a_compiled_module_is_the_module():
    layer = nn.Linear(2, 1)

    assert torch.compile(layer, mode="max-autotune") is layer
    assert torch.compile(fullgraph=True)(layer) is layer
    assert torch.jit.script(layer) is torch.jit.trace(layer, torch.ones(2)) is layer
    assert torch.compiler.disable()(layer) is torch.compiler.disable(layer) is layer
    with pytest.raises(TypeError, match="compile needs a function or a module, got int"):
        torch.compile(3)
    with pytest.raises(RuntimeError, match=r"torch\.jit\.save needs PyTorch's own format"):
        torch.jit.save(layer, "file")


def test_several_computers_are_not_available():
    assert not torch.distributed.is_available()
    assert not torch.distributed.is_initialized()
    with pytest.raises(RuntimeError, match=r"torch\.distributed\.init_process_group needs several computers"):
        torch.distributed.init_process_group("nccl")


def test_processes_are_those_of_python():
    code = """
import tinygrad_edu as torch
def work(i, x):
    if i == 1 and x == 3: raise SystemExit(5)
if __name__ == "__main__":
    torch.multiprocessing.spawn(work, (2,), nprocs=2, start_method="fork")
    try: torch.multiprocessing.spawn(work, (3,), nprocs=2, start_method="fork")
    except RuntimeError as error: print(error)
    with torch.multiprocessing.get_context("fork").Pool(1) as pool: print(pool.map(abs, [-1]))
"""

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout == (
        "spawn needs processes that end well: number 1 ended with exit code 5; its error is printed above\n[1]\n"
    )
