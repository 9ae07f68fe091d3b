"""Grades in the columns that another system imports: what the plugins for `nbgrader export` have in common."""

from __future__ import annotations

import csv
import io
import re
import sys
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, NoReturn

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from grader.report.gradebook import Cell, GradebookError, Ledger, Person, Submission, read_ledger
from grader.report.spreadsheets import harmless, write_rows

_LINE_ENDS: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_SHORTEST: Final = 2
"""Columns of a student map: nbgrader's id, and at least one of the other system's."""


class StudentMapError(Exception):
    """The student map cannot be used; says in one line why."""


@dataclass(frozen=True)
class Column:
    """A column of points.

    Attributes:
        title: of the column.
        most: the points that can be had.
        points: by student; None where there are none to tell.
        is_total: whether it is an assignment's, and not one exercise's.
        assignment: its name.
    """

    title: str
    most: float
    points: Mapping[str, float | None]
    is_total: bool
    assignment: str


class PlatformExportPlugin(ExportPlugin):
    """Grades for another system, with a map from nbgrader's students to its own."""

    student_map = Unicode(
        "",
        help="A CSV file that says who is who: its first column is nbgrader's student id, the others are titled as the"
        " system's own. Students who are not in it are left out. Without one, nbgrader's ids are the login names.",
    ).tag(config=True)

    exercises = Bool(True, help="Whether there is a column for each exercise beside each assignment's total.").tag(
        config=True
    )

    unfinished = Bool(
        False,
        help="Whether the points of those whom a person has still to grade are exported too, without what is missing.",
    ).tag(config=True)

    filename: ClassVar[str]
    """The file that is written where nobody names another."""

    identifiers: ClassVar[tuple[str, ...]]
    """The titles, in the system's own words, that a student map may have."""

    @abstractmethod
    def rows(
        self, people: Mapping[str, Person], known: Mapping[str, Mapping[str, str]] | None, columns: Sequence[Column]
    ) -> list[list[object]]:
        """The rows of the file.

        Args:
            people: the students to export, by nbgrader's id.
            known: what the student map says of them, by title; None without a map.
            columns: their points.
        """

    def export(self, gradebook: Gradebook) -> None:
        """Writes the file: `to`, or standard output for ``-``."""
        try:
            known = read_student_map(Path(self.student_map), self.identifiers) if self.student_map else None
        except StudentMapError as error:
            self._fail(str(error))
        names = [str(name) for name in self.assignment] or [assignment.name for assignment in gradebook.assignments]
        ledgers = {name: self._ledger(gradebook, name) for name in names}
        students: dict[str, Person] = {}
        for ledger in ledgers.values():
            students |= ledger.students
        wanted = {str(name) for name in self.student}
        if unknown := sorted(wanted - students.keys()):
            self._fail(f"the gradebook has no student {', '.join(unknown)}")
        chosen = {name: person for name, person in sorted(students.items()) if not wanted or name in wanted}
        if known is not None and (missing := [name for name in chosen if name not in known]):
            self.log.warning("Left out, for the student map does not have them: %s", ", ".join(missing))
            if strangers := sorted(known.keys() - students.keys()):
                self.log.warning("In the student map, and not in the gradebook: %s", ", ".join(strangers))
            chosen = {name: person for name, person in chosen.items() if name in known}
        columns = [column for name, ledger in ledgers.items() for column in self._columns(name, ledger, chosen)]
        self._warn_of_formulas(known if known is not None else {name: {"id": name} for name in chosen})
        rows = self.rows(chosen, known, columns)
        to = self.to or self.filename
        self.log.info("Exporting grades to %s", to)
        with nullcontext(sys.stdout) if to == "-" else Path(to).open("w", newline="", encoding="utf-8") as file:
            write_rows(file, [[_flat(value) for value in row] for row in rows])

    def _ledger(self, gradebook: Gradebook, assignment: str) -> Ledger:
        try:
            return read_ledger(gradebook.engine.url, Path.cwd(), gradebook.course_id, assignment)
        except GradebookError as error:
            self._fail(error.message.render("en"))

    def _columns(self, assignment: str, ledger: Ledger, students: Collection[str]) -> list[Column]:
        entries = {student: ledger.submissions[student] for student in students if student in ledger.submissions}
        graded = {student: entry for student, entry in entries.items() if not entry.is_blank}
        if blank := [student for student, entry in entries.items() if entry.is_blank and entry.timestamp is not None]:
            self.log.warning("%s: left empty, for nothing of theirs has points yet: %s", assignment, ", ".join(blank))
        waiting = [student for student, submission in graded.items() if _waits(submission)]
        if waiting and not self.unfinished:
            self.log.warning("%s: left empty, for a person has still to grade: %s", assignment, ", ".join(waiting))
            graded = {student: submission for student, submission in graded.items() if student not in waiting}
        totals = {student: submission.score for student, submission in graded.items()}
        found = [Column(assignment, sum(ledger.cells.values()), totals, True, assignment)]
        for cell, most in ledger.cells.items() if self.exercises else ():
            points = {student: _points(submission, cell) for student, submission in graded.items()}
            found.append(Column(f"{assignment}: {_title(cell, ledger.cells)}", most, points, False, assignment))
        return found

    def _warn_of_formulas(self, known: Mapping[str, Mapping[str, str]]) -> None:
        """An apostrophe keeps a spreadsheet from running a text, and the other system from finding who it is of."""
        changed = [name for name, row in known.items() if any(harmless(value) != value for value in row.values())]
        if changed:
            self.log.warning(
                "A spreadsheet would run these ids, so an apostrophe is put before: %s", ", ".join(changed)
            )

    def _fail(self, reason: str) -> NoReturn:
        self.log.error("Nothing is exported: %s", reason)
        sys.exit(1)


def read_student_map(path: Path, identifiers: Collection[str]) -> dict[str, dict[str, str]]:
    """What a student map says of each student, by the other system's titles.

    Args:
        path: of the CSV file.
        identifiers: the titles that there may be.

    Raises:
        StudentMapError: it cannot be read, or says two things of one student.
    """
    try:
        rows = _rows(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudentMapError(f"the student map {path} cannot be read: {error}") from error
    named = {name.lower(): name for name in identifiers}
    titles = [title.strip() for title in rows[0]] if rows else []
    unknown = [title for title in titles[1:] if title.lower() not in named]
    twice = [title for title, count in Counter(map(str.lower, titles[1:])).items() if count > 1]
    if len(titles) < _SHORTEST or unknown or twice:
        said = "needs two columns"
        if unknown:
            said = f"has columns that the import does not know, {', '.join(map(repr, unknown))}"
        elif twice:
            said = f"has two columns {', '.join(repr(named[title]) for title in twice)}"
        raise StudentMapError(
            f"the student map {path} {said}: the first is nbgrader's id, the others are of {', '.join(identifiers)}"
        )
    found: dict[str, dict[str, str]] = {}
    taken: dict[tuple[str, str], str] = {}
    for row in rows[1:]:
        student = row[0].strip()
        if not student:
            continue
        if any(value.strip() for value in row[len(titles) :]):
            said = f"more than {len(titles)} values for {student!r}: those with a comma in them stand in quotes"
            raise StudentMapError(f"the student map {path} has {said}")
        values = {named[title.lower()]: value.strip() for title, value in zip(titles[1:], row[1:], strict=False)}
        if student in found:
            raise StudentMapError(f"the student map {path} has {student!r} twice")
        found[student] = values
        for title, value in values.items():
            if not value or title in ("Student", "Section"):
                continue
            if (title, value) in taken:
                raise StudentMapError(
                    f"the student map {path} has the same {title} {value!r} for {taken[title, value]!r} and {student!r}"
                )
            taken[title, value] = student
    return found


def _rows(path: Path) -> list[list[str]]:
    """The rows of a CSV file that are not empty, whichever of a comma, a semicolon and a tab stands between values."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return [row for row in rows if any(value.strip() for value in row)]


def number(points: float | None) -> str:
    """Points to a hundredth, with a point; empty for none."""
    if points is None:
        return ""
    text = f"{points:.2f}"
    return text.rstrip("0").rstrip(".")


def _points(submission: Submission, cell: Cell) -> float | None:
    grade = submission.grades.get(cell)
    return None if grade is None else grade.score


def _title(cell: Cell, cells: Collection[Cell]) -> str:
    return cell[1] if sum(name == cell[1] for _, name in cells) == 1 else "/".join(cell)


def _waits(submission: Submission) -> bool:
    return any(grade.needs_manual_grade for grade in submission.grades.values())


def _flat(value: object) -> object:
    """A text in one line: not every importer knows lines in quotes."""
    return _LINE_ENDS.sub(" ", value) if isinstance(value, str) else value
