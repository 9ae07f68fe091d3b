"""Right answers score full marks again and again, out of process, with new random inputs each time."""

from __future__ import annotations

import os

import nbformat
import pytest

from grader.devkit.answers import answers, assignments, exercises, policy_of, solution
from grader.evidence.answers import answered
from grader.grading.core import grade_notebook
from grader.sandbox.zygote import Zygote

REPEATS = int(os.environ.get("REPEATS", "4"))
"""Gradings of each assignment: REPEATS=20 pytest tests/test_repeated.py."""


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(REPEATS))
@pytest.mark.parametrize("assignment", assignments())
def test_right_answers_score_full_marks_every_time(assignment: str, turn: int, zygote: Zygote) -> None:
    given = {}
    for exercise in exercises(assignment):
        right = [answer.source for answer in answers(assignment) if answer.exercise == exercise and answer.is_right]
        given[exercise] = right[turn % len(right)]
    notebook = nbformat.writes(answered(solution(assignment), given)).encode()
    graded = grade_notebook(notebook, policy_of(assignment), zygote=zygote)
    lost = [(result.exercise, result.seed, result.verdicts) for result in graded.exercises if not result.passed]
    assert lost == []
    assert sum(result.score for result in graded.exercises) == 100
