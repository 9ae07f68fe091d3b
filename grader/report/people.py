"""Whom a report is of: a group of a class, and a class without names."""

from __future__ import annotations

import csv
import io
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from grader.command_line import ids_in
from grader.kit.messages import tr
from grader.report.collect import AssignmentReport, StudentReport

_ID_COLUMNS: Final = ("student", "student_id", "id", "nbgrader", "nbgrader_id")
"""What a column of nbgrader's ids may be called."""


def students_in(text: str) -> tuple[str, ...]:
    """The ids of a group: ``ada,bruno``, or a file with one a line or as CSV with a column ``student``.

    Raises:
        ValueError: there is none in it, or a file is no text.
        OSError: a file cannot be read.
    """
    path = Path(text)
    if os.path.isfile(path):  # noqa: PTH113 - a long list is no path, which `Path.is_file` does not take well
        rows = [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")) if row]
        titles = [title.strip().lower() for title in rows[0]] if rows else []
        column = next((titles.index(name) for name in _ID_COLUMNS if name in titles), None)
        if column is not None:
            rows = rows[1:]
        found = [row[column or 0].strip() for row in rows if len(row) > (column or 0)]
    else:
        found = ids_in(text)
    ids = tuple(dict.fromkeys(name for name in found if name))
    if not ids:
        raise ValueError(str(tr("there is no student in {text}", text=repr(text))))
    return ids


def without_names(report: AssignmentReport) -> tuple[AssignmentReport, dict[str, str]]:
    """The report with a number in place of every name, drawn at random, and each student's by id."""
    order = list(report.students)
    random.SystemRandom().shuffle(order)
    width = len(str(len(order)))
    aliases = {
        student.student: str(tr("Student {number}", number=f"{number:0{width}}"))
        for number, student in enumerate(order, 1)
    }
    names = {student.student: student.name for student in report.students}
    veil, veil_results = _veil(aliases, names, 2), _veil(aliases, names, 5)
    hidden = [_anonymous(student, aliases, veil, veil_results) for student in order]
    students = tuple(sorted(hidden, key=lambda one: one.student))
    return replace(report, students=students, notices=tuple(map(veil, report.notices))), aliases


def _anonymous(
    student: StudentReport,
    aliases: Mapping[str, str],
    veil: Callable[[str], str],
    veil_results: Callable[[str], str],
) -> StudentReport:
    exercises = {
        cell: replace(
            exercise,
            checks=tuple(
                replace(
                    check,
                    problem=veil_results(check.problem),
                    actual=veil_results(check.actual),
                    called=veil_results(check.called),
                )
                for check in exercise.checks
            ),
        )
        for cell, exercise in student.exercises.items()
    }
    return replace(
        student,
        student=aliases[student.student],
        name="",
        notices=tuple(map(veil, student.notices)),
        exercises=exercises,
        timestamp=None,
        pages={},
    )


def _veil(aliases: Mapping[str, str], names: Mapping[str, str], shortest: int) -> Callable[[str], str]:
    """Replaces what names a student of the class in a text, such as a path; a short id may be any word or number."""
    hidden = {
        text: aliases[student] for student, name in names.items() for text in (student, name) if len(text) >= shortest
    }
    if not hidden:
        return lambda text: text
    longest_first = sorted(hidden, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return lambda text: pattern.sub(lambda match: hidden[match[0]], text)
