"""Which exercise a notebook's cell checks."""

from __future__ import annotations

from grader.check_cells import exercise_checked

__all__ = ["exercise_checked"]
