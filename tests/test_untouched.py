"""What nobody has begun is not attempted: an untouched exercise passes no check, and is wrong in none."""

from __future__ import annotations

import nbformat
import pytest

from grader.checking.notebooks import InProcessNotebook, exercise_cells, exercises_of
from grader.checking.results import Verdict
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, assignments


@pytest.mark.parametrize("assignment", assignments())
def test_no_check_of_an_untouched_notebook_says_more_than_that(assignment: str) -> None:
    released = nbformat.read(ROOT / "assignments" / "en" / assignment / f"{assignment}.ipynb", as_version=4)
    stage = InProcessNotebook(exercise_cells(released), seed=1)
    results = run_checks(stage, exercises_of(released), Checks.in_folder(CHECKS / assignment))
    assert len(results) > 100
    told = {(result.exercise, result.check): result.verdict for result in results}
    assert {check: verdict for check, verdict in told.items() if verdict is not Verdict.NOT_ATTEMPTED} == {}
