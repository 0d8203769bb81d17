"""Which mistake was made in a gradient derived by hand."""

from __future__ import annotations

from tinygrad_edu.diagnosis.diagnosing import diagnose
from tinygrad_edu.diagnosis.diagnosis import Diagnosis
from tinygrad_edu.diagnosis.suspects import Suspects

__all__ = ["Diagnosis", "Suspects", "diagnose"]
