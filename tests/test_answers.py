"""Every check rejects what it should and accepts what it should: the answers in ``tests/submissions``."""

import pytest

from grader.checking.results import CheckResult, Verdict
from grader.devkit.answers import Answer, answers, assignments, check_in_process, exercises

ALL = [answer for assignment in assignments() for answer in answers(assignment)]
RIGHT = [answer for answer in ALL if answer.is_right]
WRONG = [answer for answer in ALL if not answer.is_right]


def failures(results: list[CheckResult]) -> list[str]:
    return [
        f"{result.check}[{result.case}]: {result.verdict} {result.diagnosis} {result.fault or ''}"
        for result in results
        if not result.passed
    ]


@pytest.mark.parametrize("answer", RIGHT, ids=str)
def test_a_right_answer_passes_every_check(answer: Answer) -> None:
    results = check_in_process(answer.assignment, {answer.exercise: answer.source})
    assert results
    assert not failures(results)


@pytest.mark.parametrize("answer", WRONG, ids=str)
def test_a_wrong_answer_loses_points_and_gets_its_hint_in_both_languages(answer: Answer) -> None:
    results = check_in_process(answer.assignment, {answer.exercise: answer.source})
    lost = [result for result in results if not result.passed]
    assert lost, "the wrong answer passes every check"
    assert not [result for result in lost if result.verdict is Verdict.GRADER_ERROR], failures(results)
    assert [result for result in lost if result.visible], "samples must mirror every category of hidden checks"
    assert set(answer.hints) == {"en", "es"}, "a wrong answer names its hint in both languages"
    for language, hint in answer.hints.items():
        shown = [
            text.render(language)
            for result in lost
            if result.diagnosis
            for text in (result.diagnosis.problem, result.diagnosis.hint)
            if text is not None
        ]
        assert any(hint in text for text in shown), f"no {language} message holds {hint!r}: {shown}"


@pytest.mark.parametrize(
    ("assignment", "exercise"),
    [(assignment, exercise) for assignment in assignments() for exercise in exercises(assignment)],
)
def test_an_exercise_has_two_right_answers_and_a_wrong_one(assignment: str, exercise: str) -> None:
    kinds = [answer.is_right for answer in answers(assignment) if answer.exercise == exercise]
    assert kinds.count(True) >= 2
    assert kinds.count(False) >= 1
