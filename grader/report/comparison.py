"""What changed since an earlier report: a check was repaired, say, and the class graded again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.report.collect import AssignmentReport

_FORMAT: Final = 1
_ROUNDING: Final = 0.005
"""Points: scores are rounded to a hundredth."""


@dataclass(frozen=True)
class Change:
    """What changed for one student.

    Attributes:
        student: who.
        before, after: the total; None where there was, or is, none.
        exercises: the points of each exercise that changed, before and after.
    """

    student: str
    before: float | None
    after: float | None
    exercises: Mapping[str, tuple[float | None, float | None]]

    @property
    def gain(self) -> float:
        """The points gained; negative where some were lost."""
        return (self.after or 0.0) - (self.before or 0.0)


def read_report(path: Path, assignment: str) -> dict[str, Any]:
    """An earlier report, as ``grader report --json`` wrote it.

    Raises:
        ValueError: it is none, of another assignment, or without names.
        OSError: it cannot be read.
    """
    try:
        found = json.loads(path.read_bytes())
        students = {str(item["student"]): dict(item) for item in found["students"]}
        of, is_anonymous = str(found["assignment"]), bool(found["anonymous"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(f"{path} is no report of `grader report --json`") from None
    if found.get("format") != _FORMAT or is_anonymous or of != assignment:
        reason = "without names" if is_anonymous else f"of {of!r}" if of != assignment else "of another version"
        raise ValueError(f"{path} is a report {reason}")
    return students


def changes_since(earlier: Mapping[str, Mapping[str, Any]], report: AssignmentReport) -> list[Change]:
    """Whose points are others than in the earlier report, who lost most first.

    Args:
        earlier: `read_report`'s.
        report: today's, with names.
    """
    columns = report.columns
    found = []
    for student in report.students:
        then = earlier.get(student.student, {})
        before = {str(name): value for name, value in dict(then.get("points", {})).items()}
        after = {columns[cell]: score for cell, score in student.scores.items()}
        exercises = {
            name: (before.get(name), after.get(name))
            for name in (*columns.values(), *(name for name in before if name not in columns.values()))
            if _differ(before.get(name), after.get(name))
        }
        total = then.get("score") if before else None
        now = student.score if after else None
        if exercises or _differ(total, now):
            found.append(Change(student.student, total, now, exercises))
    return sorted(found, key=lambda change: (change.gain, change.student))


def _differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(before - after) > _ROUNDING
