"""The mistakes of a class: what went wrong, how often, with one example and who had it."""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum

from grader.checking.results import Verdict
from grader.report.collect import AssignmentReport
from grader.report.gradebook import Cell
from grader.report.notebooks import Exercise

_NUMBERS = re.compile(r"-?\d[\d.,]*(?:e[+-]?\d+)?", re.IGNORECASE)


class Kind(StrEnum):
    """How a mistake is known."""

    NAMED = "named"
    CHANGED = "changed"
    SHARED = "shared"
    DESCRIBED = "described"


@dataclass(frozen=True)
class ClassMistake:
    """A mistake in one exercise.

    Attributes:
        cell: the exercise.
        kind: *named* by an author; *changed*, a right answer with one change that nobody wrote down; *shared*, which is
            the same behaviour without a name; or just *described* by the first check that failed.
        name: its author's name for it; empty without one.
        title: what it is.
        hint: what may help.
        check: what the check verifies that failed first.
        called, expected, actual: of one example, of nobody in particular.
        students: who had it.
        tried: of how many who attempted the exercise.
        verdict: of the check that failed first.
        command: that gives it a name, from the answer of the first who had it; empty where it has one.
    """

    cell: Cell
    kind: Kind
    name: str
    title: str
    hint: str
    check: str
    called: str
    expected: str
    actual: str
    students: tuple[str, ...]
    tried: int
    verdict: Verdict
    command: str = ""


def mistakes_of(report: AssignmentReport, *, is_anonymous: bool = False) -> list[ClassMistake]:
    """The mistakes by exercise, the most frequent first.

    A student has one in an exercise that was attempted and not passed. Answers that behave in the same way are one
    mistake without a name where two students share them; all others are told apart by what the first check that failed
    says of them, whatever the numbers in that.
    """
    shared = Counter(
        (cell, exercise.observations)
        for student in report.students
        for cell, exercise in student.exercises.items()
        if exercise.observations and exercise.mistake is None and _is_wrong(exercise)
    )
    tried: Counter[Cell] = Counter()
    groups: defaultdict[tuple[Cell, Kind, str], list[tuple[str, Exercise]]] = defaultdict(list)
    for student in report.students:
        for cell, exercise in student.exercises.items():
            tried[cell] += exercise.attempted
            if not _is_wrong(exercise):
                continue
            if exercise.mistake is not None:
                kind = Kind.CHANGED if exercise.mistake.is_change else Kind.NAMED
                key = cell, kind, exercise.mistake.name
            elif shared[cell, exercise.observations] > 1:
                key = cell, Kind.SHARED, exercise.observations
            else:
                key = cell, Kind.DESCRIBED, _description(exercise)
            groups[key].append((student.student, exercise))
    order = list(report.cells)
    found = [_mistake(report, *key, who, tried[key[0]], is_anonymous) for key, who in groups.items()]
    return sorted(found, key=lambda one: (order.index(one.cell), -len(one.students), one.title))


def _is_wrong(exercise: Exercise) -> bool:
    """Whether a student made a mistake in it: not where there was nothing, nor where the grader could not decide."""
    return exercise.attempted and exercise.failure is not None


def _description(exercise: Exercise) -> str:
    failure = exercise.failure
    if failure is None:
        return ""
    return "\n".join((failure.verdict.value, failure.name, _NUMBERS.sub("#", failure.problem)))


def _mistake(
    report: AssignmentReport,
    cell: Cell,
    kind: Kind,
    key: str,
    who: list[tuple[str, Exercise]],
    tried: int,
    is_anonymous: bool,
) -> ClassMistake:
    first = who[0][1]
    failure = first.failure
    example = next((found for _, exercise in who if (found := exercise.example) and found.called), first.example)
    assert failure is not None
    assert example is not None
    title, hint = failure.problem or failure.title, failure.hint
    if first.mistake is not None:
        title, hint = first.mistake.title, first.mistake.hint or hint
    student = "STUDENT" if is_anonymous else shlex.quote(who[0][0])
    command = f"grader new mistake {shlex.quote(report.assignment)} {shlex.quote(first.name)} --from {student}"
    return ClassMistake(
        cell,
        kind,
        key if kind is Kind.NAMED else "",
        title,
        hint,
        failure.title,
        example.called,
        example.expected,
        example.actual,
        tuple(student for student, _ in who),
        tried,
        failure.verdict,
        command if kind in (Kind.SHARED, Kind.CHANGED) else "",
    )
