"""A class that nobody graded: a gradebook and autograded notebooks as grading leaves them, with known mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.api import (
    Assignment,
    Course,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from grader.checking.results import MIME_TYPE

ASSIGNMENT = "hw1"
DUE = datetime(2026, 3, 2, 12, 0)
CONFIG = "c = get_config()\nc.AulaTorch.language = '{language}'\nc.CourseDirectory.course_id = 'ai101'\n"


@dataclass
class Outcome:
    """One exercise of one student, as its check cell has it."""

    exercise: str
    points: float = 4.0
    visible: str = "passed"
    hidden: str = "passed"
    extra: Mapping[str, Any] = field(default_factory=dict)
    diagnosis: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = 1.0

    @property
    def score(self) -> float:
        return self.points * sum(verdict == "passed" for verdict in (self.visible, self.hidden)) / 2

    def record(self) -> dict[str, Any]:
        checks = []
        for visible, verdict in ((True, self.visible), (False, self.hidden)):
            kind = "visible" if visible else "hidden"
            check = {
                "check": f"test_{self.exercise}_{kind}",
                "title": f"{self.exercise} is right ({kind}).",
                "verdict": verdict,
                "weight": 1.0,
                "visible": visible,
            }
            if verdict != "passed":
                check |= self.diagnosis
            checks.append(check)
        record = {
            "format": 1,
            "exercise": self.exercise,
            "points": self.points,
            "score": self.score,
            "needs_manual_grade": "grader_error" in (self.visible, self.hidden),
            "seed": 7,
            "language": "en",
            "notices": [],
            "checks": checks,
            **self.extra,
        }
        return record if self.seconds is None else record | {"seconds": self.seconds}


def passed(exercise: str) -> Outcome:
    return Outcome(exercise)


def untouched(exercise: str) -> Outcome:
    return Outcome(exercise, visible="not_attempted", hidden="not_attempted")


def named(exercise: str, name: str, title: str, *, green: bool = False) -> Outcome:
    """An answer whose mistake was recognised; *green* ones pass the visible check."""
    return Outcome(
        exercise,
        visible="passed" if green else "failed",
        hidden="failed",
        extra={"mistake": {"name": name, "title": title, "hint": f"Look again at `{name}`."}, "observations": name * 2},
        diagnosis={"problem": "The values differ.", "called": f"{exercise}(x)", "expected": "6.0", "actual": "5.0"},
    )


def unnamed(exercise: str, digest: str, problem: str = "The shape is wrong: expected (3,), got (4,).") -> Outcome:
    """An answer whose behaviour nobody has named."""
    return Outcome(
        exercise,
        visible="failed",
        hidden="failed",
        extra={"observations": digest} if digest else {},
        diagnosis={"problem": problem, "called": f"{exercise}(tensor([1., 2.]))", "hint": "Print the shape."},
    )


@dataclass
class Handed:
    """What a student handed in, and what came of it."""

    student: str
    outcomes: Sequence[Outcome]
    first_name: str | None = None
    last_name: str | None = None
    late: timedelta = timedelta()
    extension: timedelta | None = None
    penalty: float | None = None
    notices: Sequence[str] = ()
    manual: Mapping[str, float] = field(default_factory=dict)
    waits: Sequence[str] = ()


def make_course(
    folder: Path,
    handed: Iterable[Handed],
    exercises: Mapping[str, float],
    *,
    absent: Iterable[str] = (),
    language: str = "en",
    due: datetime | None = DUE,
    padding: int = 0,
) -> Path:
    """Writes a course whose one assignment is graded.

    Args:
        folder: for it.
        handed: who handed in.
        exercises: their points by name.
        absent: who did not.
        language: of the course.
        due: the assignment's due date.
        padding: characters of output in each notebook, as pictures leave them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG.format(language=language))
    handed = list(handed)
    (folder / "gradebook.db").write_bytes(empty_gradebook())
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ai101") as book:
        course = book.db.get(Course, "ai101") or Course(id="ai101")
        assignment = Assignment(name=ASSIGNMENT, duedate=due, course_id=course.id)
        notebook = Notebook(name=ASSIGNMENT, assignment=assignment)
        cells = {
            name: GradeCell(name=name, notebook=notebook, max_score=points, cell_type="code")
            for name, points in exercises.items()
        }
        book.db.add_all([assignment, notebook, *cells.values()])
        book.db.add_all([Student(id=name) for name in absent])
        for one in handed:
            student = Student(id=one.student, first_name=one.first_name, last_name=one.last_name)
            when = (
                (due or DUE) - timedelta(hours=1)
                if not one.late
                else (due or DUE) + (one.extension or timedelta()) + one.late
            )
            submission = SubmittedAssignment(
                assignment=assignment, student=student, timestamp=when, extension=one.extension
            )
            submitted = SubmittedNotebook(assignment=submission, notebook=notebook, late_submission_penalty=one.penalty)
            book.db.add_all([student, submission, submitted])
            for outcome in one.outcomes:
                waits = "grader_error" in (outcome.visible, outcome.hidden) or outcome.exercise in one.waits
                book.db.add(
                    Grade(
                        cell=cells[outcome.exercise],
                        notebook=submitted,
                        auto_score=None if outcome.hidden == "grader_error" else outcome.score,
                        manual_score=one.manual.get(outcome.exercise),
                        needs_manual_grade=waits,
                    )
                )
            for step in ("submitted", "autograded"):
                target = folder / step / one.student / ASSIGNMENT
                target.mkdir(parents=True)
                (target / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC")
                (target / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(graded_notebook(one, padding)))
        book.db.commit()
    return folder


@lru_cache(maxsize=1)
def empty_gradebook() -> bytes:
    """A gradebook without anything in it; nbgrader takes a second for each, to ask Alembic for its version."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with Gradebook(f"sqlite:///{path}", "ai101"):
            pass
        return path.read_bytes()


def graded_notebook(one: Handed, padding: int = 0) -> dict[str, Any]:
    """The notebook that grading leaves."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": "# Homework", "id": "title"}]
    for outcome in one.outcomes:
        output = {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            "data": {"text/plain": repr(outcome.score), "text/html": "<p/>" * 50, MIME_TYPE: outcome.record()},
        }
        cells += [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"{outcome.exercise}-answer",
                "metadata": {"nbgrader": {"grade": False, "solution": True, "grade_id": f"{outcome.exercise}-answer"}},
                "source": f"def {outcome.exercise}(x):\n    return x",
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "x" * padding}] if padding else [],
            },
            {
                "cell_type": "code",
                "execution_count": None,
                "id": outcome.exercise,
                "metadata": {
                    "nbgrader": {
                        "grade": True,
                        "solution": False,
                        "grade_id": outcome.exercise,
                        "points": outcome.points,
                    }
                },
                "source": f'check("{outcome.exercise}")',
                "outputs": [output],
            },
        ]
    metadata = {"aulatorch": {"notices": list(one.notices)}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


FORTY = {"mean": 4.0, "outer": 4.0, "softmax": 4.0, "standardize": 4.0, "train": 4.0}
"""The exercises of `class_of_forty`, with their points."""

PLANTED = {
    ("standardize", "divided_by_n_minus_1"): 18,
    ("outer", "swapped"): 7,
    ("softmax", "softmax_twice"): 5,
    ("mean", "wrong_dim"): 1,
}
"""The named mistakes in it, and how many students have each."""


def class_of_forty() -> list[Handed]:
    """Forty students whose mistakes are known by number: see `PLANTED`, and the tests."""
    titles = {
        "divided_by_n_minus_1": "Divides by N-1: `std` is unbiased by default",
        "swapped": "The arguments are swapped",
        "softmax_twice": "softmax is applied twice",
        "wrong_dim": "Averages over the wrong dimension",
    }

    def outcome(exercise: str, number: int) -> Outcome:
        if exercise == "standardize" and number < 18:
            return named(exercise, "divided_by_n_minus_1", titles["divided_by_n_minus_1"], green=True)
        if exercise == "outer" and 10 <= number < 17:
            return named(exercise, "swapped", titles["swapped"])
        if exercise == "softmax" and 30 <= number < 35:
            return named(exercise, "softmax_twice", titles["softmax_twice"])
        if exercise == "mean" and number == 39:
            return named(exercise, "wrong_dim", titles["wrong_dim"])
        if exercise == "softmax" and 5 <= number < 9:
            return unnamed(exercise, "feedc0de", "The values differ in 3 places.")
        if exercise == "outer" and number in (20, 21):
            return unnamed(exercise, f"lonely{number}", f"expected {number} rows, got 4.")
        if exercise == "outer" and number == 22:
            return Outcome(exercise, visible="timeout", hidden="timeout", diagnosis={"problem": "It took too long."})
        if exercise == "train" and number >= 34:
            return untouched(exercise)
        if exercise == "train" and number == 33:
            return Outcome(exercise, hidden="grader_error", diagnosis={"problem": "The grader could not decide."})
        return passed(exercise)

    people = [Handed(f"student{number:02}", [outcome(name, number) for name in FORTY]) for number in range(40)]
    people[3].late, people[3].penalty = timedelta(hours=5, minutes=30), 1.0
    people[4].late, people[4].extension, people[4].penalty = timedelta(minutes=10), timedelta(days=2), 0.5
    people[5].extension = timedelta(days=1)
    return people
