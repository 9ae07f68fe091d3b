"""What is wrong between an assignment's check cells and its checks, a line each; it imports no torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.check_cells import exercises_that_weigh
from grader.course import Checks, exercises_in
from grader.evidence.answers import answers_in, answers_to, references


@dataclass(frozen=True)
class CheckCell:
    """A graded cell that says ``check("exercise")``.

    Attributes:
        notebook: its notebook's name.
        name: its `grade_id`.
        exercise: that it checks.
        points: that it is worth.
    """

    notebook: str
    name: str
    exercise: str
    points: float


def faults_in(cells: Sequence[CheckCell], checks: Checks) -> list[str]:
    """What keeps an assignment from being graded as its author means it.

    Raises:
        CheckFileError: a check file is not Python.
    """
    return [*_doubled_cells(cells), *_without_weight(cells, checks), *_doubled_exercises(checks)]


def _doubled_cells(cells: Iterable[CheckCell]) -> list[str]:
    """One exercise has one check cell: the results of a second one would be the first one's."""
    found = defaultdict(list)
    for cell in cells:
        found[cell.notebook, cell.exercise].append(repr(cell.name))
    return [
        f"{notebook}.ipynb, cells {' and '.join(names)}: all of them check {exercise!r}, and an exercise has one cell"
        for (notebook, exercise), names in found.items()
        if len(names) > 1
    ]


def _without_weight(cells: Iterable[CheckCell], checks: Checks) -> list[str]:
    """Points that no check gives."""
    weighing = {name for path in (*checks.visible, *checks.hidden) for name in exercises_that_weigh(path)}
    return [
        f"{cell.notebook}.ipynb, cell {cell.name!r}: every check of {cell.exercise!r} in {checks.folder} has weight 0,"
        f" so that nobody gets its {cell.points:g} points: give one a weight, or the cell 0 points"
        for cell in cells
        if cell.points and checks.has(cell.exercise) and cell.exercise not in weighing
    ]


def _doubled_exercises(checks: Checks) -> list[str]:
    """Exercises of one name, whose checks would be taken for those of one exercise."""
    faults = []
    for files in (checks.visible, checks.hidden):
        found = defaultdict(list)
        for path in files:
            for exercise in exercises_in(path):
                found[exercise].append(_short(path, checks))
        faults += [
            f"{' and '.join(paths)} have checks of {exercise!r} each: rename one of the exercises"
            for exercise, paths in found.items()
            if len(paths) > 1
        ]
    return faults


def _short(path: Path, checks: Checks) -> str:
    return str(path.relative_to(checks.folder.parent))


def refuse_unreadable_answers(notebooks: Iterable[Path], exercises: Collection[str], checks: Checks) -> None:
    """Makes sure that mistakes can be named: that an assignment's answers can be read, and changed as they say.

    Args:
        notebooks: its source notebooks; those that are not there are passed over.
        exercises: that it has.
        checks: its checks, with the answers beside them.

    Raises:
        AnswerError: one of the answers cannot be used.
    """
    for notebook in notebooks:
        if notebook.is_file():
            for exercise, reference in references(notebook).items():
                if exercise in exercises:
                    answers_in(answers_to(checks, exercise), reference)
