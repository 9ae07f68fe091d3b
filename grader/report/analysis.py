"""Everything that a report says of a class, worked out once for all the forms that it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from grader.report.attempts import Attempt
from grader.report.collect import AssignmentReport, StudentReport
from grader.report.comparison import Change
from grader.report.gradebook import Cell
from grader.report.mistakes import ClassMistake, mistakes_of
from grader.report.statistics import (
    CheckSummary,
    ClassSummary,
    ExerciseSummary,
    summarise,
    summarise_exercises,
    telltale_checks,
)
from grader.report.waiting import Waiting, waiting_in

FORMAT: Final = 1
FORMGRADER: Final = "http://localhost:8888/formgrader"
"""Where formgrader is on the machine of somebody who types ``jupyter lab``."""


@dataclass(frozen=True)
class Analysis:
    """A report and what follows from it.

    Attributes:
        report: each student's.
        summary: the class.
        exercises: each cell.
        mistakes: of the class.
        telltales: checks that everybody failed, or passed.
        waiting: what waits for a person.
        attempts: of the students who have several; None where there is nothing that could have them.
        changes: since an earlier report; None without one.
        is_anonymous: whether names are left out.
    """

    report: AssignmentReport
    summary: ClassSummary
    exercises: tuple[ExerciseSummary, ...]
    mistakes: tuple[ClassMistake, ...]
    telltales: tuple[CheckSummary, ...]
    waiting: tuple[Waiting, ...]
    attempts: Mapping[str, tuple[Attempt, ...]] | None
    changes: tuple[Change, ...] | None = None
    is_anonymous: bool = False


def analyse(
    report: AssignmentReport,
    attempts: Mapping[str, tuple[Attempt, ...]] | None = None,
    changes: Sequence[Change] | None = None,
    *,
    formgrader: str = FORMGRADER,
    is_anonymous: bool = False,
) -> Analysis:
    """Works out what a report says.

    Args:
        report: with names or without.
        attempts: by student, with the same names.
        changes: since an earlier report, with the same names.
        formgrader: its address.
        is_anonymous: whether the names in the report are none.
    """
    return Analysis(
        report,
        summarise(report),
        tuple(summarise_exercises(report)),
        tuple(mistakes_of(report, is_anonymous=is_anonymous)),
        tuple(telltale_checks(report)),
        tuple(waiting_in(report, formgrader, is_anonymous=is_anonymous)),
        attempts,
        tuple(changes) if changes is not None else None,
        is_anonymous,
    )


def to_json(analysis: Analysis) -> dict[str, Any]:
    """All of it as JSON: points as numbers, shares from 0 to 1, times in seconds, dates in UTC."""
    report = analysis.report
    columns = report.columns
    found = {
        "format": FORMAT,
        "assignment": report.assignment,
        "course": report.course,
        "due": report.due,
        "max_score": report.max_score,
        "anonymous": analysis.is_anonymous,
        "notices": report.notices,
        "class": asdict(analysis.summary) | {"handed_in": analysis.summary.handed_in},
        "exercises": [_of_cell(item, columns) for item in analysis.exercises],
        "mistakes": [_of_cell(item, columns) | {"count": len(item.students)} for item in analysis.mistakes],
        "telltale_checks": [_of_cell(item, columns) for item in analysis.telltales],
        "waiting": [_of_cell(item, columns) for item in analysis.waiting],
        "attempts": None
        if analysis.attempts is None
        else {student: [asdict(attempt) for attempt in tries] for student, tries in analysis.attempts.items()},
        "changes": None
        if analysis.changes is None
        else [asdict(change) | {"gain": change.gain} for change in analysis.changes],
        "students": [_student(student, columns) for student in report.students],
    }
    return {key: _plain(value) for key, value in found.items()}


def _of_cell(item: Any, columns: Mapping[Cell, str]) -> dict[str, Any]:
    values = {name: value for name, value in asdict(item).items() if name != "cell"}
    return {"exercise": columns.get(item.cell) if item.cell is not None else None, **values}


def _student(student: StudentReport, columns: Mapping[Cell, str]) -> dict[str, Any]:
    return {
        "student": student.student,
        "name": student.name,
        "state": student.state,
        "points": {columns[cell]: score for cell, score in student.scores.items()},
        "raw_score": student.raw_score,
        "late_submission_penalty": student.penalty,
        "score": student.score,
        "max_score": student.max_score,
        "extra_credit": student.extra_credit,
        "timestamp": student.timestamp,
        "seconds_late": student.late,
        "extension_seconds": student.extension,
        "verdicts": dict(student.verdicts),
        "by_hand": [columns[cell] for cell in student.by_hand],
        "notices": student.notices,
    }


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6)
    return value
