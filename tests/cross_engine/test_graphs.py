"""Random programs: every engine computes the same loss and the same gradients. Ten thousand were tried by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.cross_engine.engines import COMPILED, ENGINES, assert_engines_agree, by_values
from tinygrad_edu.testing.strategies import graphs

EXAMPLES = 500
QUICK = {name: ENGINES[name] for name in ENGINES if name in ("Tensors opened to numbers", "PyTorch")}
WRITTEN = {name: ENGINES[name] for name in ENGINES if name not in QUICK}


@pytest.mark.slow
@settings(max_examples=60)
@given(graphs(numbers=True))
def test_programs_on_single_numbers_run_on_values_too(graph):
    assert_engines_agree(graph, {"Values": by_values, **QUICK})


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(graphs())
def test_graphs_opened_to_numbers_and_those_of_pytorch_agree(graph):
    assert_engines_agree(graph, QUICK)


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 5)
@given(graphs())
def test_plans_their_source_and_the_lines_of_the_page_agree(graph):
    assert_engines_agree(graph, WRITTEN)


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 50)
@given(graphs())
def test_compiled_programs_agree(graph):
    assert_engines_agree(graph, COMPILED)
