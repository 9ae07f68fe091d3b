"""What travels between the coordinator and its workers: bytes and plain data, so that they need nothing in common.

A `Course` goes to each worker once, a `Task` for each submission there, and an `Outcome` back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from traitlets.config import Config

from grader.course import OBSERVED
from grader.grading.folder import Refusal
from grader.grading.handover import NotebookGrades

_PACKAGE: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cell:
    """A cell of nbgrader's as the gradebook has it, released.

    Attributes:
        name: its `grade_id`.
        source: None where the gradebook keeps no source.
        max_score: None where the cell is not graded.
    """

    name: str
    cell_type: str
    source: str | None
    checksum: str | None
    locked: bool
    is_solution: bool
    is_task: bool
    max_score: float | None


@dataclass(frozen=True)
class Course:
    """All that a worker needs to know to grade submissions of an assignment.

    Attributes:
        assignment: its name.
        structure: the released cells of each notebook, as the gradebook has them.
        sources: the instructor's notebooks, by name.
        checks: the assignment's folder of checks, by relative path.
        config: the course's configuration, without what is the coordinator's.
        private: places of the course, on the coordinator's machine, that no notebook may read.
        answers: what lies in that folder of known mistakes and right answers: they name faults and grade nothing.
        seed: of this run's random inputs, where the course names none.
        digest: of all that may change a grade, and of the grader.
    """

    assignment: str
    structure: Mapping[str, tuple[Cell, ...]]
    sources: Mapping[str, bytes]
    checks: Mapping[str, bytes]
    config: Config
    private: tuple[str, ...] = ()
    answers: Mapping[str, bytes] = field(default_factory=dict)
    seed: int = field(default_factory=partial(secrets.randbelow, 2**31))

    @cached_property
    def digest(self) -> str:
        """Changes with anything that may change a grade."""
        seen = hashlib.sha256()
        add_json(
            seen, [self.assignment, {name: [vars(cell) for cell in cells] for name, cells in self.structure.items()}]
        )
        for files in (self.sources, self.checks, installed()):
            add_files(seen, files)
        add_json(seen, [self.config, version("torch"), version("nbgrader")])
        return seen.hexdigest()


@dataclass(frozen=True)
class Task:
    """A submission to grade.

    Attributes:
        student: its student's id.
        notebooks: every file that may be one of the assignment's notebooks, by relative path.
        files: that go with them into their kernel, by relative path.
        timestamp: when it was handed in, as written in its file.
        wanted: the names of the assignment's notebooks to grade.
        stripped: those of `notebooks` whose outputs were left out, because with them they are too large.
        refused: why nothing of it was read, if that is so.
        seconds: for each notebook, where they are fewer than the course's setting.
        is_first_round: whether one that needs more is to be put off.
    """

    student: str
    notebooks: Mapping[str, bytes]
    files: Mapping[str, bytes] = field(default_factory=dict)
    timestamp: str | None = None
    wanted: tuple[str, ...] = ()
    stripped: tuple[str, ...] = ()
    refused: Refusal | None = None
    seconds: float | None = None
    is_first_round: bool = False

    @property
    def submitted(self) -> str:
        """The same as long as the notebooks are that were handed in."""
        seen = hashlib.sha256()
        add_files(seen, self.notebooks)
        return seen.hexdigest()

    def fingerprint(self, course: Course) -> str:
        """The same as long as neither the submission nor what it is graded with has changed."""
        seen = hashlib.sha256(course.digest.encode())
        refused = None if self.refused is None else vars(self.refused)
        add_json(seen, [self.student, self.timestamp, self.wanted, self.stripped, refused])
        for files in (self.notebooks, self.files):
            add_files(seen, files)
        return seen.hexdigest()


@dataclass(frozen=True)
class AutogradedNotebook:
    """An autograded notebook and what the gradebook is to hold of it.

    Attributes:
        content: the notebook, JSON.
        grades: for the gradebook.
    """

    content: bytes
    grades: NotebookGrades


@dataclass(frozen=True)
class Outcome:
    """What a worker has to say of a task.

    Attributes:
        student: the task's.
        notebooks: graded, by name; empty after an error.
        seconds: that it took.
        warnings: nbgrader's and ours.
        missing: the assignment's notebooks that were not handed in.
        undecided: why a person must look at all of it, where no step of ours could say so.
        is_slow: whether it was put off because it takes long.
        is_machines: whether the error is the machine's, so that another attempt may do.
        error: the traceback of what went wrong on the grader's side.
        is_fatal: whether no other submission could be graded either.
    """

    student: str
    notebooks: Mapping[str, AutogradedNotebook] = field(default_factory=dict)
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    undecided: str | None = None
    is_slow: bool = False
    is_machines: bool = False
    error: str | None = None
    is_fatal: bool = False

    @property
    def score(self) -> float:
        """Of all its notebooks."""
        return sum(notebook.grades.score for notebook in self.notebooks.values())

    @property
    def points(self) -> float:
        """The most that it could have scored."""
        return sum(notebook.grades.points for notebook in self.notebooks.values())

    @property
    def manual(self) -> int:
        """Cells that a person must grade."""
        return sum(cell.needs_manual_grade for item in self.notebooks.values() for cell in item.grades.cells)


def installed() -> dict[str, bytes]:
    """The grader's own sources, checks aside: they decide grades as well."""
    return {
        path.relative_to(_PACKAGE).as_posix(): path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*.py"))
        if path.relative_to(_PACKAGE).parts[0] != "checks"
    }


def folder_files(folder: Path, *, answers: bool = False) -> dict[str, bytes]:
    """The files of a folder of checks, by relative path: all but its answers, or those alone."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if ("answers" in path.relative_to(folder).parts or path.name == OBSERVED) == answers
    }


def add_files(seen: Any, files: Mapping[str, bytes]) -> None:
    """Adds files to a digest of `hashlib`."""
    for name in sorted(files):
        add_json(seen, [name, len(files[name])])
        seen.update(files[name])


def add_json(seen: Any, value: Any) -> None:
    """Adds plain data to a digest of `hashlib`; anything else in it counts by its name."""
    text = json.dumps(value, sort_keys=True, default=lambda other: getattr(other, "__qualname__", type(other).__name__))
    seen.update(text.encode())
