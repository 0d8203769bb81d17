"""The stubs say what the registry makes."""

from __future__ import annotations

import pytest

from tests.stubs import PACKAGE, annotation, stubs

STUBS = stubs()


@pytest.mark.parametrize("file", STUBS, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_stubs_are_those_of_today(file):
    assert file.read_text("utf-8") == STUBS[file], "run: python tests/stubs.py"


def test_annotations_are_words_that_a_stub_knows():
    assert annotation("Data", "x") == "_Tensor"
    assert annotation("int | Sequence[int] | None", "x") == "_builtins.int | _Sequence[_builtins.int] | None"
    assert annotation("Unheard", "x") == "_Any"
