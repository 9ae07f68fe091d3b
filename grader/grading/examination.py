"""Looks at a course before any of its students is graded: whether it is ours, and has the checks that it names.

It imports no torch: the coordinator of `grader autograde` asks it as well.
"""

from __future__ import annotations

import difflib
import glob
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.api import Gradebook, MissingEntry, SourceCell
from nbgrader.coursedir import CourseDirectory
from traitlets.utils.importstring import import_item

from grader.check_cells import calls_check, exercise_checked, is_of_ours
from grader.checking.hint_files import faults_in_hints
from grader.course import HIDDEN, Checks, CourseError, checks_of
from grader.grading.faults import CheckCell, faults_in, refuse_unreadable_answers
from grader.kit.messages import add_catalogues, languages
from grader.settings import AulaTorch

_NAMED = 3
"""Cells that one line names."""


@dataclass(frozen=True)
class Graded:
    """What an assignment is graded with.

    Attributes:
        assignment: its name.
        visible: how many checks students have.
        hidden: how many they do not have.
        without_hidden: whether the course asked for grading without the latter.
    """

    assignment: str
    visible: int
    hidden: int
    without_hidden: bool = False

    def __str__(self) -> str:
        asked = " (c.AulaTorch.grade_without_hidden_checks)" if self.without_hidden else ""
        return f"{self.assignment}: graded with {self.visible} visible and {self.hidden} hidden checks{asked}"


@dataclass(frozen=True)
class Released:
    """What a gradebook knows of a course.

    Attributes:
        notebooks: the assignment's: for each, the source of its graded cells by name; empty if it was not released.
        is_ours: whether any assignment of the course has a cell of ours.
        points: what each graded cell is worth, by notebook.
    """

    notebooks: Mapping[str, Mapping[str, str | None]]
    is_ours: bool
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def released(gradebook: Gradebook, assignment: str) -> Released:
    """What `gradebook` knows of the course and of one of its assignments."""
    sources = gradebook.db.query(SourceCell.source).filter(
        SourceCell.source.like("%check%") | SourceCell.source.like("%grader%")
    )
    is_ours = any(source is not None and is_of_ours(source) for (source,) in sources)
    try:
        found = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        return Released({}, is_ours)
    notebooks = {}
    for notebook in found:
        stored = {cell.name: cell.source for cell in notebook.source_cells}
        notebooks[notebook.name] = {cell.name: stored.get(cell.name) for cell in notebook.grade_cells}
    points = {item.name: {cell.name: cell.max_score for cell in item.grade_cells} for item in found}
    return Released(notebooks, is_ours, points)


def examine(coursedir: CourseDirectory, settings: AulaTorch, known: Released, steps: Iterable[Any]) -> Graded | None:
    """Makes sure that an assignment can be graded with what its course names.

    Args:
        coursedir: nbgrader's, with the assignment's name.
        settings: the course's.
        known: what the gradebook has.
        steps: nbgrader's for autograding.

    Returns:
        What it is graded with; None for a course of nbgrader's own, in which nothing is ours.

    Raises:
        CourseError: it cannot.
        SettingsError: a setting names a folder that does not exist.
    """
    _ = settings.data_paths
    if not is_ours(coursedir, settings, known):
        return None
    _refuse_unconfined(steps)
    assignment = coursedir.assignment_id
    checks = checks_of(settings, assignment)
    add_catalogues(checks.locale)
    _refuse_language(settings)
    _ = checks.thresholds, checks.training
    visible, hidden = checks.count()
    exercises: Counter[str] = Counter()
    faults = []
    check_cells = []
    for notebook, cells in known.notebooks.items():
        path = source_path(coursedir, assignment, notebook)
        checked = {cell: exercise_checked(source) for cell, source in _sources(path, cells).items()}
        if any(checked.values()) and not path.is_file():
            raise CourseError(f"the instructor's notebook {path} is missing: without it {assignment} is not graded")
        has_ours = path.is_file() and any(is_of_ours(source) for _, source in code_cells(path))
        for cell, exercise in checked.items():
            if exercise is not None:
                exercises[exercise] += 1
                check_cells.append(CheckCell(notebook, cell, exercise, known.points[notebook][cell]))
                if not visible[exercise] and not hidden[exercise]:
                    faults.append(_uncheckable(notebook, cell, exercise, visible | hidden, checks))
            elif has_ours and calls_check(_sources(path, cells)[cell]):
                faults.append(
                    f'{notebook}.ipynb, cell {cell!r}: a graded cell with a call of check is check("exercise") and'
                    " nothing else"
                )
    _refuse_faults([*faults, *faults_in(check_cells, checks)] if check_cells else faults)
    refuse_unreadable_answers([source_path(coursedir, assignment, name) for name in known.notebooks], exercises, checks)
    found = Graded(
        assignment,
        sum(visible[name] for name in exercises),
        sum(hidden[name] for name in exercises),
        settings.grade_without_hidden_checks,
    )
    if exercises and not found.hidden and not settings.grade_without_hidden_checks:
        raise CourseError(_no_hidden(assignment, checks))
    return found


def _refuse_faults(faults: list[str]) -> None:
    if faults:
        more = f" (and {len(faults) - _NAMED} more)" if len(faults) > _NAMED else ""
        raise CourseError("; ".join(faults[:_NAMED]) + more)


def _refuse_language(settings: AulaTorch) -> None:
    if settings.language not in languages():
        raise CourseError(
            f"c.AulaTorch.language = {settings.language!r}: there are no texts in it; there are:"
            f" {', '.join(languages())}"
        )


def is_ours(coursedir: CourseDirectory, settings: AulaTorch, known: Released) -> bool:
    """Whether every notebook of a course runs confined: it has a check of ours somewhere, or asks for that."""
    return settings.confine == "always" or known.is_ours or _has_sources_of_ours(coursedir)


def _uncheckable(notebook: str, cell: str, exercise: str, known: Iterable[str], checks: Checks) -> str:
    close = difflib.get_close_matches(exercise, known, 1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{notebook}.ipynb, cell {cell!r}: no check of {exercise!r} in {checks.folder}{meant}"


def _no_hidden(assignment: str, checks: Checks) -> str:
    return (
        f"no hidden check of {assignment} is in {checks.folder}: write them in {HIDDEN}, or ask for grading by the"
        " visible checks alone with c.AulaTorch.grade_without_hidden_checks = True"
    )


_GRADING_STEP: Final = "grader.grading.steps.grading.GradeCells"


def _refuse_unconfined(steps: Iterable[Any]) -> None:
    """Makes sure that our step runs notebooks, and no other one: nbgrader's own confines nothing."""
    is_graded = False
    for step in steps:
        if isinstance(step, str) and step.startswith("grader."):
            is_graded = is_graded or step == _GRADING_STEP
            continue  # ours; importing it would import torch
        kind = import_item(step) if isinstance(step, str) else step
        kind = kind if isinstance(kind, type) else type(kind)
        ours = any(base.__module__.startswith("grader.") for base in kind.__mro__)
        is_graded = is_graded or any(f"{base.__module__}.{base.__name__}" == _GRADING_STEP for base in kind.__mro__)
        if issubclass(kind, ExecutePreprocessor) and not ours:
            raise CourseError(
                f"c.Autograde.autograde_preprocessors has {kind.__module__}.{kind.__name__}, which would run notebooks"
                f" unconfined: grader.configure puts {_GRADING_STEP} in its place"
            )
    if not is_graded:
        raise CourseError(
            f"c.Autograde.autograde_preprocessors has no {_GRADING_STEP}: nobody's answers would be checked"
        )


# ------------------------------------------------------------------------------------------------ source notebooks


def source_path(coursedir: CourseDirectory, assignment: str, notebook: str) -> Path:
    """Where the instructor's notebook is, or should be."""
    folder = coursedir.format_path(coursedir.source_directory, ".", assignment)
    return Path(os.path.normpath(Path(coursedir.root) / folder / f"{notebook}.ipynb"))


def _sources(path: Path, cells: Mapping[str, str | None]) -> dict[str, str]:
    """The source of each released cell; of one of which the gradebook keeps none, the instructor's."""
    own = dict(code_cells(path)) if None in cells.values() and path.is_file() else {}
    return {name: source if source is not None else own.get(name, "") for name, source in cells.items()}


def examine_sources(coursedir: CourseDirectory, settings: AulaTorch) -> None:
    """Makes sure that an assignment's source notebooks can be released; those of nbgrader's own can.

    Args:
        coursedir: nbgrader's, with the assignment's name.
        settings: the course's.

    Raises:
        CourseError: one cannot.
        SettingsError: the course has no folder of checks.
    """
    assignment = coursedir.assignment_id
    paths = sorted(source_path(coursedir, assignment, "*").parent.glob("*.ipynb"))
    sources = {path.stem: list(_graded_cells(path)) for path in paths}
    if not any(exercise_checked(source) for cells in sources.values() for _, source, _, _ in cells):
        return
    checks = checks_of(settings, assignment)
    add_catalogues(checks.locale)
    _refuse_language(settings)
    visible, hidden = checks.count()
    faults, check_cells = [], []
    for notebook, cells in sources.items():
        for name, source, points, tags in cells:
            if tags & set(languages()) and settings.language not in tags:
                continue
            exercise = exercise_checked(source)
            if exercise is not None:
                check_cells.append(CheckCell(notebook, name, exercise, points))
                if not visible[exercise] and not hidden[exercise]:
                    faults.append(_uncheckable(notebook, name, exercise, visible | hidden, checks))
    _refuse_faults([*faults, *faults_in(check_cells, checks), *faults_in_hints(checks, settings.language)])
    refuse_unreadable_answers(paths, [cell.exercise for cell in check_cells], checks)


def _graded_cells(path: Path) -> Iterator[tuple[str, str, float, set[str]]]:
    """The name, source, points and tags of each graded code cell of an instructor's notebook."""
    try:
        for cell in json.loads(path.read_bytes()).get("cells", []):
            about = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] == "code" and about.get("grade"):
                tags = set(cell["metadata"].get("tags", []))
                yield str(about.get("grade_id", "")), "".join(cell["source"]), float(about.get("points") or 0), tags
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise CourseError(f"the instructor's notebook {path} cannot be read: {error}") from None


def _has_sources_of_ours(coursedir: CourseDirectory) -> bool:
    pattern = coursedir.directory_structure.format(
        nbgrader_step=coursedir.source_directory, student_id=".", assignment_id="*"
    )
    found = glob.iglob(str(Path(glob.escape(coursedir.root), pattern, "*.ipynb")))  # noqa: PTH207 - of nbgrader's making
    return any(_is_of_ours(Path(path)) for path in found)


def _is_of_ours(path: Path) -> bool:
    """Whether an instructor's notebook has a cell of ours; one that cannot be read has if it looks like it."""
    try:
        return any(is_of_ours(source) for _, source in code_cells(path))
    except (CourseError, OSError):
        return path.is_file() and re.search(rb"check\(\\[\"']|import grader|from grader", path.read_bytes()) is not None


def code_cells(path: Path) -> list[tuple[str, str]]:
    """The name (empty where nbgrader knows none) and source of each code cell of an instructor's notebook.

    Raises:
        CourseError: it is no notebook.
    """
    return list(_code_cells(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _code_cells(path: Path, changed: int) -> tuple[tuple[str, str], ...]:  # noqa: ARG001 - the cache's key
    try:
        return tuple(_cells_of(json.loads(path.read_bytes())))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise CourseError(f"the instructor's notebook {path} cannot be read: {error}") from None


def _cells_of(notebook: Any) -> Iterator[tuple[str, str]]:
    sheets = notebook.get("worksheets", [])  # of old formats
    for cell in [*notebook.get("cells", []), *(cell for sheet in sheets for cell in sheet.get("cells", []))]:
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            text = "".join(source) if isinstance(source, list) else source
            yield str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")), text
