"""Finds a course and the checks of its assignments: every way in asks here, and all get the same answer.

The checks of an assignment are one folder. Its files are `VISIBLE` (cases that students have), `HIDDEN` (cases that
they do not have) and what those import; either lies in the folder itself or in a folder for each exercise::

    checks/hw1/visible.py, hidden.py            a small assignment
    checks/hw2/huber/visible.py, hidden.py      a large one
    checks/hw2/locale/pt/LC_MESSAGES/*.mo       its texts in other languages
    checks/hw2/locale/pt/LC_MESSAGES/notebook.po    those in the code of its notebooks
    checks/hw2/budget.toml                      its training budgets and accuracy thresholds
    checks/hw2/huber/hints.toml                 what `hint("huber")` says, step by step

It imports neither torch nor nbgrader.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from traitlets import TraitError
from traitlets.config import Config

from grader.access import refusal
from grader.check_cells import checks_in
from grader.config_files import ConfigFileError, run_config_file
from grader.settings import AulaTorch

VISIBLE: Final = "visible.py"
HIDDEN: Final = "hidden.py"
BUDGET: Final = "budget.toml"
HINTS: Final = "hints.toml"
LOCALE: Final = "locale"

NOTEBOOK_PO: Final = "notebook.po"
"""The catalogue of the texts in the code of an assignment's notebooks, which are translated when it is generated."""

OBSERVED: Final = "mistakes.json"
"""Beside an exercise's checks: its known mistakes, by what they answer to the visible ones."""

OBSERVED_FORMAT: Final = 4
"""Of that file; another one for each change of what is observed."""

RELEASED: Final = "checks"
"""The folder beside a released notebook that holds its visible checks."""

CONFIG: Final = "nbgrader_config.py"
"""What makes a folder a course, for nbgrader and for us."""


class CourseError(Exception):
    """A course cannot be used as it is set up; says in one line what to change."""


class CheckFileError(CourseError):
    """A check file cannot be run: a fault of its author's, never of a student's."""


class ChecksNotFoundError(CourseError):
    """There are no checks where they should be; `grader.kit.not_found` tells a student what to do.

    Attributes:
        folder: where they should be.
        exercise: the one that has none; empty where there are no checks at all.
        known: the exercises that have some.
    """

    def __init__(self, folder: Path, exercise: str = "", known: Iterable[str] = ()) -> None:
        self.folder = folder
        self.exercise = exercise
        self.known = tuple(known)
        close = difflib.get_close_matches(exercise, self.known, 1)
        self.meant = close[0] if close else ""
        super().__init__(f"{folder} has no checks{f' of {exercise!r}' if exercise else ''}")


@dataclass(frozen=True)
class Checks:
    """The checks of an assignment.

    Attributes:
        folder: that holds them.
        visible: check files that students have.
        hidden: check files that they do not have.
    """

    folder: Path
    visible: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """All checks of a folder."""
        return cls(folder, _files(folder, VISIBLE), _files(folder, HIDDEN))

    @property
    def files(self) -> tuple[Path, ...]:
        """All check files."""
        return *self.visible, *self.hidden

    def without_hidden(self) -> Self:
        """The same checks without those that students do not have."""
        return replace(self, hidden=())

    def of(self, exercises: Iterable[str]) -> Self:
        """The same checks without the files that hold none of `exercises`.

        Raises:
            CheckFileError: a file is not Python.
        """
        wanted = set(exercises)
        return replace(
            self,
            visible=tuple(path for path in self.visible if wanted & exercises_in(path).keys()),
            hidden=tuple(path for path in self.hidden if wanted & exercises_in(path).keys()),
        )

    def count(self) -> tuple[Counter[str], Counter[str]]:
        """How many visible and how many hidden checks each exercise has.

        Raises:
            CheckFileError: a file is not Python.
        """
        visible: Counter[str] = Counter()
        hidden: Counter[str] = Counter()
        for found, files in ((visible, self.visible), (hidden, self.hidden)):
            for path in files:
                found.update(exercises_in(path))
        return visible, hidden

    def has(self, exercise: str) -> bool:
        """Whether there is a check of `exercise`."""
        return any(exercise in exercises_in(path) for path in self.files)

    @property
    def locale(self) -> Path:
        """The folder of their translations, laid out as gettext's."""
        return self.folder / LOCALE

    @cached_property
    def budget(self) -> Mapping[str, Mapping[str, Any]]:
        """The assignment's ``budget.toml``: its tables ``training`` and ``thresholds``; empty where it has none.

        Raises:
            CourseError: it is not TOML.
        """
        return read_toml(self.folder / BUDGET)

    @property
    def thresholds(self) -> Mapping[str, Mapping[str, float]]:
        """Accuracy thresholds by the name of their measurement."""
        return self.budget.get("thresholds", {})

    @property
    def training(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """Training budgets by name: ``full`` at a student's keyboard, ``short`` where a notebook is graded."""
        return self.budget.get("training", {})


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file of a course's holds; nothing where there is no such file.

    Raises:
        CourseError: it is not TOML, or cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CourseError(f"{path}: it is not TOML: {error}") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error}") from None


def _files(folder: Path, name: str) -> tuple[Path, ...]:
    return tuple(path for path in (folder / name, *sorted(folder.glob(f"*/{name}"))) if path.is_file())


def exercises_in(path: Path) -> Counter[str]:
    """How many checks of which exercise a check file has, without importing it.

    Raises:
        CheckFileError: the file is not Python.
    """
    try:
        return checks_in(path)
    except SyntaxError as error:
        raise CheckFileError(f"the check file {path}, line {error.lineno}, is not Python: {error.msg}") from None
    except ValueError as error:
        raise CheckFileError(f"the check file {path} is not Python: {error}") from None


def with_imported(path: Path) -> set[Path]:
    """A file of checks and those of its folders that it imports, directly or not, without importing any."""
    found: set[Path] = set()
    pending = [path]
    while pending:
        file = pending.pop()
        if file not in found and file.is_file():
            found.add(file)
            pending += _imported(file)
    return found


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield base.with_suffix(".py")
            yield from (base / f"{alias.name}.py" for alias in node.names)


@dataclass(frozen=True)
class Course:
    """A course: a folder with nbgrader's configuration.

    Attributes:
        root: the folder.
        config: nbgrader's configuration of it.
        settings: AulaTorch's settings in that.
    """

    root: Path
    config: Config
    settings: AulaTorch

    @classmethod
    def open(cls, root: Path) -> Self:
        """The course in the folder `root`.

        Raises:
            CourseError: it is no course, or its configuration cannot be used.
        """
        root = root.resolve()
        config = load_config(root)
        try:
            return cls(root, config, AulaTorch(config=config))
        except TraitError as error:
            raise CourseError(str(error)) from None

    @classmethod
    def around(cls, folder: Path) -> Self | None:
        """The course that `folder` is, or lies in; None where it lies in none.

        Raises:
            CourseError: its configuration cannot be used.
        """
        folder = folder.resolve()
        for parent in (folder, *folder.parents):
            with contextlib.suppress(OSError):
                if (parent / CONFIG).is_file():
                    return cls.open(parent)
        return None

    def checks(self, assignment: str) -> Checks:
        """The checks of an assignment, hidden ones included where the course grades with them.

        Raises:
            CourseError: the course has no folder of checks.
        """
        return checks_of(self.settings, assignment)

    def source(self, assignment: str) -> Path:
        """Where the instructor's notebook of an assignment is, or should be, if it has one of the assignment's name."""
        folder = str(self.config.CourseDirectory.get("source_directory", "source"))
        return self.root / folder / assignment / f"{assignment}.ipynb"

    def assignments(self) -> list[str]:
        """The names of the assignments that have checks."""
        try:
            folder = self.settings.checks_path
        except TraitError:
            return []
        return sorted(path.name for path in folder.iterdir() if Checks.in_folder(path).visible)


def load_config(root: Path) -> Config:
    """The configuration that nbgrader would read in `root`.

    Raises:
        CourseError: there is none, or it cannot be read.
    """
    try:
        is_course = (root / CONFIG).is_file()
    except PermissionError:
        raise CourseError(refusal(root / CONFIG)) from None
    if not is_course:
        why = f"it has no {CONFIG}" if root.is_dir() else "there is no such folder"
        raise CourseError(f"{root} is no course: {why}")
    try:
        config = run_config_file(CONFIG, str(root))
    except ConfigFileError as error:
        raise CourseError(f"the configuration has an error: {error}") from None
    config.CourseDirectory.setdefault("root", str(root))  # as for nbgrader, if it were run there
    return config


def checks_of(settings: AulaTorch, assignment: str) -> Checks:
    """The checks of an assignment of the course with `settings`.

    Raises:
        SettingsError: the course has no folder of checks.
    """
    found = Checks.in_folder(settings.checks_path / assignment)
    return found.without_hidden() if settings.grade_without_hidden_checks else found


def find_checks(folder: Path, exercises: Iterable[str] = ()) -> Checks:
    """The checks of a notebook: those released beside it, else those of the course that it lies in.

    Args:
        folder: that the notebook lies in.
        exercises: of the notebook.

    Raises:
        ChecksNotFoundError: there are none of these exercises.
        CourseError: a course around it cannot be used.
    """
    wanted = list(exercises)
    if not (folder / CONFIG).is_file():
        released = Checks.in_folder(folder / RELEASED)
        if released.visible:
            return _with_all(released, wanted)
    course = Course.around(folder)
    names = course.assignments() if course is not None else []
    found = [course.checks(name) for name in names] if course is not None else []
    found.sort(key=lambda checks: checks.folder.name != folder.resolve().name)
    for checks in found:
        if all(map(checks.has, wanted)):
            return checks
    if course is None or not found:
        raise ChecksNotFoundError(folder.resolve())
    nearest = max(found, key=lambda checks: sum(map(checks.has, wanted)))
    return _with_all(nearest, wanted)


def _with_all(checks: Checks, wanted: list[str]) -> Checks:
    known = dict.fromkeys(name for path in checks.files for name in exercises_in(path))
    for name in wanted:
        if name not in known:
            raise ChecksNotFoundError(checks.folder, name, known)
    return checks
