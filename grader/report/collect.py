"""What became of an assignment: each student's points, results and dates, and the reason where something went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from grader.checking.results import FORMAT
from grader.kit.messages import Message, tr, trn
from grader.report.gradebook import Cell, Grade, GradebookError, Ledger, Person, Submission, read_ledger
from grader.report.notebooks import Autograded, Exercise, read_all

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

_MAX_TIMESTAMP: Final = 1_000
"""Bytes of a file that holds one date."""

_ROUNDING: Final = 0.005
"""Points: scores are rounded to a hundredth."""


class ReportError(Exception):
    """There is nothing to report; says in one line why."""


class State(StrEnum):
    """How far a student's submission is."""

    GRADED = "graded"
    UNGRADED = "ungraded"
    ABSENT = "absent"


@dataclass(frozen=True)
class StudentReport:
    """What the gradebook says of one student, and what the autograded notebooks add.

    Attributes:
        student: nbgrader's id.
        scores: points by cell, extra credit and a person's points included; None for a cell that has none yet.
        raw_score: their sum.
        penalty: what is taken off for handing in late.
        max_score: what could be had in the whole assignment.
        state: how far it is.
        name: the student's, empty where the gradebook has none.
        exercises: what the checks found, by cell.
        notices: what was repaired, or why the notebook could not be opened.
        by_hand: the cells that wait for a person.
        given_by_hand: the cells of which a person gave the points.
        extra_credit: points beside those of the cells, in `raw_score` as well.
        timestamp: when it was handed in, in UTC.
        late: how long after the due date, its extension allowed for.
        extension: what the due date is later for this student.
        is_outdated: whether it was handed in again, and not graded since.
        is_lost: whether a notebook that was graded is not there, or cannot be read.
        pages: formgrader's ids of its notebooks, by name.
    """

    student: str
    scores: Mapping[Cell, float | None]
    raw_score: float
    penalty: float
    max_score: float
    state: State = State.GRADED
    name: str = ""
    exercises: Mapping[Cell, Exercise] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    by_hand: tuple[Cell, ...] = ()
    given_by_hand: frozenset[Cell] = frozenset()
    extra_credit: float = 0.0
    timestamp: datetime | None = None
    late: timedelta = timedelta()
    extension: timedelta | None = None
    is_outdated: bool = False
    is_lost: bool = False
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The total, as nbgrader exports it."""
        return max(0.0, self.raw_score - self.penalty)

    @property
    def needs_manual_grade(self) -> bool:
        """Whether a person has to look."""
        return bool(self.by_hand)

    @property
    def verdicts(self) -> Counter[str]:
        """How many checks came to each verdict."""
        return Counter(check.verdict.value for exercise in self.exercises.values() for check in exercise.checks)


@dataclass(frozen=True)
class AssignmentReport:
    """An assignment's class.

    Attributes:
        assignment: its name.
        cells: the graded cells and tasks of all its notebooks, with their points.
        students: everyone in the gradebook, and whoever handed in and has no grade yet.
        due: the due date, in UTC; None where the gradebook has none.
        notices: what a reader should know before anything else.
        course: the course's id, empty where it has none.
    """

    assignment: str
    cells: Mapping[Cell, float]
    students: tuple[StudentReport, ...]
    due: datetime | None = None
    notices: tuple[str, ...] = ()
    course: str = ""

    @property
    def max_score(self) -> float:
        """The points of all cells together."""
        return sum(self.cells.values())

    @property
    def columns(self) -> dict[Cell, str]:
        """A title for each cell: its name, and its notebook's where two notebooks have cells of that name."""
        names = Counter(name for _, name in self.cells)
        return {cell: cell[1] if names[cell[1]] == 1 else "/".join(cell) for cell in self.cells}


def collect(course: CourseDirectory, assignment: str, students: Collection[str] = ()) -> AssignmentReport:
    """The reports of the class, by student id; only reads.

    Args:
        course: nbgrader's.
        assignment: its name.
        students: of whom to report; of everybody where there are none.

    Raises:
        ReportError: neither the gradebook nor the autograded notebooks know the assignment, or a student is unknown.
    """
    root = Path(course.root)
    handed_in = dict(_folders(course, course.submitted_directory, assignment))
    graded = dict(_folders(course, course.autograded_directory, assignment))
    read: dict[Path, Autograded] = {}
    try:
        ledger = read_ledger(course.db_url, root, course.course_id, assignment)
    except GradebookError as error:
        if not graded:
            asked = tr(
                "{why} Are the assignment and the course the right ones, and is anything graded?", why=error.message
            )
            raise ReportError(str(asked)) from error
        read = read_all([path for folder in graded.values() for path in sorted(folder.glob("*.ipynb"))])
        ledger = _ledger_of(graded, read, error.message)
    known = {*ledger.students, *handed_in, *ledger.submissions}
    unknown = sorted(set(students) - known)
    if unknown:
        raise ReportError(str(tr("The course has no student {names}.", names=", ".join(map(repr, unknown)))))
    chosen = sorted(known.intersection(students) if students else known)
    notebooks = sorted({notebook for notebook, _ in ledger.cells})
    folders = {student: _folder(course, course.autograded_directory, student, assignment) for student in chosen}
    paths = [
        folders[student] / f"{name}.ipynb" for student in chosen if student in ledger.submissions for name in notebooks
    ]
    read = read or read_all(paths)
    results = {(path.stem, exercise.cell) for path, notebook in read.items() for exercise in notebook.exercises}
    reports = [
        _report(
            ledger,
            student,
            handed_in.get(student),
            folders[student],
            {name: read.get(folders[student] / f"{name}.ipynb", Autograded(is_missing=True)) for name in notebooks},
            results,
        )
        for student in chosen
    ]
    notices = [str(notice) for notice in (*ledger.notices, *_about_formats(read.values()))]
    if strangers := sorted(results - ledger.cells.keys()):
        said = tr(
            "The graded notebooks have results for cells that the gradebook does not know, which are left out: {cells}."
            " Is it the gradebook of this course, and of this version of the assignment?",
            cells=", ".join(cell for _, cell in strangers),
        )
        notices.append(str(said))
    if not students and not handed_in and not graded and not ledger.students and not ledger.submissions:
        notices.append(str(tr("Nobody is in this course yet, and nobody handed anything in.")))
    return AssignmentReport(
        assignment,
        ledger.cells,
        tuple(reports),
        ledger.due,
        tuple(notices),
        str(course.course_id),
    )


def _folder(course: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    return Path(course.root, str(course.format_path(step, student, assignment)))


def _folders(course: CourseDirectory, step: str, assignment: str) -> Iterator[tuple[str, Path]]:
    """Who has a folder of the assignment in one of nbgrader's steps."""
    top = Path(course.root) / course.format_path(step, ".", ".")
    for found in sorted(top.iterdir()) if top.is_dir() else []:
        folder = _folder(course, step, found.name, assignment)
        if folder.is_dir():
            yield found.name, folder


def _ledger_of(graded: Mapping[str, Path], read: Mapping[Path, Autograded], why: Message) -> Ledger:
    """The grades as the autograded notebooks have them, where the gradebook has none to tell."""
    cells: dict[Cell, float] = {}
    submissions: dict[str, Submission] = {}
    owners = {folder: student for student, folder in graded.items()}
    for student, folder in graded.items():
        submissions[student] = Submission(_time_in(folder))
    for path, found in read.items():
        for exercise in found.exercises:
            cell = (path.stem, exercise.cell)
            cells[cell] = exercise.points
            waits = bool(exercise.undecided)
            grade = Grade(None if waits else exercise.score, needs_manual_grade=waits)
            submissions[owners[path.parent]].grades[cell] = grade
    said = tr(
        "{why} This report is made from the autograded notebooks alone: what a person gave, penalties and dates"
        " are not in it.",
        why=why,
    )
    return Ledger(cells, None, dict.fromkeys(graded, Person()), submissions, (said,))


def _report(
    ledger: Ledger,
    student: str,
    handed_in: Path | None,
    folder: Path,
    notebooks: Mapping[str, Autograded],
    results: Collection[Cell],
) -> StudentReport:
    """A student's report; `results` are the cells in which anybody's notebook has results."""
    found = ledger.submissions.get(student)
    name, most = ledger.students.get(student, Person()).name, sum(ledger.cells.values())
    if found is None or not _is_graded(found, handed_in, folder):
        state = State.ABSENT if handed_in is None else State.UNGRADED
        said = tr("Nothing was handed in.") if handed_in is None else tr("Handed in, and not graded yet.")
        when = _time_in(handed_in) if handed_in is not None else None
        extension = found.extension if found is not None else None
        return StudentReport(
            student, {}, 0.0, 0.0, most, state, name, notices=(str(said),), timestamp=when, extension=extension,
            late=_late(when, ledger.due, extension),
        )  # fmt: skip
    notices = [notice for notebook in notebooks.values() for notice in notebook.notices]
    has_folder = folder.is_dir()
    is_outdated = handed_in is not None and has_folder and _timestamp(handed_in) != _timestamp(folder)
    if is_outdated:
        notices.append(str(tr("Handed in again, and not graded since.")))
    lost = [name for name, notebook in notebooks.items() if notebook.is_damaged or (notebook.is_missing and has_folder)]
    if lost:
        notices.append(str(tr("The graded notebook cannot be read: {names}.", names=", ".join(lost))))
    elif handed_in is not None and not has_folder:
        lost = list(notebooks)
        notices.append(str(tr("The graded notebook is not there any more.")))
    exercises = {
        (name, exercise.cell): exercise
        for name, notebook in notebooks.items()
        for exercise in notebook.exercises
        if (name, exercise.cell) in ledger.cells
    }
    silent = [
        cell[1]
        for cell, grade in found.grades.items()
        if cell in results and cell not in exercises and grade.auto is not None and notebooks[cell[0]].is_whole
    ]
    if silent:
        notices.append(str(tr("The graded notebook has no results any more for: {cells}.", cells=", ".join(silent))))
    differing = [cell[1] for cell, exercise in exercises.items() if _differs(found.grades.get(cell), exercise)]
    if differing:
        cells = ", ".join(differing)
        notices.append(
            str(tr("The graded notebook and the gradebook have different points for: {cells}.", cells=cells))
        )
    scores = {cell: found.grades[cell].score for cell in ledger.cells if cell in found.grades}
    return StudentReport(
        student,
        scores,
        sum(score or 0.0 for score in scores.values()),
        found.penalty,
        most,
        name=name,
        exercises=exercises,
        notices=tuple(notices),
        by_hand=tuple(cell for cell in scores if found.grades[cell].needs_manual_grade),
        given_by_hand=frozenset(cell for cell in scores if found.grades[cell].manual is not None),
        extra_credit=sum(grade.extra for grade in found.grades.values()),
        timestamp=found.timestamp,
        late=_late(found.timestamp, ledger.due, found.extension),
        extension=found.extension,
        is_outdated=is_outdated,
        is_lost=bool(lost),
        pages=found.notebooks,
    )


def _is_graded(found: Submission, handed_in: Path | None, folder: Path) -> bool:
    """Whether an entry of the gradebook is of a submission, and not just there for an extension."""
    if folder.is_dir() or not found.is_blank:
        return True
    return found.timestamp is not None and handed_in is None


def _late(when: datetime | None, due: datetime | None, extension: timedelta | None) -> timedelta:
    if when is None or due is None:
        return timedelta()
    return max(timedelta(), when - (due + (extension or timedelta())))


def _differs(grade: Grade | None, exercise: Exercise) -> bool:
    if grade is None:
        return False
    if grade.auto is None:
        return grade.manual is None and not grade.needs_manual_grade and not exercise.undecided
    return not abs(grade.auto - exercise.score) <= _ROUNDING


def _about_formats(read: Collection[Autograded] | Iterator[Autograded]) -> Iterator[Message]:
    others = sum(any(exercise.format != FORMAT for exercise in notebook.exercises) for notebook in read)
    if others:
        yield trn(
            "{n} notebook was graded by another version of AulaTorch: what that did not note is missing here."
            " `grader autograde --force` grades it again.",
            "{n} notebooks were graded by another version of AulaTorch: what that did not note is missing here."
            " `grader autograde --force` grades them again.",
            others,
        )


def _timestamp(folder: Path) -> str:
    """When a submission was handed in, as nbgrader's file says, which it copies as it grades."""
    path = folder / "timestamp.txt"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_MAX_TIMESTAMP).decode("utf-8", "replace").strip()


def _time_in(folder: Path) -> datetime | None:
    """The same in UTC; None where it is no date."""
    from nbgrader.utils import parse_utc

    text = _timestamp(folder)
    try:
        return cast("datetime", parse_utc(text)) if text else None
    except (ValueError, OverflowError, TypeError):
        return None
