"""The answers to this repository's own exercises, the notebooks made of them, and how they are graded."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import Checks
from grader.evidence.answers import (
    check_notebook,
    exercises_checked,
    read_answers,
    read_notebook,
)
from grader.evidence.mistakes import Answer

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.checking.results import CheckResult
    from grader.grading.policy import Policy

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "grader" / "checks"
STUB = "raise NotImplementedError()"


def _source(assignment: str) -> Path:
    return ROOT / "solutions" / assignment / f"{assignment}.ipynb"


@cache
def _answers(assignment: str) -> tuple[Answer, ...]:
    return tuple(read_answers(CHECKS / assignment, _source(assignment)))


def answers(assignment: str) -> list[Answer]:
    """All answers to the exercises of an assignment of this repository."""
    return list(_answers(assignment))


def assignments() -> list[str]:
    """The names of all assignments of this repository."""
    return sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))


def solution(assignment: str) -> NotebookNode:
    """The notebook with the reference solutions."""
    return copy.deepcopy(read_notebook(_source(assignment)))


def exercises(assignment: str) -> list[str]:
    """The exercises of an assignment, in the notebook's order."""
    return exercises_checked(read_notebook(_source(assignment)))


def points(assignment: str) -> dict[str, float]:
    """What each exercise is worth."""
    return {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in read_notebook(_source(assignment)).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def policy_of(assignment: str, **settings: Any) -> Policy:
    """How an assignment of AulaTorch's is graded, in English; `settings` are those of `grader.settings.AulaTorch`."""
    from grader.grading.policy import Policy
    from grader.settings import AulaTorch

    return Policy.of(AulaTorch(language="en", **settings), Checks.in_folder(CHECKS / assignment))


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
    return check_notebook(CHECKS / assignment, _source(assignment), given, only, seed=seed, hidden=hidden)
