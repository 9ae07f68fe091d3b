"""What travels between `grader feedback` and its workers: notebooks and their grades there, pages back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Final

from nbgrader.api import SubmittedNotebook
from traitlets.config import Config

from grader.batch.tasks import add_files, add_json, installed

MOST_SECONDS: Final = 300.0
"""For the pages of one submission; texts that take long are left as they were written long before."""

_LIBRARIES: Final = ("nbgrader", "nbconvert", "jinja2", "mistune", "pygments", "beautifulsoup4")
"""What makes a page of a notebook."""


@dataclass(frozen=True)
class Press:
    """All that a worker needs to know to make an assignment's pages.

    Attributes:
        config: the course's configuration.
    """

    config: Config

    @cached_property
    def digest(self) -> str:
        """Changes with anything that may change a page."""
        seen = hashlib.sha256()
        add_files(seen, installed())
        add_json(seen, [self.config, [version(name) for name in _LIBRARIES]])
        return seen.hexdigest()


@dataclass(frozen=True)
class NotedGrades:
    """What the gradebook says of a notebook, as far as its page shows it.

    Attributes:
        cells: points and what could be had, by graded cell or task.
        comments: by answered cell or task.
        score: all its points.
        max_score: that could be had.
        penalty: for handing in late.
    """

    cells: Mapping[str, tuple[float, float]]
    comments: Mapping[str, str | None]
    score: float
    max_score: float
    penalty: float | None

    @classmethod
    def of(cls, submitted: SubmittedNotebook) -> NotedGrades:
        """The gradebook's rows."""
        return cls(
            {grade.name: (grade.score, grade.max_score) for grade in submitted.grades},
            {comment.name: comment.comment for comment in submitted.comments},
            submitted.score,
            submitted.max_score,
            submitted.late_submission_penalty,
        )


@dataclass(frozen=True)
class Sheet:
    """A notebook to make a page of.

    Attributes:
        path: where it lies, as nbgrader names it.
        content: the notebook, JSON.
        modified: when it was last written, in seconds since 1970.
        grades: its own; None where the gradebook has none.
    """

    path: str
    content: bytes
    modified: float
    grades: NotedGrades | None


@dataclass(frozen=True)
class PagesTask:
    """A submission to make pages of.

    Attributes:
        student: its student's id.
        sheets: by notebook.
    """

    student: str
    sheets: Mapping[str, Sheet]

    def fingerprint(self, press: Press, beside: Mapping[str, tuple[int, int]]) -> str:
        """The same as long as neither the notebooks, nor their grades, nor what makes pages of them have changed.

        Args:
            press: what makes them.
            beside: size and time of the files that go with them, by relative path.
        """
        seen = hashlib.sha256(press.digest.encode())
        add_files(seen, {name: sheet.content for name, sheet in self.sheets.items()})
        grades = {name: vars(sheet.grades) if sheet.grades is not None else None for name, sheet in self.sheets.items()}
        add_json(seen, [self.student, grades, beside])
        return seen.hexdigest()


@dataclass(frozen=True)
class Pages:
    """What a worker has to say of a task.

    Attributes:
        student: the task's.
        files: pages and what belongs to them, by relative path; empty after an error.
        seconds: that it took.
        error: the traceback of what went wrong.
    """

    student: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None
