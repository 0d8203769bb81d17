"""Lessons that run: plain Python files in cell format, their table, and what a lesson becomes."""

from __future__ import annotations

from tinygrad_edu.lessons.lesson_table import Lesson, lesson, lessons

__all__ = ["Lesson", "lesson", "lessons"]
