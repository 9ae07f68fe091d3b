"""A class in numbers: the scores, and how each exercise and each of its checks did."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.checking.results import Verdict
from grader.report.collect import AssignmentReport, State, StudentReport
from grader.report.gradebook import Cell

FEWEST: Final = 3
"""Students below which nothing is said of how they hang together."""


@dataclass(frozen=True)
class ClassSummary:
    """A class's hand-ins and scores.

    Attributes:
        students, graded, ungraded, absent, late, extended, waiting, outdated, unreadable: numbers of students.
        scores: of everyone graded, in points, penalties taken off.
        median, mean: of the scores; None where there are none.
        quartiles: the first and the third.
    """

    students: int
    graded: int
    ungraded: int
    absent: int
    late: int
    extended: int
    waiting: int
    outdated: int
    unreadable: int
    scores: tuple[float, ...]
    median: float | None
    mean: float | None
    quartiles: tuple[float, float] | None

    @property
    def handed_in(self) -> int:
        """How many handed something in."""
        return self.graded + self.ungraded


@dataclass(frozen=True)
class ExerciseSummary:
    """How a class did in one cell.

    Attributes:
        cell: which.
        points: what it is worth.
        graded: how many have points in it.
        difficulty: the mean share of its points, from 0 to 1; a large one is easy. None where nobody has any.
        median: of the points.
        discrimination: correlation of its points with those of all others, from -1 to 1; None where either does not
            vary, or too few have points.
        not_attempted: who left the stub.
        seconds: median time that it took to grade; None where nobody measured it.
        slowest: the longest.
        visible: share of the visible checks that passed, of all who were graded; None where there are none.
        hidden: the same of the hidden ones.
        stopped_at_green: who passed all the visible checks and failed a hidden one.
    """

    cell: Cell
    points: float
    graded: int
    difficulty: float | None
    median: float | None
    discrimination: float | None
    not_attempted: tuple[str, ...]
    seconds: float | None
    slowest: float | None
    visible: float | None
    hidden: float | None
    stopped_at_green: tuple[str, ...]


@dataclass(frozen=True)
class CheckSummary:
    """A check that told nobody from anybody.

    Attributes:
        cell: its exercise.
        name: the check function's.
        title: what it verifies.
        visible: whether students have it.
        attempts: how many it was run on.
        passed: how many passed: all or none.
    """

    cell: Cell
    name: str
    title: str
    visible: bool
    attempts: int
    passed: int


def summarise(report: AssignmentReport) -> ClassSummary:
    """The class at a glance."""
    graded = [student for student in report.students if student.state is State.GRADED]
    scores = tuple(student.score for student in graded)
    states = [student.state for student in report.students]
    quartiles = statistics.quantiles(scores, n=4, method="inclusive") if len(scores) > 1 else None
    return ClassSummary(
        students=len(report.students),
        graded=len(graded),
        ungraded=states.count(State.UNGRADED),
        absent=states.count(State.ABSENT),
        late=sum(bool(student.late) for student in report.students),
        extended=sum(bool(student.extension) for student in report.students),
        waiting=sum(student.needs_manual_grade for student in report.students),
        outdated=sum(student.is_outdated for student in report.students),
        unreadable=sum(
            any(not exercise.is_readable for exercise in student.exercises.values()) for student in report.students
        ),
        scores=scores,
        median=statistics.median(scores) if scores else None,
        mean=statistics.fmean(scores) if scores else None,
        quartiles=(quartiles[0], quartiles[2]) if quartiles else None,
    )


def summarise_exercises(report: AssignmentReport) -> list[ExerciseSummary]:
    """Each graded cell, in the notebooks' order."""
    graded = [student for student in report.students if student.state is State.GRADED]
    return [_exercise(report, cell, points, graded) for cell, points in report.cells.items()]


def _exercise(
    report: AssignmentReport, cell: Cell, points: float, students: Sequence[StudentReport]
) -> ExerciseSummary:
    scores = {one.student: score for one in students if (score := one.scores.get(cell)) is not None}
    rest = [one.raw_score - scores[one.student] for one in students if one.student in scores]
    results = {one.student: one.exercises[cell] for one in students if cell in one.exercises}
    seconds = [result.seconds for result in results.values() if result.seconds is not None]
    checks = [check for result in results.values() for check in result.checks if check.weight]
    return ExerciseSummary(
        cell,
        points,
        len(scores),
        difficulty=statistics.fmean(scores.values()) / points if scores and points else None,
        median=statistics.median(scores.values()) if scores else None,
        discrimination=_correlation(list(scores.values()), rest) if len(report.cells) > 1 else None,
        not_attempted=tuple(name for name, result in results.items() if result.is_readable and not result.attempted),
        seconds=statistics.median(seconds) if seconds else None,
        slowest=max(seconds, default=None),
        visible=_share([check.verdict is Verdict.PASSED for check in checks if check.visible]),
        hidden=_share([check.verdict is Verdict.PASSED for check in checks if not check.visible]),
        stopped_at_green=tuple(name for name, result in results.items() if result.stopped_at_green),
    )


def _share(passed: Sequence[bool]) -> float | None:
    return sum(passed) / len(passed) if passed else None


def _correlation(scores: Sequence[float], rest: Sequence[float]) -> float | None:
    """Pearson's, of an item with the total of the others: what test theory calls corrected item-total correlation."""
    if len(scores) < FEWEST:
        return None
    try:
        return statistics.correlation(scores, rest)
    except statistics.StatisticsError:  # one of them is the same for everybody
        return None


def telltale_checks(report: AssignmentReport) -> list[CheckSummary]:
    """The checks that everybody who tried failed, or passed, where several tried: a sign of a bad check."""
    counts: defaultdict[tuple[Cell, str, bool], list[bool]] = defaultdict(list)
    titles: dict[tuple[Cell, str, bool], str] = {}
    for student in report.students:
        for cell, exercise in student.exercises.items():
            if not exercise.attempted:
                continue
            cases: defaultdict[tuple[str, bool], list[bool]] = defaultdict(list)
            for check in exercise.checks:
                if check.verdict not in (Verdict.GRADER_ERROR, Verdict.NOT_ATTEMPTED):
                    cases[check.name, check.visible].append(check.verdict is Verdict.PASSED)
                    titles.setdefault((cell, check.name, check.visible), check.title)
            for (name, visible), passed in cases.items():
                counts[cell, name, visible].append(all(passed))
    found = [
        CheckSummary(cell, name, titles[cell, name, visible], visible, len(passed), sum(passed))
        for (cell, name, visible), passed in counts.items()
        if len(passed) >= FEWEST and sum(passed) in (0, len(passed))
    ]
    order = list(report.cells)
    return sorted(found, key=lambda check: (check.passed > 0, order.index(check.cell)))
