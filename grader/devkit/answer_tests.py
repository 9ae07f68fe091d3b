"""What `grader.devkit.plugin` tests of an answer: what it costs, and whether it can be told from the others."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import torch

from grader.checking.evidence import evidence_of
from grader.checking.results import CheckResult, Verdict
from grader.course import Checks
from grader.evidence.answers import check_notebook
from grader.evidence.mistakes import FATAL, FORMAL, Answer, look_alike
from grader.evidence.observing import wrong_answers

FATAL_COST: Final = 0.5
"""The least share of an exercise's points that a mistake costs which ruins the result."""

FORMAL_COST: Final = 0.2
"""The most that one costs which leaves the result right."""

_ROUNDING: Final = 1e-6


@cache
def _tried(folder: Path, source: Path, exercise: str, answer: str) -> tuple[CheckResult, ...]:
    torch.set_num_threads(1)  # as in a graded notebook
    seed = int.from_bytes(hashlib.sha256(exercise.encode()).digest()[:4])  # a failure can be had again
    torch.manual_seed(seed)
    return tuple(check_notebook(folder, source, {exercise: answer}, seed=seed))


def tried(folder: Path, source: Path, answer: Answer) -> tuple[CheckResult, ...]:
    """What an exercise's checks find in an answer; all answers to one exercise are tried with one seed, once.

    Args:
        folder: the assignment's checks.
        source: the notebook with the solutions.
        answer: it.
    """
    return _tried(folder, source, answer.exercise, answer.source)


def cost(results: tuple[CheckResult, ...]) -> float:
    """The share of an exercise's points that an answer loses."""
    total = sum(result.weight for result in results)
    return sum(result.weight for result in results if not result.passed) / total if total else 0.0


def problems_of(answer: Answer, results: tuple[CheckResult, ...], languages: frozenset[str]) -> list[str]:
    """What is wrong with an answer's results, a line each.

    Args:
        answer: it.
        results: of all the checks of its exercise.
        languages: that each wrong answer of the assignment must have a hint in.
    """
    if not results:
        return ["no check ran: is there one of this exercise?"]
    faults = [_told(result) for result in results if result.verdict is Verdict.GRADER_ERROR]
    if faults:
        return faults
    lost = [result for result in results if not result.passed]
    if answer.is_right:
        return [_told(result) for result in lost]
    if not lost:
        return ["it passes every check"]
    problems = []
    if not any(result.visible for result in lost):
        problems.append("only hidden checks notice it: visible ones must mirror every category of hidden ones")
    missing = sorted(languages - answer.hints.keys())
    if missing or not answer.hints:
        problems.append(f"it has no hint in {', '.join(missing) or 'any language'}")
    return problems + _out_of_class(answer, cost(results))


def _out_of_class(answer: Answer, lost: float) -> list[str]:
    """Whether a mistake costs what its class says."""
    if answer.severity == FATAL and lost < FATAL_COST - _ROUNDING:
        return [f"it is {FATAL} and costs {lost:.0%} of the points; it must cost at least {FATAL_COST:.0%}"]
    if answer.severity == FORMAL and lost > FORMAL_COST + _ROUNDING:
        return [f"it is {FORMAL} and costs {lost:.0%} of the points; it may cost at most {FORMAL_COST:.0%}"]
    return []


def alike(folder: Path, source: Path, exercise: str) -> list[tuple[Answer, Answer]]:
    """The pairs of an exercise's mistakes that its checks cannot tell apart, and whose hints differ."""
    answers = wrong_answers(Checks.in_folder(folder), source, exercise)
    return look_alike((answer, evidence_of(tried(folder, source, answer))) for answer in answers)


def _told(result: CheckResult) -> str:
    name = f"{result.check}[{result.case}]" if result.case else result.check
    said = [result.diagnosis.problem, result.diagnosis.hint] if result.diagnosis else []
    fault = result.fault.strip().splitlines()[-1:] if result.fault else []
    words = [text.render("en") for text in said if text is not None] + fault
    return f"{name}: {result.verdict.value}: {' '.join(words)}"
