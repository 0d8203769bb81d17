"""The arrays of a step are made in the memory of the step before."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
import tinygrad_edu

def step():
    arrays = [np.ones(2**18) for _ in range(8)]  # 2 MiB each

for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have other habits")
def test_a_step_gets_no_new_pages_from_the_system():
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 1000  # of 40,000 that it writes
