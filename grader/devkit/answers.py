"""Right and wrong answers: the files of ``tests/submissions/ASSIGNMENT/EXERCISE/`` and the notebooks made of them.

An answer is the source of an exercise's solution cell. Its file's name begins with ``right_`` or ``wrong_``; its
docstring says what is special about it; a wrong one has the hint that it must get in ``# hint:`` (English) and
``# pista:`` (Spanish) comments, a part of the text each.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat

from grader.checking.notebooks import InProcessNotebook
from grader.checking.results import CheckResult
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.kit.cells import exercise_checked

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "grader" / "checks"
STUB = "raise NotImplementedError()"


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise."""

    assignment: str
    exercise: str
    name: str
    source: str
    hints: Mapping[str, str]

    @property
    def is_right(self) -> bool:
        return self.name.startswith("right_")

    def __str__(self) -> str:
        return f"{self.exercise}/{self.name}"


def answers(assignment: str) -> list[Answer]:
    """All answers to an assignment's exercises."""
    return [read_answer(path) for path in sorted((CHECKS / assignment).glob("*/answers/*.py"))]


def read_answer(path: Path) -> Answer:
    source = path.read_text(encoding="utf-8")
    found = {
        language: match[1].strip()
        for language, word in (("en", "hint"), ("es", "pista"))
        if (match := re.search(rf"^# {word}:(.+)$", source, re.MULTILINE))
    }
    return Answer(path.parents[2].name, path.parents[1].name, path.stem, _without_header(source), found)


def _without_header(source: str) -> str:
    """The answer as a student would type it: without the docstring and the hints."""
    body = ast.parse(source).body
    first = body[1] if len(body) > 1 and isinstance(body[0], ast.Expr) else body[0]
    line = min([first.lineno, *(node.lineno for node in getattr(first, "decorator_list", []))])
    return "\n".join(source.splitlines()[line - 1 :]).strip() + "\n"


def assignments() -> list[str]:
    """The names of all assignments."""
    return sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))


@lru_cache
def _solution(assignment: str) -> nbformat.NotebookNode:
    found: nbformat.NotebookNode = nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)
    return found


def solution(assignment: str) -> nbformat.NotebookNode:
    """The notebook with the reference solutions."""
    return copy.deepcopy(_solution(assignment))


def exercises(assignment: str) -> list[str]:
    """The exercises of an assignment, in the notebook's order."""
    cells = _solution(assignment).cells
    return [name for cell in cells if cell.cell_type == "code" and (name := exercise_checked(cell.source))]


def points(assignment: str) -> dict[str, float]:
    """What each exercise is worth."""
    return {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in _solution(assignment).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def answered(notebook: nbformat.NotebookNode, given: Mapping[str, str]) -> nbformat.NotebookNode:
    """The notebook with the solution cells of some exercises replaced.

    Args:
        notebook: a solution or a released notebook.
        given: for each exercise, the source of its solution cell.
    """
    notebook = copy.deepcopy(notebook)
    for exercise, source in given.items():
        cell = next(
            cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_answer"
        )
        cell.source = source
    return notebook


def check_in_process(
    assignment: str,
    given: Mapping[str, str],
    only: Sequence[str] | None = None,
    *,
    seed: int | None = None,
    hidden: bool = True,
) -> list[CheckResult]:
    """What an assignment's checks find, with the notebook run in this process.

    Args:
        assignment: its name.
        given: answers in place of the reference solutions, by exercise.
        only: the exercises to check; the ones given, by default.
        seed: of the random inputs.
        hidden: whether hidden checks run as well.
    """
    notebook = answered(solution(assignment), given)
    # The demonstrations around the exercises take time and must not matter.
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code" and "nbgrader" in cell.metadata]
    chosen = [name for name in exercises(assignment) if name in (given if only is None else only)]
    checks = Checks.in_folder(CHECKS / assignment)
    # Some answers write files, and what they leave is nobody's.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return run_checks(InProcessNotebook(cells, seed=seed), chosen, checks if hidden else checks.without_hidden())


def function_name(answer: Answer) -> str:
    """The first function or class that an answer defines."""
    tree = ast.parse(answer.source)
    return next(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
