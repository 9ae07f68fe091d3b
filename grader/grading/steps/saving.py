"""The step that saves the scores."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import SaveAutoGrades

from grader.grading.cells import exercise_graded
from grader.grading.core import read_result
from grader.grading.limits import UNDECIDED_KEY

Resources = Any


def _is_undecided(cell: NotebookNode) -> bool:
    """Whether a graded cell is ours, and the grader could not decide it."""
    if cell.metadata.get(UNDECIDED_KEY):
        return True
    exercise, result = exercise_graded(cell), read_result(cell)
    if exercise is None:
        return False
    return result is None or result.get("needs_manual_grade") is not False


def auto_score(configurable: Any, cell: NotebookNode) -> tuple[float | None, bool]:
    """The score of a graded cell, or None where there is none, and whether a person must grade it."""
    if _is_undecided(cell):
        return None, True
    score, _ = utils.determine_grade(cell, configurable.log)
    return score, score is None


class SaveGrades(SaveAutoGrades):
    """Saves scores as nbgrader does, and what the grader could not decide as `needs_manual_grade`."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        if _is_undecided(cell):
            grade = self.gradebook.find_grade(
                cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id
            )
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()
