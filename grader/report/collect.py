"""What became of an assignment: each student's score and verdicts, and the reason where something went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grader.testing.results import MIME_TYPE


@dataclass(frozen=True)
class StudentReport:
    """One student's graded submission.

    Attributes:
        student: nbgrader's id.
        scores: points by exercise, as the gradebook has them.
        score: the total.
        max_score: what could be had.
        verdicts: how many checks came to each verdict.
        notices: what was repaired, or why the notebook could not be opened.
        needs_manual_grade: whether a person has to look.
    """

    student: str
    scores: dict[str, float]
    score: float
    max_score: float
    verdicts: Counter[str] = field(default_factory=Counter)
    notices: tuple[str, ...] = ()
    needs_manual_grade: bool = False


def collect(course: CourseDirectory, assignment: str) -> list[StudentReport]:
    """The reports of everyone who handed in `assignment`, by student id."""
    reports = []
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            verdicts: Counter[str] = Counter()
            notices: list[str] = []
            scores: dict[str, float] = {}
            for notebook in submission.notebooks:
                scores |= {grade.name: float(grade.score) for grade in notebook.grades}
                folder = course.format_path(course.autograded_directory, submission.student.id, assignment)
                found = read_autograded(Path(course.root) / folder / f"{notebook.name}.ipynb")
                notices += found[1]
                for result in found[0]:
                    verdicts.update(check["verdict"] for check in result["checks"])
            reports.append(
                StudentReport(
                    submission.student.id,
                    scores,
                    float(submission.score),
                    float(submission.max_score),
                    verdicts,
                    tuple(notices),
                    bool(submission.needs_manual_grade),
                )
            )
    return sorted(reports, key=lambda report: report.student)


def read_autograded(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The exercises' results and the notices in an autograded notebook; empty where there is none."""
    if not path.is_file():
        return [], []
    notebook = nbformat.read(path, as_version=4)
    results = [
        output.data[MIME_TYPE]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result" and MIME_TYPE in output.data
    ]
    return results, list(notebook.metadata.get("aulatorch", {}).get("notices", []))
