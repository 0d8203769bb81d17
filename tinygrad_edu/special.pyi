# Made by tests/stubs.py: the functions and methods that the registry makes, for type checkers.

import builtins as _builtins
from collections.abc import Callable as _Callable, Sequence as _Sequence
from typing import Any as _Any, Self as _Self

import numpy as _np

from tinygrad_edu.tensor.functions.public import Function as _Function
from tinygrad_edu.tensor.tensor import Tensor as _Tensor

from __future__ import annotations
import typing as _typing
from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES
expit: _Function
