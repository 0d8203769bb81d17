"""Diagnosis of gradients derived by hand: the mistake that was made."""

from __future__ import annotations

from tinygrad_edu.explanation.diagnosis.diagnose import diagnose
from tinygrad_edu.explanation.diagnosis.diagnoser import Suspects
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis

__all__ = ["Diagnosis", "Suspects", "diagnose"]
