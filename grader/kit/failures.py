"""What can go wrong with a check, one exception for each verdict."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from grader.kit.messages import Message


@dataclass(frozen=True)
class Diagnosis:
    """Why a check did not pass, for the student.

    Attributes:
        problem: what is wrong, in the vocabulary of deep learning.
        expected: what was asked, such as a shape or a dtype.
        actual: what came instead.
        hint: one likely cause and one next step; never the answer.
        called: the call that showed it, without the values of hidden inputs.
        where: the line of the student's own code, when it raised.
        shown_expected: values that a visible check shows in place of `expected`.
        shown_actual: and in place of `actual`.
    """

    problem: Message
    expected: Message | None = None
    actual: Message | None = None
    hint: Message | None = None
    called: str | None = None
    where: Message | None = None
    shown_expected: Message | None = None
    shown_actual: Message | None = None


class CheckFailure(AssertionError):
    """The student's answer is wrong: verdict ``failed``.

    Args:
        problem: what is wrong, in the vocabulary of deep learning.
        expected: what was asked, such as a shape or a dtype.
        actual: what came instead.
        hint: one likely cause and one next step; never the answer.
        shown_expected: values that a visible check shows in place of `expected`.
        shown_actual: and in place of `actual`.

    Attributes:
        diagnosis: all of that.
    """

    def __init__(
        self,
        problem: Message,
        *,
        expected: Message | None = None,
        actual: Message | None = None,
        hint: Message | None = None,
        shown_expected: Message | None = None,
        shown_actual: Message | None = None,
    ) -> None:
        self.diagnosis = Diagnosis(
            problem, expected, actual, hint, shown_expected=shown_expected, shown_actual=shown_actual
        )
        super().__init__(problem.render("en"))


@dataclass(frozen=True)
class StudentFrame:
    """One line of the student's own code in a traceback.

    Attributes:
        function: the function that it is in.
        line: its number in the cell.
        text: the line.
        is_of_notebook: whether the notebook's cells hold such a line and such a name; the worker may say anything.
    """

    function: str
    line: int
    text: str
    is_of_notebook: bool = False


class StudentError(Exception):
    """The student's code raised: verdict ``error``, or ``not_attempted`` for the untouched stub.

    The exception that a check sees is also an instance of the built-in class that the student's code raised, so
    that ``pytest.raises(ValueError)`` means what it says.

    Attributes:
        type_name: the name of the exception's class.
        message: its text, 2,000 characters at most.
        frames: the lines of the student's code that it passed through, five at most.
        in_own_words: whether a ``raise`` or an ``assert`` of the student's wrote the text.
    """

    type_name: str
    message: str
    frames: tuple[StudentFrame, ...]
    in_own_words: bool = False

    def __init__(self, type_name: str, message: str, frames: Sequence[StudentFrame] = ()) -> None:
        self.type_name, self.message, self.frames = type_name, message, tuple(frames)
        super().__init__(f"{type_name}: {message}")


def is_untouched_stub(error: BaseException) -> bool:
    """Whether it is the ``raise NotImplementedError()`` of a stub; PyTorch's own always say what is not implemented."""
    return isinstance(error, StudentError) and isinstance(error, NotImplementedError) and not error.message


class UndefinedNameError(StudentError):
    """The notebook defines no such function or class."""


class WorkerFault(Exception):
    """The process that runs the student's code did not answer as it must.

    Args:
        text: for a log.
        problem: what a student reads, where it is not what the class says.
    """

    def __init__(self, text: str, problem: Message | None = None) -> None:
        self.problem = problem
        super().__init__(text)


class WorkerTimeoutError(WorkerFault):
    """No answer in time: verdict ``timeout``."""


class WorkerMemoryError(WorkerFault):
    """The process was ended for the memory that it used: verdict ``memory``."""


class WorkerCrashedError(WorkerFault):
    """The process is gone: verdict ``crashed``."""


class WorkerDiskError(WorkerFault):
    """The process was ended for what it wrote: verdict ``crashed``."""


class WorkerReplyError(WorkerFault):
    """The answer cannot be read or is too large: verdict ``error``."""


def student_error(reply: Mapping[str, Any], cells: Sequence[str] = ()) -> StudentError:
    """The exception for a worker's ``error`` reply, of the built-in class nearest to the one that was raised.

    Args:
        reply: the worker's.
        cells: the notebook's code cells.
    """
    frames = [_frame(frame, cells) for frame in reply.get("frames", [])[:5] if isinstance(frame, dict)]
    type_name, message = str(reply.get("type"))[:200], str(reply.get("message"))[:2000]
    kind: type[StudentError] = StudentError
    for name in reply.get("bases", []):
        base = getattr(builtins, str(name), None)
        if isinstance(base, type) and issubclass(base, Exception) and base is not Exception:
            kind = _error_class(base)
            break
    error = kind(type_name, message, frames)
    error.in_own_words = reply.get("own_words") is True
    return error


def _error_class(base: type[Exception]) -> type[StudentError]:
    try:
        return type(f"Student{base.__name__}", (StudentError, base), {"__init__": StudentError.__init__})
    except TypeError:  # a built-in whose memory layout cannot be combined, such as OSError's
        return StudentError


def _frame(reply: Mapping[str, Any], cells: Sequence[str]) -> StudentFrame:
    function, line, text = str(reply.get("function"))[:200], int(reply.get("line") or 0), str(reply.get("text"))[:300]
    lines = {known.strip()[:300] for cell in cells for known in cell.splitlines()}
    names = {name for cell in cells for name in _NAME.findall(cell)} | _UNNAMED
    longest = max((cell.count("\n") + 1 for cell in cells), default=0)
    return StudentFrame(function, line, text, text in lines and function in names and 0 < line <= longest)


_NAME: Final = re.compile(r"\w+")
_UNNAMED: Final = {"<module>", "<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"}
