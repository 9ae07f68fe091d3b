"""The pytest plugin for authors: a course's right and wrong answers as tests.

``pytest`` in a course's folder tries each answer in ``checks/ASSIGNMENT/EXERCISE/answers/`` on the exercise's checks.
It is installed as a pytest entry point, so everything heavy is imported only when an answer is tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from grader.checking.results import CheckResult
    from grader.evidence.mistakes import Answer

FOLDER: Final = "answers"
MISTAKES: Final = "mistakes.toml"
VISIBLE: Final = "visible.py"

MARK: Final = "answer"
"""The mark of all these tests: ``-m 'not answer'`` leaves them out."""

RIGHT_ANSWERS: Final = 2
"""How many an exercise needs at least, so that its checks accept more than one way of writing it."""


class AnswerFailure(Exception):
    """An answer does not come out as it should."""


def pytest_configure(config: pytest.Config) -> None:
    """Declares the mark."""
    config.addinivalue_line("markers", f"{MARK}: tries an answer on the checks of its exercise")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects files of answers, and what an exercise needs of them."""
    if file_path.name == VISIBLE:
        return ExerciseFile.from_parent(parent, path=file_path) if _has_answers(file_path) else None
    if file_path.suffix == ".py" and parent.session.isinitpath(file_path):
        return None  # pytest makes a module of it, below
    return AnswerFile.from_parent(parent, path=file_path) if is_answer_file(file_path) else None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Takes a file of answers that is named on the command line for what it is, and no module to import."""
    return AnswerModule.from_parent(parent, path=module_path) if is_answer_file(module_path) else None


def is_answer_file(path: Path) -> bool:
    """Whether a file holds answers to an exercise that has checks."""
    if path.parent.name != FOLDER or len(path.parents) < 3:
        return False
    if path.name != MISTAKES and not (path.suffix == ".py" and path.name.startswith(("right_", "wrong_"))):
        return False
    return _is_checks_folder(path.parents[2])


@cache
def _is_checks_folder(folder: Path) -> bool:
    from grader.course import Checks

    return bool(Checks.in_folder(folder).visible)


def _has_answers(visible: Path) -> bool:
    """Whether there are answers to the assignment of a file of visible checks; there are none where it was released."""
    inside = visible.parent.glob(f"*/{FOLDER}"), visible.parent.parent.glob(f"*/{FOLDER}")
    return (visible.parent / FOLDER).is_dir() or any(any(found) for found in inside)


class AnswerFile(pytest.File):
    """A file of answers: one test for each."""

    def collect(self) -> Iterator[pytest.Item]:
        """The answers, none of them tried yet."""
        from grader.course import CourseError
        from grader.evidence.mistakes import read_mistakes

        if self.path.name != MISTAKES:
            yield AnswerItem.from_parent(self, name=self.path.stem)
            return
        try:
            mistakes = read_mistakes(self.path)
        except CourseError as error:
            raise self.CollectError(str(error)) from None
        for mistake in mistakes:
            yield AnswerItem.from_parent(self, name=mistake.name)


class AnswerModule(AnswerFile, pytest.Module):
    """A file of answers that is named on the command line."""


class _Item(pytest.Item):
    """A test whose failure is told in a few lines."""

    @property
    def exercise(self) -> str:
        """The exercise's name."""
        raise NotImplementedError

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """What is wrong, without a traceback through the grader."""
        from grader.course import CourseError

        if isinstance(excinfo.value, AnswerFailure | CourseError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test stands, and its name."""
        return self.path, None, f"{self.exercise}: {self.name}"


class AnswerItem(_Item):
    """One answer: a right one passes every check; a wrong one loses points and gets its hint."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(MARK)
        self.extra_keyword_matches |= {self.exercise, self.kind}
        self.user_properties += [("exercise", self.exercise), ("kind", self.kind)]

    @property
    def exercise(self) -> str:
        return self.path.parents[1].name

    @property
    def kind(self) -> str:
        """``right`` or ``wrong``."""
        return "right" if self.path.name.startswith("right_") else "wrong"

    def runtest(self) -> None:
        """Tries the answer.

        Raises:
            AnswerFailure: it does not come out as it should.
            AnswerError: it cannot be read.
        """
        import torch

        from grader.evidence.answers import check_notebook, find_answer, hint_languages, source_of

        torch.set_num_threads(1)  # as in a graded notebook
        folder = self.path.parents[2]
        source = source_of(folder, self.exercise)
        answer = find_answer(self.path, self.name, source)
        seed = int.from_bytes(hashlib.sha256(str(answer).encode()).digest()[:4])  # a failure can be had again
        results = check_notebook(folder, source, {self.exercise: answer.source}, seed=seed)
        problems = (
            right_problems(results) if answer.is_right else wrong_problems(answer, results, hint_languages(folder))
        )
        if problems:
            raise AnswerFailure("\n".join([f"{answer}: {answer.title}", *problems]))


class ExerciseFile(pytest.File):
    """A file of visible checks: one test for each exercise, of how many answers it has."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each exercise."""
        from grader.course import CourseError, exercises_in

        try:
            exercises = list(exercises_in(self.path))
        except CourseError as error:
            raise self.CollectError(str(error)) from None
        for exercise in exercises:
            yield ExerciseItem.from_parent(self, name=f"answers_to_{exercise}")


class ExerciseItem(_Item):
    """An exercise has two right answers and a wrong one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(MARK)
        self.extra_keyword_matches.add(self.exercise)
        self.user_properties += [("exercise", self.exercise), ("kind", "exercise")]

    @property
    def exercise(self) -> str:
        return self.name.removeprefix("answers_to_")

    def runtest(self) -> None:
        """Counts the answers.

        Raises:
            AnswerFailure: there are too few.
        """
        from grader.evidence.answers import answers_folder
        from grader.evidence.mistakes import read_mistakes

        folder = answers_folder(self.path.parent, self.exercise)
        right = len(list(folder.glob("right_*.py")))
        wrong = len(list(folder.glob("wrong_*.py"))) + len(read_mistakes(folder / MISTAKES))
        if right < RIGHT_ANSWERS or wrong < 1:
            raise AnswerFailure(
                f"{self.exercise} has {right} right and {wrong} wrong answers in {folder}; it needs"
                f" {RIGHT_ANSWERS} right_*.py and a mistake in {MISTAKES}"
            )


def right_problems(results: list[CheckResult]) -> list[str]:
    """What is wrong with the results of a right answer, a line each."""
    if not results:
        return ["no check ran: is there one of this exercise?"]
    return [_told(result) for result in results if not result.passed]


def wrong_problems(answer: Answer, results: list[CheckResult], languages: frozenset[str]) -> list[str]:
    """What is wrong with the results of a wrong answer, a line each.

    Args:
        answer: it.
        results: of all the checks of its exercise.
        languages: that each wrong answer of the assignment must have a hint in.
    """
    from grader.checking.results import Verdict

    lost = [result for result in results if not result.passed]
    if not lost:
        return ["it passes every check" if results else "no check ran: is there one of this exercise?"]
    faults = [_told(result) for result in lost if result.verdict is Verdict.GRADER_ERROR]
    if faults:
        return faults
    problems = []
    if not any(result.visible for result in lost):
        problems.append("only hidden checks notice it: visible ones must mirror every category of hidden ones")
    missing = sorted(languages - answer.hints.keys())
    if missing or not answer.hints:
        problems.append(f"it names no hint in {', '.join(missing) or 'any language'}")
    for language, hint in answer.hints.items():
        shown = dict.fromkeys(
            text.render(language)
            for result in lost
            if result.diagnosis
            for text in (result.diagnosis.problem, result.diagnosis.hint)
            if text is not None
        )
        if not any(hint in text for text in shown):
            problems += [f"no message in {language} holds {hint!r}; there are:", *(f"  {text}" for text in shown)]
    return problems


def _told(result: CheckResult) -> str:
    name = f"{result.check}[{result.case}]" if result.case else result.check
    said = [result.diagnosis.problem, result.diagnosis.hint] if result.diagnosis else []
    fault = result.fault.strip().splitlines()[-1:] if result.fault else []
    words = [text.render("en") for text in said if text is not None] + fault
    return f"{name}: {result.verdict.value}: {' '.join(words)}"
