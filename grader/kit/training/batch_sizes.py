"""A batch's size that is written into a student's code: such code runs with full batches of that size alone.

A check of its own asks for other sizes; all others judge what the code does with the one that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from grader.kit.failures import CheckFailure, StudentError
from grader.kit.student import Student
from grader.kit.training.lessons import Lesson

MOST: Final = 1000
"""In a batch: twice as many samples are trained on."""

_WRITTEN: Final = re.compile(r"\.(?:view|reshape)\(\s*[(\[]?\s*(\d{1,4})\s*,")
_SAID: Final = re.compile(r"(?:shape '\[|input batch_size \()(\d{1,4})\b")


def written_sizes(student: Student, error: StudentError, *functions: str) -> list[int]:
    """The sizes of a batch that an error speaks of, or the cell with the code that it came from.

    Args:
        student: the notebook.
        error: what the student's code raised.
        functions: the names of the student's functions.
    """
    defined = [f"def {name}(" for name in functions]
    cell = next((cell for cell in reversed(student.cells) if any(text in cell for text in defined)), "")
    found = [*_SAID.findall(error.message), *_WRITTEN.findall(cell)]
    return [size for size in dict.fromkeys(map(int, found)) if 1 < size <= MOST]


def at_their_size(*functions: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a judge of a student and a lesson ask again, with batches of the size that is written into the code.

    Args:
        functions: the names of the student's functions.
    """

    def decorate(judge: Callable[..., None]) -> Callable[..., None]:
        @wraps(judge)
        def judged(student: Student, lesson: Lesson, *args: Any) -> None:
            try:
                judge(student, lesson, *args)
            except (StudentError, CheckFailure) as failure:
                error = failure if isinstance(failure, StudentError) else failure.__cause__
                if not isinstance(error, StudentError):
                    raise
                for size in written_sizes(student, error, *functions):
                    if is_runnable(judge, student, lesson.stretched(size), *args):
                        return
                raise

        return judged

    return decorate


def is_runnable(judge: Callable[..., None], *args: Any) -> bool:
    """Whether a judge comes to an end: then it has passed; where it fails, it says so.

    Raises:
        CheckFailure: the student's code runs, and what it does is wrong.
    """
    with suppress(StudentError):
        try:
            judge(*args)
        except CheckFailure as failure:
            if isinstance(failure.__cause__, StudentError):
                return False
            raise
        return True
    return False
