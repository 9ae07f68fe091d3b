"""From the exception that a check raised to the verdict that a student reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.testing.explanations import explain
from grader.testing.failures import (
    CheckFailure,
    Diagnosis,
    StudentError,
    UndefinedNameError,
    WorkerCrashedError,
    WorkerDiskError,
    WorkerFault,
    WorkerMemoryError,
    WorkerReplyError,
    WorkerTimeoutError,
    is_untouched_stub,
)
from grader.testing.messages import Message, tr
from grader.testing.results import Verdict
from grader.testing.student import last_call

_FAULTS = {
    WorkerTimeoutError: (
        Verdict.TIMEOUT,
        tr("Your code did not finish in time and was stopped."),
        tr("Look for a loop that never ends, or for much more work than the exercise needs."),
    ),
    WorkerMemoryError: (
        Verdict.MEMORY,
        tr("Your code used more memory than it may, and was ended."),
        tr("Look for a tensor that is larger than you think: print its shape on a small input."),
    ),
    WorkerCrashedError: (
        Verdict.CRASHED,
        tr("Your code ended the Python process."),
        tr("Look for exit(), quit() or os._exit(), and for recursion without end."),
    ),
    WorkerDiskError: (
        Verdict.CRASHED,
        tr("Your code wrote more to disk than it may, and was ended."),
        tr("Look for a file that is written again and again, or that grows in a loop."),
    ),
    WorkerReplyError: (
        Verdict.ERROR,
        tr("Your function's answer could not be read."),
        tr("Return the kind of value that the exercise asks, and no more of it."),
    ),
}


def judge(error: BaseException, *, reveal: bool) -> tuple[Verdict, Diagnosis | None]:
    """The verdict for the exception with which a check ended.

    Args:
        error: what the check raised.
        reveal: whether the check is a visible one, so that the values of its inputs may be shown.
    """
    call = last_call()
    called = call.describe(reveal=reveal) if call is not None else None
    if isinstance(error, CheckFailure):
        return Verdict.FAILED, replace(error.diagnosis, called=called)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return Verdict.FAILED, Diagnosis(_stated_problem(error), called=called)
    if isinstance(error, StudentError):
        return _judge_student_error(error, called)
    for kind, (verdict, problem, hint) in _FAULTS.items():
        if isinstance(error, kind):
            if error.problem is not None:
                return verdict, Diagnosis(error.problem)
            return verdict, Diagnosis(problem, hint=hint, called=called)
    if isinstance(error, WorkerFault):
        return Verdict.CRASHED, Diagnosis(_FAULTS[WorkerCrashedError][1], called=called)
    return Verdict.GRADER_ERROR, Diagnosis(
        tr("The grader could not decide this check. It costs you nothing: your instructor will grade it.")
    )


def _stated_problem(error: BaseException) -> Message:
    """What a plain ``assert condition, message`` or ``pytest.fail(message)`` says."""
    stated = error.args[0] if error.args else ""
    if isinstance(stated, Message):
        return stated
    text = str(stated).split("\n", 1)[0][:300]
    return tr(text) if text else tr("The answer is not the one that was asked.")


def _judge_student_error(error: StudentError, called: str | None) -> tuple[Verdict, Diagnosis]:
    if is_untouched_stub(error):
        return Verdict.NOT_ATTEMPTED, Diagnosis(tr("Not attempted yet: the cell still raises NotImplementedError."))
    if isinstance(error, UndefinedNameError):
        problem = tr("`{name}` is not defined.", name=error.message)
        return Verdict.ERROR, Diagnosis(problem, hint=explain(error))
    where = None
    if error.frames:
        frame = error.frames[-1]
        where = tr("in {function}, line {line}: {text}", function=frame.function, line=frame.line, text=frame.text)
    problem = tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:500])
    return Verdict.ERROR, Diagnosis(problem, hint=explain(error), called=called, where=where)
