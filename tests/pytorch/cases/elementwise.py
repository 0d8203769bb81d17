"""Cases of functions of each number."""

from __future__ import annotations

from tests.pytorch.case import binary, unary

unary("exp sin cos tanh sigmoid neg")
unary("relu abs sign", smooth=False)
unary("log sqrt", low=0.1)
unary("log1p", low=-0.9)
binary("mul logaddexp")
binary("maximum minimum", smooth=False)
binary("eq ne gt ge lt le", derivatives=0)
