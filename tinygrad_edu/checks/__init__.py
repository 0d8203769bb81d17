"""The gradient test: derivative rules against differences, with a verdict in words."""

from __future__ import annotations
