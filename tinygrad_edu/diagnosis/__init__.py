"""Which mistake was made in a gradient derived by hand."""

from __future__ import annotations

from tinygrad_edu.diagnosis.diagnosing import Suspects, diagnose
from tinygrad_edu.diagnosis.diagnosis import Diagnosis

__all__ = ["Diagnosis", "Suspects", "diagnose"]
