"""The same verdicts on a GPU as on the CPU. Run where there is a CUDA device: ``pytest -m gpu``."""

from __future__ import annotations

import nbformat
import pytest
import torch

from grader.devkit.answers import answers, assignments, exercises, policy_of, solution
from grader.evidence.answers import answered
from grader.grading.core import grade_notebook
from grader.sandbox.zygote import Zygote

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device on this machine"),
]


def verdicts(assignment: str, given: dict[str, str], device: str, zygote: Zygote) -> list[tuple[str, str, str]]:
    """Each check's verdict when the notebook computes on `device`."""
    notebook = nbformat.writes(answered(solution(assignment), given)).encode()
    policy = policy_of(assignment, device=device, seed=1)
    graded = grade_notebook(notebook, policy, zygote=zygote)
    return [(check.exercise, check.check, check.verdict.value) for r in graded.exercises for check in r.checks]


@pytest.mark.parametrize("assignment", assignments())
def test_reference_solutions_pass_on_a_gpu(assignment: str, zygote: Zygote) -> None:
    assert {verdict for _, _, verdict in verdicts(assignment, {}, "cuda", zygote)} == {"passed"}


@pytest.mark.parametrize("assignment", assignments())
def test_wrong_answers_get_the_same_verdicts_on_both(assignment: str, zygote: Zygote) -> None:
    wrong = {
        name: next(a.source for a in answers(assignment) if a.exercise == name and not a.is_right)
        for name in exercises(assignment)
    }
    assert verdicts(assignment, wrong, "cuda", zygote) == verdicts(assignment, wrong, "cpu", zygote)
