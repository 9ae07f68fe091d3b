"""What became of an assignment: each student's score and verdicts, and the reason where something went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import nbformat
from nbgrader.api import Assignment, MissingEntry, Student, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from grader.checking.results import MIME_TYPE
from grader.kit.messages import Message, tr

Cell = tuple[str, str]
"""A graded cell: its notebook's name and its own."""

_MAX_TIMESTAMP: Final = 1_000
"""Bytes of a file that holds one date."""


@dataclass(frozen=True)
class StudentReport:
    """What the gradebook says of one student, and what the autograded notebooks add.

    Attributes:
        student: nbgrader's id.
        scores: points by cell, extra credit and a person's points included; None for a cell that has none yet.
        raw_score: their sum.
        penalty: what is taken off for handing in late.
        max_score: what could be had in the whole assignment.
        verdicts: how many checks came to each verdict.
        notices: what was repaired, or why the notebook could not be opened.
        by_hand: the cells that wait for a person.
    """

    student: str
    scores: Mapping[Cell, float | None]
    raw_score: float
    penalty: float
    max_score: float
    verdicts: Counter[str] = field(default_factory=Counter)
    notices: tuple[str, ...] = ()
    by_hand: tuple[Cell, ...] = ()

    @property
    def score(self) -> float:
        """The total, as nbgrader exports it."""
        return max(0.0, self.raw_score - self.penalty)

    @property
    def needs_manual_grade(self) -> bool:
        """Whether a person has to look."""
        return bool(self.by_hand)


@dataclass(frozen=True)
class AssignmentReport:
    """An assignment's class.

    Attributes:
        cells: the graded cells and tasks of all its notebooks.
        max_score: their points together.
        students: everyone in the gradebook, and whoever handed in and has no grade yet.
    """

    cells: tuple[Cell, ...]
    max_score: float
    students: tuple[StudentReport, ...]

    @property
    def columns(self) -> dict[Cell, str]:
        """A title for each cell: its name, and its notebook's where two notebooks have cells of that name."""
        names = Counter(name for _, name in self.cells)
        return {cell: cell[1] if names[cell[1]] == 1 else "/".join(cell) for cell in self.cells}


def collect(course: CourseDirectory, assignment: str) -> AssignmentReport:
    """The reports of the class, by student id; only reads.

    Raises:
        MissingEntry: there is no gradebook, or it does not know the assignment.
    """
    with _reading(course) as session:
        found = session.query(Assignment).filter_by(name=assignment).one_or_none()
        if found is None:
            raise MissingEntry(f"No such assignment: {assignment}")
        cells = tuple(
            (notebook.name, cell.name)
            for notebook in sorted(found.notebooks, key=lambda notebook: str(notebook.name))
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        )
        graded = {submission.student_id: submission for submission in found.submissions}
        enrolled = {student.id for student in session.query(Student)}
        waiting = set(_handed_in(course, assignment)) - set(graded)
        max_score = float(found.max_score)
        reports = [
            _graded(course, assignment, graded[student], cells, max_score)
            if student in graded
            else StudentReport(student, {}, 0.0, 0.0, max_score, notices=(str(_why_ungraded(student in waiting)),))
            for student in sorted(enrolled | waiting | set(graded))
        ]
        return AssignmentReport(cells, max_score, tuple(reports))


def _why_ungraded(handed_in: bool) -> Message:
    return tr("Handed in, and not graded yet.") if handed_in else tr("Nothing was handed in.")


@contextmanager
def _reading(course: CourseDirectory) -> Iterator[Session]:
    """The gradebook, which nbgrader's own `Gradebook` would make where there is none.

    Raises:
        MissingEntry: there is none.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite":
        path = Path(course.root, url.database or "")
        if not path.is_file():
            raise MissingEntry(f"No gradebook: {path}")
        # Nothing is written, so that nobody's grading waits for a report, nor a folder that only others may write.
        url = url.set(database=path.absolute().as_uri(), query={**url.query, "mode": "ro", "uri": "true"})
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _handed_in(course: CourseDirectory, assignment: str) -> Iterator[str]:
    """Who has a folder of the assignment among the submissions."""
    top = Path(course.format_path(course.submitted_directory, ".", "."))
    for folder in sorted(top.iterdir()) if top.is_dir() else []:
        if Path(course.format_path(course.submitted_directory, folder.name, assignment)).is_dir():
            yield folder.name


def _graded(
    course: CourseDirectory,
    assignment: str,
    submission: SubmittedAssignment,
    cells: tuple[Cell, ...],
    max_score: float,
) -> StudentReport:
    verdicts: Counter[str] = Counter()
    notices: list[str] = []
    scores: dict[Cell, float | None] = {}
    by_hand: set[Cell] = set()
    folder = Path(course.format_path(course.autograded_directory, submission.student_id, assignment))
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            cell = (notebook.name, grade.name)
            has_score = grade.manual_score is not None or grade.auto_score is not None
            scores[cell] = float(grade.score) if has_score else None
            if grade.needs_manual_grade:
                by_hand.add(cell)
        results, said = read_autograded(Path(course.root) / folder / f"{notebook.name}.ipynb")
        notices += said
        for result in results:
            verdicts.update(check["verdict"] for check in result["checks"])
    handed_in = Path(course.format_path(course.submitted_directory, submission.student_id, assignment))
    if _timestamp(handed_in) != _timestamp(folder) and folder.is_dir() and handed_in.is_dir():
        notices.append(str(tr("Handed in again, and not graded since.")))
    return StudentReport(
        submission.student_id,
        scores,
        float(submission.score),
        float(submission.late_submission_penalty),
        max_score,
        verdicts,
        tuple(notices),
        tuple(cell for cell in cells if cell in by_hand),
    )


def _timestamp(folder: Path) -> bytes:
    """When a submission was handed in, as nbgrader's file says, which it copies as it grades."""
    path = folder / "timestamp.txt"
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_MAX_TIMESTAMP).strip()


def read_autograded(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The exercises' results and the notices in an autograded notebook; empty where there is none."""
    if not path.is_file():
        return [], []
    notebook = nbformat.read(path, as_version=4)
    results = [
        output.data[MIME_TYPE]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result" and MIME_TYPE in output.data
    ]
    return results, list(notebook.metadata.get("aulatorch", {}).get("notices", []))
