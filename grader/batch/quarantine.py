"""Setting a submission aside: its released notebook, with the reason, and every point left to a person."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader import utils

from grader.batch.submissions import Folders, Submission
from grader.batch.tasks import AutogradedNotebook, Outcome
from grader.checking.results import ExerciseResult
from grader.grading.cells import check_cells
from grader.grading.core import undecided, write_result
from grader.grading.handover import CellGrade, NotebookGrades
from grader.grading.limits import QUARANTINE_KEY
from grader.kit.messages import tr


def quarantined(folders: Folders, submission: Submission, language: str, reason: str) -> Outcome:
    """The outcome for a submission that no worker survives; what was handed in is not so much as opened.

    Args:
        folders: the course's.
        submission: which.
        language: of the notice.
        reason: for the instructor.
    """
    notice = tr(
        "Grading this notebook ended the grader's process again and again, so it was set aside for your instructor."
        " What you see here is the notebook that was handed out, not yours."
    ).render(language)
    graded = {}
    for name in submission.notebooks:
        cells = folders.course.structure[name]
        notebook = _released(folders, name)
        notebook.cells.insert(0, new_markdown_cell(f"> **AulaTorch**: {notice}"))
        notebook.metadata[QUARANTINE_KEY] = {"notices": [notice], "unreadable": True, "reason": reason}
        points = {cell.name: cell.max_score for cell in cells if cell.max_score is not None}
        for exercise, index in check_cells(notebook).items():
            worth = float(notebook.cells[index].metadata.nbgrader.points)
            write_result(
                notebook.cells[index], ExerciseResult(exercise, worth, (undecided(exercise, reason),)), language
            )
        grades = tuple(CellGrade(cell, None, True) for cell in points)
        comments = {cell.name: None for cell in cells if cell.is_solution or cell.is_task}
        content = nbformat.writes(notebook).encode()
        graded[name] = AutogradedNotebook(content, NotebookGrades(grades, comments, sum(points.values())))
    return Outcome(submission.student, graded)


def _released(folders: Folders, name: str) -> nbformat.NotebookNode:
    """The notebook that students got, or the source without its solutions where there is none any more."""
    coursedir, assignment = folders.coursedir, folders.course.assignment
    path = Path(coursedir.format_path(coursedir.release_directory, ".", assignment), f"{name}.ipynb")
    if path.is_file():
        return nbformat.from_dict(nbformat.read(path, as_version=4))
    notebook = nbformat.reads(folders.course.sources[name].decode(), as_version=4)
    released = {cell.name: cell for cell in folders.course.structure[name]}
    for cell in notebook.cells:
        found = released.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if utils.is_solution(cell) or utils.is_grade(cell):
            cell.source = (found.source if found is not None else None) or ""
    return notebook
