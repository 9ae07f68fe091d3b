"""The gradebook's one writer: nbgrader's own API, one transaction a submission."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session, sessionmaker

from grader.batch.regrading import Penalty, Stored
from grader.batch.steps import step_class
from grader.batch.tasks import AutogradedNotebook, Cell
from grader.grading.examination import Released, released
from grader.grading.gradebook import ReadOnlyGradebook
from grader.grading.handover import NotebookGrades
from grader.grading.kernelspecs import forbid_other_steps

T = TypeVar("T")

RETRY_SECONDS: Final = 0.5
"""Between two attempts to write into a locked gradebook."""


class GradebookBusyError(RuntimeError):
    """Somebody else kept the gradebook locked for too long."""


class PenaltyError(RuntimeError):
    """The course's plugin for late submissions has no answer for a submission; says why in one line."""


class UnknownAssignmentError(NbGraderException):
    """The gradebook does not know an assignment, or there is none."""

    def __init__(self, assignment: str) -> None:
        super().__init__(f"the gradebook knows no assignment {assignment!r}: run `nbgrader generate_assignment` first")


def require_known(coursedir: CourseDirectory) -> None:
    """Makes sure that there is a gradebook, and that it knows the assignment; writes nothing.

    Raises:
        UnknownAssignmentError: it does not.
    """
    assignment = coursedir.assignment_id
    try:
        with ReadOnlyGradebook(coursedir.db_url) as gradebook:
            gradebook.find_assignment(assignment)
    except (FileNotFoundError, MissingEntry):
        raise UnknownAssignmentError(assignment) from None
    except OperationalError:
        return  # locked, or of another version: whoever opens it in earnest waits, and says so


class Records:
    """What the coordinator reads from and writes into the gradebook; a context manager.

    Args:
        converter: nbgrader's, with the course's configuration.
        patience: seconds to wait for a gradebook that somebody else has locked.
        on_wait: called when the waiting begins.
        read_only: whether nothing is to be written.
    """

    def __init__(
        self,
        converter: Autograde,
        patience: float,
        on_wait: Callable[[], object] = lambda: None,
        *,
        read_only: bool = False,
    ) -> None:
        self.converter = converter
        self.patience = patience
        self.on_wait = on_wait
        coursedir = converter.coursedir
        kind = ReadOnlyGradebook if read_only else Gradebook
        self.gradebook = self._patiently(lambda: kind(coursedir.db_url, coursedir.course_id))
        self._penalties = _penalties(converter)

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *error: object) -> None:
        self.gradebook.close()

    def structure(self, assignment: str) -> dict[str, tuple[Cell, ...]]:
        """The released cells of each notebook of an assignment.

        Raises:
            MissingEntry: the gradebook does not know it.
        """
        return self._patiently(
            lambda: {item.name: _cells(item) for item in self.gradebook.find_assignment(assignment).notebooks}
        )

    def released(self, assignment: str) -> Released:
        """What the gradebook knows of the course and of one of its assignments."""
        return self._patiently(lambda: released(self.gradebook, assignment))

    def forbid_other_steps(self, assignment: str) -> None:
        """Keeps plain nbgrader from running the assignment's submissions unconfined."""
        self._patiently(lambda: forbid_other_steps(self.gradebook, assignment))

    def knows(self, student: str) -> bool:
        """Whether the gradebook has the student."""

        def find() -> bool:
            try:
                self.gradebook.find_student(student)
            except MissingEntry:
                return False
            return True

        return self._patiently(find)

    def stored(self, assignment: str, student: str) -> tuple[Stored, Penalty] | None:
        """What the gradebook holds of a submission, and its penalty; None where it was never graded."""

        def read() -> tuple[Stored, Penalty] | None:
            try:
                submission = self.gradebook.find_submission(assignment, student)
            except MissingEntry:
                return None
            late = submission.total_seconds_late
            found = Stored.of(submission)
            self.gradebook.db.rollback()  # so that nobody waits for this, and the next one reads what is there then
            if all(grade.auto is None and grade.manual is None for grade in found.grades.values()):
                return None
            return found, lambda score: self._penalty(student, score, late) or 0.0

        return self._patiently(read)

    def first_penalty(self, assignment: str, student: str, timestamp: str | None, scores: Collection[float]) -> float:
        """The points that a submission would lose for being late that was never graded.

        Args:
            assignment: its name.
            student: the student's id.
            timestamp: when it was handed in.
            scores: of its notebooks.

        Raises:
            PenaltyError: the course's plugin fails.
        """

        def due() -> datetime | None:
            try:
                found: datetime | None = self.gradebook.find_submission(assignment, student).duedate
            except MissingEntry:
                found = self.gradebook.find_assignment(assignment).duedate
            self.gradebook.db.rollback()
            return found

        end = self._patiently(due)
        if timestamp is None or end is None:
            return 0.0
        late = (datetime.fromisoformat(timestamp) - end).total_seconds()
        return sum(min(max(self._penalty(student, score, late) or 0.0, 0.0), score) for score in scores)

    def save(
        self,
        assignment: str,
        student: str,
        timestamp: str | None,
        notebooks: Mapping[str, AutogradedNotebook],
        missing: Collection[str] = (),
        floors: Mapping[str, float] | None = None,
    ) -> float:
        """Saves a submission as nbgrader would: student, time, scores, comments and penalty, all or nothing.

        Args:
            assignment: its name.
            student: the student's id.
            timestamp: when it was handed in.
            notebooks: graded, by name.
            missing: notebooks that were not handed in, and get no points.
            floors: points of notebooks that no penalty may take away.

        Returns:
            The points that are taken off these notebooks for handing in late.

        Raises:
            PenaltyError: the course's plugin fails.
            GradebookBusyError: somebody else keeps the gradebook locked.
            OperationalError: it cannot be written for another reason.
        """

        def write() -> float:
            with self._transaction() as gradebook:
                gradebook.update_or_create_student(student)
                when: dict[str, Any] = {"timestamp": timestamp} if timestamp else {}
                submission = gradebook.update_or_create_submission(assignment, student, **when)
                for submitted in submission.notebooks:
                    if submitted.name in missing:
                        for grade in submitted.grades:
                            grade.auto_score, grade.needs_manual_grade = 0, False
                    if submitted.name in notebooks:
                        _note(submitted, notebooks[submitted.name].grades)
                gradebook.db.flush()
                return self._penalise(submission, notebooks, floors or {})

        return self._patiently(write)

    def _penalise(
        self,
        submission: SubmittedAssignment,
        notebooks: Mapping[str, AutogradedNotebook],
        floors: Mapping[str, float],
    ) -> float:
        taken = 0.0
        if self._penalties is None:
            return taken
        for submitted in submission.notebooks:
            if submitted.name not in notebooks:
                continue
            submitted.late_submission_penalty = None
            late, score = submission.total_seconds_late, submitted.score
            penalty = self._penalty(submission.student_id, score, late)
            if penalty is not None:
                most = score - min(floors.get(submitted.name, 0.0), score)
                submitted.late_submission_penalty = min(max(penalty, 0.0), most)
                taken += submitted.late_submission_penalty
        return taken

    def _penalty(self, student: str, score: float, late: float) -> float | None:
        """What the course's plugin takes off; None where it has no say.

        Raises:
            PenaltyError: it fails, or what it says is no number of points.
        """
        if self._penalties is None or late <= 0:
            return None
        name = self._penalties.plugin_class.__name__
        try:
            self._penalties.init_plugin()
            said = self._penalties.plugin_inst.late_submission_penalty(student, score, late)
            points = None if said is None else float(said)
        except Exception as error:  # an instructor's own code may raise whatever
            raise PenaltyError(f"the penalty plugin {name} failed: {type(error).__name__}: {error}") from error
        if points is not None and math.isnan(points):
            raise PenaltyError(f"the penalty plugin {name} says {points}, which is no number of points")
        return points

    @contextmanager
    def _transaction(self) -> Iterator[Gradebook]:
        """The gradebook inside one transaction, whatever its methods commit on their way."""
        gradebook, sessions = self.gradebook, self.gradebook.db
        with gradebook.engine.begin() as connection:
            if gradebook.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits for its turn here, not half way through
            gradebook.db = scoped_session(
                sessionmaker(autoflush=True, bind=connection, future=True, join_transaction_mode="rollback_only")
            )
            try:
                yield gradebook
                gradebook.db.flush()
            finally:
                gradebook.db.remove()
                gradebook.db = sessions

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, self.patience, self.on_wait)


def patiently(action: Callable[[], T], patience: float, on_wait: Callable[[], object]) -> T:
    """Does something with a gradebook that somebody else may have locked.

    Args:
        action: what.
        patience: seconds to wait.
        on_wait: called when the waiting begins.

    Raises:
        GradebookBusyError: it is locked for longer.
    """
    end = time.monotonic() + patience
    waited = False
    while True:
        try:
            return action()
        except (OperationalError, InvalidEntry) as error:  # the latter is what nbgrader makes of the former
            if "locked" not in str(error):
                raise
            if time.monotonic() >= end:
                raise GradebookBusyError(f"the gradebook was locked by another program for {patience:g} s") from error
        if not waited:
            on_wait()
            waited = True
        time.sleep(RETRY_SECONDS)


def _note(submitted: SubmittedNotebook, graded: NotebookGrades) -> None:
    """Notes a notebook's scores and comments; what a person gave stays, and is to be looked at again."""
    scores = {grade.name: grade for grade in graded.cells}
    for grade in submitted.grades:
        if grade.name in scores:
            grade.auto_score = scores[grade.name].score
            grade.needs_manual_grade = scores[grade.name].needs_manual_grade or grade.manual_score is not None
    for comment in submitted.comments:
        if comment.name in graded.comments:
            comment.auto_comment = graded.comments[comment.name]


def _cells(notebook: Any) -> tuple[Cell, ...]:
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return tuple(
        Cell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=bool(cell.locked),
            is_solution=cell.name in solutions,
            is_task=cell.name in tasks,
            max_score=points.get(cell.name),
        )
        for cell in notebook.source_cells
    )


def _penalties(converter: Autograde) -> AssignLatePenalties | None:
    """nbgrader's step for late submissions, where the course has it."""
    for step in converter.autograde_preprocessors:
        if isinstance(step, str) and step.startswith("grader."):
            continue  # ours; importing it would import torch
        kind = step_class(step, AssignLatePenalties)
        if kind is not None:
            found = kind(parent=converter)
            return found if found.enabled else None
    return None
