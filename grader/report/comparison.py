"""What changed since an earlier report: a check was repaired, say, and the class graded again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grader.kit.messages import tr
from grader.report.collect import AssignmentReport

_FORMAT: Final = 1
_ROUNDING: Final = 0.005
"""Points: scores are rounded to a hundredth."""


@dataclass(frozen=True)
class Earlier:
    """A student's marks in an earlier report.

    Attributes:
        points: by the title of the exercise; None for one that had none yet.
        score: the total; None where there was none.
        penalty: what was taken off for handing in late.
    """

    points: Mapping[str, float | None] = field(default_factory=dict)
    score: float | None = None
    penalty: float = 0.0


@dataclass(frozen=True)
class Change:
    """What changed for one student.

    Attributes:
        student: who.
        before, after: the total; None where there was, or is, none.
        exercises: the points of each exercise that changed, before and after.
        penalty: what is taken off for handing in late, before and after; None where it is the same.
    """

    student: str
    before: float | None
    after: float | None
    exercises: Mapping[str, tuple[float | None, float | None]]
    penalty: tuple[float, float] | None = None

    @property
    def steps(self) -> list[tuple[str, float | None, float | None]]:
        """What changed, before and after, in the reader's language: exercises, and the penalty as points lost."""
        found = [(name, before, after) for name, (before, after) in self.exercises.items()]
        if self.penalty is not None:
            before, after = self.penalty
            found.append((str(tr("late penalty")), 0.0 - before, 0.0 - after))
        return found

    @property
    def gain(self) -> float:
        """The points gained; negative where some were lost."""
        return (self.after or 0.0) - (self.before or 0.0)


def read_report(path: Path, assignment: str) -> dict[str, Earlier]:
    """The marks in an earlier report, as ``grader report --json`` wrote it.

    Raises:
        ValueError: it is none, of another assignment, or without names.
        OSError: it cannot be read.
    """
    try:
        found = json.loads(path.read_bytes())
        students = {str(item["student"]): _earlier(item) for item in found["students"]}
        of, is_anonymous = str(found["assignment"]), bool(found["anonymous"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise ValueError(str(tr("{path} is no report of `grader report --json`", path=path))) from None
    if of != assignment:
        raise ValueError(str(tr("{path} is a report of {assignment}", path=path, assignment=repr(of))))
    if is_anonymous:
        raise ValueError(str(tr("{path} is a report without names", path=path)))
    if found.get("format") != _FORMAT:
        raise ValueError(str(tr("{path} is a report of another version", path=path)))
    return students


def _earlier(found: Mapping[str, Any]) -> Earlier:
    points = {str(name): None if value is None else float(value) for name, value in found["points"].items()}
    return Earlier(points, float(found["score"]) if points else None, float(found["late_submission_penalty"]))


def changes_since(earlier: Mapping[str, Earlier], report: AssignmentReport) -> list[Change]:
    """Whose points are others than in the earlier report, who lost most first.

    Args:
        earlier: `read_report`'s.
        report: today's, with names.
    """
    columns = report.columns
    found = []
    for student in report.students:
        then = earlier.get(student.student, Earlier())
        before = then.points
        after = {columns[cell]: score for cell, score in student.scores.items()}
        exercises = {
            name: (before.get(name), after.get(name))
            for name in (*columns.values(), *(name for name in before if name not in columns.values()))
            if _differ(before.get(name), after.get(name))
        }
        now = student.score if after else None
        penalty = (then.penalty, student.penalty) if _differ(then.penalty, student.penalty) else None
        if exercises or penalty or _differ(then.score, now):
            found.append(Change(student.student, then.score, now, exercises, penalty))
    return sorted(found, key=lambda change: (change.gain, change.student))


def _differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(before - after) > _ROUNDING
