"""The pytest plugin for authors: a course's right and wrong answers as tests.

``pytest`` in a course's folder tries each answer in ``checks/ASSIGNMENT/EXERCISE/answers/`` on the exercise's checks.
It is installed as a pytest entry point, so everything heavy is imported only when an answer is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr


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
    """Declares the mark, and that of pytest-xdist, which an author may not have."""
    config.addinivalue_line("markers", f"{MARK}: tries an answer on the checks of its exercise")
    config.addinivalue_line("markers", "xdist_group(name): tests that pytest-xdist runs in one process")


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
    """One answer: a right one passes every check; a wrong one loses points, as many as it says that it matters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(MARK)
        self.add_marker(pytest.mark.xdist_group(f"answers to {self.path.parents[2].name}/{self.exercise}"))
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
        from grader.devkit.answer_tests import problems_of, tried
        from grader.evidence.answers import find_answer, hint_languages, source_of

        folder = self.path.parents[2]
        source = source_of(folder, self.exercise)
        answer = find_answer(self.path, self.name, source)
        problems = problems_of(answer, tried(folder, source, answer), hint_languages(folder))
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
    """An exercise has two right answers and a wrong one, and no two wrong ones look alike to its checks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(MARK)
        self.add_marker(pytest.mark.xdist_group(f"answers to {self._folder.name}/{self.exercise}"))
        self.extra_keyword_matches.add(self.exercise)
        self.user_properties += [("exercise", self.exercise), ("kind", "exercise")]

    @property
    def exercise(self) -> str:
        return self.name.removeprefix("answers_to_")

    @property
    def _folder(self) -> Path:
        """The assignment's folder of checks."""
        return self.path.parents[1] if self.path.parent.name == self.exercise else self.path.parent

    def runtest(self) -> None:
        """Counts the answers, and compares what was observed in the wrong ones.

        Raises:
            AnswerFailure: there are too few, or two that the checks cannot tell apart.
        """
        from grader.devkit.answer_tests import alike
        from grader.evidence.answers import answers_folder, source_of
        from grader.evidence.mistakes import read_mistakes

        folder = answers_folder(self.path.parent, self.exercise)
        right = len(list(folder.glob("right_*.py")))
        wrong = len(list(folder.glob("wrong_*.py"))) + len(read_mistakes(folder / MISTAKES))
        if right < RIGHT_ANSWERS or wrong < 1:
            raise AnswerFailure(
                f"{self.exercise} has {right} right and {wrong} wrong answers in {folder}; it needs"
                f" {RIGHT_ANSWERS} right_*.py and a mistake in {MISTAKES}"
            )
        pairs = alike(self._folder, source_of(self._folder, self.exercise), self.exercise)
        if pairs:
            told = [f"  {one.name} and {other.name}" for one, other in pairs]
            raise AnswerFailure(
                "\n".join([f"the checks of {self.exercise} cannot tell apart, though their hints differ:", *told])
            )
