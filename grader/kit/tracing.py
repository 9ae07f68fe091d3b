"""What a call runs: operations, lines and time."""

from __future__ import annotations

from typing import Any, Final

from grader.kit.calls import Call
from grader.kit.failures import CheckFailure, WorkerTimeoutError
from grader.kit.messages import Message, tr
from grader.kit.student import Remote, Student

MAX_OPERATIONS: Final = 500
"""Tensor operations that one call of a vectorised function may need: the course's own need fewer than 30."""

PATIENCE: Final = 10
"""Wall-clock seconds given for each second of computing allowed: the machine may be busy with other things."""

_COUNTER: Final = """
def counting(function, limit):
    from torch.overrides import TorchFunctionMode

    class TooManyOperations(BaseException):
        pass

    class Counter(TorchFunctionMode):
        count = 0

        def __torch_function__(self, operation, types, args=(), kwargs=None):
            self.count += 1
            if self.count > limit:
                raise TooManyOperations
            return operation(*args, **(kwargs or {}))

    def counted(*args):
        counter = Counter()
        try:
            with counter:
                function(*args)
        except TooManyOperations:
            pass
        return counter.count

    return counted
"""
"""Runs beside the student's code: makes a function that returns how many operations a call of `function` needs."""

_TRACER: Final = """
def tracing(function, limit):
    import sys
    import sysconfig
    import threading

    libraries = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}) + ("<frozen ",)
    count, packages = 0, set()

    class TooManyLines(BaseException):
        pass

    def traced(frame, event, argument):
        nonlocal count
        if event == "call":
            file = frame.f_code.co_filename
            if "site-packages" in file or "dist-packages" in file or file.startswith(libraries):
                packages.add(str(frame.f_globals.get("__name__")).partition(".")[0])
                return None
        elif event == "line":
            count += 1
            if count > limit:
                is_main = threading.current_thread() is threading.main_thread()
                raise TooManyLines if is_main else SystemExit  # a thread ends by that without a word
        return traced

    def counted(*args):
        before = sys.gettrace()
        threading.settrace(traced)
        sys.settrace(traced)
        try:
            function(*args)
        except TooManyLines:
            pass
        finally:
            sys.settrace(before)
            threading.settrace(before)
        return count, sorted(packages)

    return counted
"""
"""Runs beside the student's code: makes a function that returns how many lines outside of Python's and installed
libraries a call of `function` runs, wherever their source lies, and which libraries it runs."""


def assert_scales(
    student: Student,
    function: Remote,
    *args: Any,
    seconds: float,
    operations: int = MAX_OPERATIONS,
    hint: Message | None = None,
) -> Call:
    """Fails unless a call on large inputs needs few tensor operations, lines and seconds, as a vectorised one does.

    Operations are counted first, then the lines that run outside of libraries, wherever their source lies; both
    counts are the same on a slow machine, and a function that goes on beyond the limit is stopped there. What is slow
    within a library shows in the time: processor seconds of the student's process, so that other programs on the
    machine do not count.

    Args:
        student: the notebook.
        function: the student's function.
        args: large inputs: a loop over one of their dimensions must exceed `operations`.
        seconds: at least ten times what a vectorised answer needs.
        operations: the most calls of PyTorch's functions and methods, and the most lines.
        hint: in place of the usual one.

    Returns:
        The call, for further assertions.
    """
    hint = hint or tr("A Python loop costs about a microsecond a step: let one tensor operation do all the steps.")
    too_slow = CheckFailure(
        tr("Your function is too slow on a large input: more than {seconds} s.", seconds=f"{seconds:g}"), hint=hint
    )
    too_many = tr("On a large input your function takes too many steps: it loops somewhere.")
    try:
        with student.time_limit(PATIENCE * seconds):
            if counted_operations(student, function, *args, limit=operations) > operations:
                raise CheckFailure(
                    too_many,
                    expected=tr("at most {n} tensor operations", n=operations),
                    actual=tr("more than {n}", n=operations),
                    hint=hint,
                )
            lines, _ = traced_call(student, function, *args, limit=operations)
            if lines > operations:
                raise CheckFailure(
                    too_many,
                    expected=tr("at most {n} lines run", n=operations),
                    actual=tr("more than {n}", n=operations),
                    hint=hint,
                )
            call = student.call(function, *args)
    except WorkerTimeoutError as error:
        raise too_slow from error
    if call.seconds > seconds:
        raise too_slow
    return call


def counted_operations(student: Student, function: Remote, *args: Any, limit: int) -> int:
    """How many of PyTorch's functions and methods a call uses; it is stopped beyond `limit`."""
    counted = _labelled(student.define(_COUNTER, "counting")(function, limit), function)
    count = student.call(counted, *args).value
    return count if type(count) is int else limit + 1


def _labelled(remote: Any, function: Remote) -> Any:
    """A wrapped function, shown to the student under the name of what it wraps."""
    if isinstance(remote, Remote):
        remote.label = function.label
    return remote


def traced_call(student: Student, function: Remote, *args: Any, limit: int = 10**9) -> tuple[int, list[str]]:
    """How many lines of the student's a call runs, to `limit`, and which libraries."""
    traced = _labelled(student.define(_TRACER, "tracing")(function, limit), function)
    match student.call(traced, *args).value:
        case int() as lines, list() as libraries:
            return lines, [str(name) for name in libraries]
    return limit + 1, []
