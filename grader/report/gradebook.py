"""nbgrader's gradebook, read as it lies there: a few queries for a whole class, of old gradebooks as of new ones.

nbgrader's own classes ask for every column that its newest version has, and for each submission by itself.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Interval, Select, TableClause, column, create_engine, inspect, null, select, table
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from grader.grading.gradebook import read_only
from grader.kit.messages import Message, tr

Cell = tuple[str, str]
"""A graded cell: its notebook's name and its own."""


class GradebookError(Exception):
    """The gradebook cannot tell of the assignment; says in one sentence why.

    Attributes:
        message: the sentence.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Grade:
    """What one student got in one cell.

    Attributes:
        auto: points that grading gave; None where it gave none.
        manual: points that a person gave.
        extra: extra credit.
        needs_manual_grade: whether a person has to look.
    """

    auto: float | None
    manual: float | None = None
    extra: float = 0.0
    needs_manual_grade: bool = False

    @property
    def score(self) -> float | None:
        """The points that count; None where there are none yet."""
        given = self.manual if self.manual is not None else self.auto
        return None if given is None else given + self.extra


@dataclass
class Submission:
    """What the gradebook has of one student's submission.

    Attributes:
        timestamp: when it was handed in, in UTC.
        extension: what the due date is later for this student.
        penalty: points taken off for handing in late.
        notebooks: the ids of its notebooks, under which formgrader shows them.
        grades: by cell.
    """

    timestamp: datetime | None = None
    extension: timedelta | None = None
    penalty: float = 0.0
    notebooks: dict[str, str] = field(default_factory=dict)
    grades: dict[Cell, Grade] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether no cell has points, as where the gradebook has an entry for an extension alone."""
        return bool(self.grades) and all(grade.score is None for grade in self.grades.values())

    @property
    def raw_score(self) -> float:
        """The points of all cells."""
        return sum(grade.score or 0.0 for grade in self.grades.values())

    @property
    def score(self) -> float:
        """The total, as nbgrader exports it."""
        return max(0.0, self.raw_score - self.penalty)


@dataclass(frozen=True)
class Person:
    """A student, as the gradebook has them; what it does not have is empty."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name(self) -> str:
        """Both names."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


@dataclass(frozen=True)
class Ledger:
    """What is known of an assignment's grades.

    Attributes:
        cells: its graded cells and tasks, with their points.
        due: its due date, in UTC.
        students: by id.
        submissions: by student.
        notices: what a reader of all this should know.
    """

    cells: Mapping[Cell, float]
    due: datetime | None
    students: Mapping[str, Person]
    submissions: Mapping[str, Submission]
    notices: Sequence[Message] = ()


def read_ledger(url: str | URL, root: Path, course: str, assignment: str) -> Ledger:
    """What the gradebook says of an assignment; only reads, and makes no file.

    Args:
        url: of the database, as SQLAlchemy writes them.
        root: the course's folder.
        course: the course's id, empty where it has none.
        assignment: its name.

    Raises:
        GradebookError: it says nothing.
    """
    parsed = make_url(url)
    where = parsed.render_as_string()
    if parsed.get_backend_name() == "sqlite":
        path = Path(root, parsed.database or "")
        where = str(path)
        if not path.is_file():
            raise GradebookError(tr("There is no gradebook {path}.", path=path))
        # Nothing is written, so that nobody's grading waits for a report, nor a folder that only others may write.
        parsed = read_only(parsed, path)
    try:
        with contextlib.closing(create_engine(parsed, poolclass=NullPool).connect()) as connection:
            return _Tables(connection, where).ledger(course, assignment)
    except OperationalError as error:
        if "locked" in str(error):
            raise GradebookError(
                tr("The gradebook {path} is locked: another program is writing to it.", path=where)
            ) from error
        raise _unreadable(where, error) from error
    except (DatabaseError, ValueError, TypeError, ArithmeticError) as error:
        raise _unreadable(where, error) from error
    except (AttributeError, KeyError) as error:  # a column that this one has not, or a row that belongs to none
        raise GradebookError(
            tr(
                "The gradebook {path} cannot be read: {reason}.",
                path=where,
                reason=f"no such column or row: {error.args[0]}",
            )
        ) from error


def _unreadable(where: str, error: Exception) -> GradebookError:
    reason = str(getattr(error, "orig", None) or error).split("\n", 1)[0]
    return GradebookError(tr("The gradebook {path} cannot be read: {reason}.", path=where, reason=reason))


class _Tables:
    """The tables of a gradebook, with the columns that this one has."""

    def __init__(self, connection: Connection, where: str) -> None:
        self.connection = connection
        self.where = where
        inspector = inspect(connection)
        self.columns = {
            name: {item["name"] for item in inspector.get_columns(name)} for name in inspector.get_table_names()
        }
        if not {"assignment", "grade", "student", "submitted_assignment"} <= self.columns.keys():
            raise GradebookError(tr("The gradebook {path} is empty, or is none of nbgrader's.", path=where))
        self.is_old = "base_cell" not in self.columns or "extra_credit" not in self.columns["grade"]

    def of(self, name: str, *columns: str) -> TableClause:
        """A table with some of its columns; those that it has not are NULL."""
        return table(name, *(column(item) for item in columns if item in self.columns.get(name, ())))

    def ledger(self, course: str, assignment: str) -> Ledger:
        """All of it."""
        assignments = table(
            "assignment", column("id"), column("name"), column("duedate", DateTime()), column("course_id")
        )
        wanted = [assignments.c.id, assignments.c.duedate]
        if "course_id" in self.columns["assignment"]:
            wanted.append(assignments.c.course_id)
        found = self.connection.execute(select(*wanted).where(assignments.c.name == assignment)).first()
        if found is None:
            raise GradebookError(
                tr("The gradebook {path} knows no assignment {name}.", path=self.where, name=f"'{assignment}'")
            )
        notices = []
        if self.is_old:
            notices.append(
                tr("The gradebook was made by an older nbgrader: `nbgrader db upgrade` brings it up to date.")
            )
        other = found[2] if len(found) > 2 else None
        if course and other and other not in (course, "default_course"):
            notices.append(
                tr(
                    "The gradebook is of the course `{other}`, and this one is `{course}`: is it the right one?",
                    other=other,
                    course=course,
                )
            )
        notebooks = {row.id: str(row.name) for row in self._of_assignment("notebook", found.id)}
        cells = dict(self._cells(notebooks))
        points = dict(cells.values())
        return Ledger(
            {cell: points[cell] for cell in sorted(points, key=lambda cell: cell[0])},
            found.duedate,
            dict(self._students()),
            self._submissions(found.id, notebooks, {key: cell for key, (cell, _) in cells.items()}),
            notices,
        )

    def _of_assignment(self, name: str, assignment: str) -> Sequence[Any]:
        rows = table(name, column("id"), column("name"), column("assignment_id"))
        return self.connection.execute(select(rows).where(rows.c.assignment_id == assignment)).all()

    def _cells(self, notebooks: Mapping[str, str]) -> Iterator[tuple[str, tuple[Cell, float]]]:
        """Each graded cell's id, its names and its points, graded cells before tasks."""
        for name in ("grade_cells", "task_cells", "grade_cell"):  # the last before nbgrader had tasks
            if name not in self.columns:
                continue
            graded = self.of(name, "id", "max_score", "name", "notebook_id")
            if "base_cell" in self.columns:
                base = self.of("base_cell", "id", "name", "notebook_id")
                joined = graded.join(base, base.c.id == graded.c.id)
                query: Select[Any] = select(graded.c.id, base.c.name, base.c.notebook_id, graded.c.max_score)
                query = query.select_from(joined)
            else:
                query = select(graded.c.id, graded.c.name, graded.c.notebook_id, graded.c.max_score)
            for row in self.connection.execute(query):
                if row.notebook_id in notebooks:
                    yield row.id, ((notebooks[row.notebook_id], str(row.name)), float(row.max_score or 0))

    def _students(self) -> Iterator[tuple[str, Person]]:
        names = ("first_name", "last_name", "email", "lms_user_id")
        for row in self.connection.execute(select(self.of("student", "id", *names))):
            yield str(row.id), Person(*(str(getattr(row, name, None) or "") for name in names))

    def _submissions(
        self, assignment: str, notebooks: Mapping[str, str], cells: Mapping[str, Cell]
    ) -> dict[str, Submission]:
        handed_in = table(
            "submitted_assignment",
            column("id"),
            column("assignment_id"),
            column("student_id"),
            column("timestamp", DateTime()),
            column("extension", Interval()),
        )
        of_assignment = handed_in.c.assignment_id == assignment
        columns: list[Any] = [handed_in.c.id, handed_in.c.student_id, handed_in.c.timestamp]
        columns.append(
            handed_in.c.extension if "extension" in self.columns["submitted_assignment"] else null().label("extension")
        )
        found: dict[str, Submission] = {}
        by_id: dict[str, Submission] = {}
        for row in self.connection.execute(select(*columns).where(of_assignment)):
            by_id[row.id] = found[str(row.student_id)] = Submission(row.timestamp, row.extension)
        parts = self.of("submitted_notebook", "id", "assignment_id", "notebook_id", "late_submission_penalty")
        owners: dict[str, Submission] = {}
        query = select(parts).select_from(parts.join(handed_in, handed_in.c.id == parts.c.assignment_id))
        for row in self.connection.execute(query.where(of_assignment)):
            if row.notebook_id in notebooks:
                owner = owners[row.id] = by_id[row.assignment_id]
                owner.notebooks[notebooks[row.notebook_id]] = str(row.id)
                owner.penalty += float(getattr(row, "late_submission_penalty", None) or 0)
        for row in self._grades(of_assignment, handed_in, parts):
            if row.cell_id in cells and row.notebook_id in owners:
                owners[row.notebook_id].grades[cells[row.cell_id]] = Grade(
                    _number(row.auto_score),
                    _number(row.manual_score),
                    _number(getattr(row, "extra_credit", None)) or 0.0,
                    bool(row.needs_manual_grade),
                )
        return found

    def _grades(self, of_assignment: Any, handed_in: TableClause, parts: TableClause) -> Iterator[Any]:
        names = ("cell_id", "notebook_id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade")
        grades = self.of("grade", *names)
        joined = grades.join(parts, parts.c.id == grades.c.notebook_id).join(
            handed_in, handed_in.c.id == parts.c.assignment_id
        )
        yield from self.connection.execute(select(grades).select_from(joined).where(of_assignment))


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
