"""From the exception that a check raised to the verdict that a student reads."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import pytest
import torch

from grader.checking.explanations import explain
from grader.checking.results import Verdict
from grader.kit.failures import (
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
from grader.kit.messages import Message, tr
from grader.kit.references import NotRecordedError
from grader.kit.student import last_call
from grader.kit.wording import naming
from grader.wire.values import origin

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
        found = _with_values(error.diagnosis) if reveal else _withheld(error)
        return Verdict.FAILED, replace(found, called=called)
    if isinstance(error, StudentError):  # before the check's own: an assert of the student's raises AssertionError too
        return _judge_student_error(error, called, reveal=reveal)
    if isinstance(error, NotRecordedError):  # what was to be compared follows from an answer that is wrong
        return Verdict.FAILED, Diagnosis(_stated_problem(AssertionError()), called=called)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return Verdict.FAILED, Diagnosis(_stated_problem(error), called=called)
    for kind, (verdict, problem, hint) in _FAULTS.items():
        if isinstance(error, kind):
            if error.problem is not None:
                return verdict, Diagnosis(error.problem)
            return verdict, Diagnosis(problem, hint=hint, called=called)
    if isinstance(error, WorkerFault):
        return Verdict.CRASHED, Diagnosis(_FAULTS[WorkerCrashedError][1], called=called)
    if call is not None and isinstance(error, RuntimeError) and "meta" in str(error).lower() and _is_empty(call.value):
        return Verdict.FAILED, Diagnosis(
            tr("{what} is a tensor without values: it lies on the device meta.", what=naming(None)), called=called
        )
    return Verdict.GRADER_ERROR, Diagnosis(
        tr("The grader could not decide this check. It costs you nothing: your instructor will grade it.")
    )


def _is_empty(value: object) -> bool:
    """Whether a tensor without values is in what a call returned: a check that computes with it cannot."""
    if isinstance(value, dict):
        return any(map(_is_empty, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_empty, value))
    return isinstance(value, torch.Tensor) and not origin(value).has_data


def _stated_problem(error: BaseException) -> Message:
    """What a plain ``assert condition, message`` or ``pytest.fail(message)`` says."""
    stated = error.args[0] if error.args else ""
    if isinstance(stated, Message):
        return stated
    text = str(stated).split("\n", 1)[0][:300]
    return tr(text) if text else tr("The answer is not the one that was asked.")


def _judge_student_error(error: StudentError, called: str | None, *, reveal: bool) -> tuple[Verdict, Diagnosis]:
    if is_untouched_stub(error):
        return Verdict.NOT_ATTEMPTED, Diagnosis(tr("Not attempted yet: the cell still raises NotImplementedError."))
    if isinstance(error, UndefinedNameError):
        if not error.frames:
            return Verdict.ERROR, Diagnosis(tr("`{name}` is not defined.", name=error.message), hint=explain(error))
        unread = error.frames[0]
        return Verdict.ERROR, Diagnosis(
            tr("`{name}` is not defined: Python cannot read the cell.", name=error.message),
            where=tr("line {line}: {text}", line=unread.line, text=unread.text),
            hint=explain(error),
        )
    where = None
    # A line that the code made up while it ran may say anything.
    if error.frames and (reveal or error.frames[-1].is_of_notebook):
        frame = error.frames[-1]
        where = tr("in {function}, line {line}: {text}", function=frame.function, line=frame.line, text=frame.text)
    if error.type_name == "BdbQuit":
        problem = tr("Your code stopped at a breakpoint.")
    elif reveal:
        problem = tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:500])
    else:
        problem = tr("Your code raised {kind}.", kind=_known_name(error))
    return Verdict.ERROR, Diagnosis(problem, hint=explain(error), called=called, where=where)


def _with_values(found: Diagnosis) -> Diagnosis:
    """A visible check's diagnosis, with the values that only a visible one shows."""
    return replace(found, expected=found.shown_expected or found.expected, actual=found.shown_actual or found.actual)


_WITHHELD: Final = "…"


def _known_name(error: StudentError) -> str:
    """The name of the exception's class, or of the nearest one that no student can have named after an input."""
    if error.type_name in _LIBRARY_ERRORS or error.type_name in vars(builtins):
        return error.type_name
    bases = (base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
    return next(bases, "Exception")


_LIBRARY_ERRORS: Final = {
    "LinAlgError", "OutOfMemoryError", "AcceleratorError", "FakeTensorDeviceMismatchError", "AxisError", "BdbQuit",
    "DataDependentOutputException", "UnsupportedOperatorException", "DynamicOutputShapeException", "UnpicklingError",
}  # fmt: skip


def _withheld(failure: CheckFailure) -> Diagnosis:
    """A hidden check's diagnosis without what a student's exception says: it may well say the input."""
    found = replace(failure.diagnosis, shown_expected=None, shown_actual=None)
    raised = [error for error in _causes(failure) if isinstance(error, StudentError)]
    secrets = [error.message for error in raised]
    secrets += [error.type_name for error in raised if _known_name(error) != error.type_name]
    secrets = [secret for secret in secrets if secret]
    if not secrets:
        return found
    return replace(
        found,
        problem=_without(found.problem, secrets),
        expected=found.expected and _without(found.expected, secrets),
        actual=found.actual and _without(found.actual, secrets),
        hint=found.hint and _without(found.hint, secrets),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _without(message: Message, secrets: Sequence[str]) -> Message:
    """The message with every value replaced that is, or begins as, one of `secrets`."""

    def replaced(value: object) -> object:
        if isinstance(value, Message):
            return _without(value, secrets)
        said = isinstance(value, str) and value and any(text.startswith(value) or text in value for text in secrets)
        return _WITHHELD if said else value

    return replace(message, values={name: replaced(value) for name, value in message.values.items()})
