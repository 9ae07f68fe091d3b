"""Which of PyTorch's operations a student's call used, counted where no override, mode or thread hides them.

They are counted by PyTorch's profiler, in the process of the student's code, below all that Python can override::

    assert_without_operations(student, student.conv2d, x, w, forbidden=CONVOLUTIONS, hint=BY_HAND)

NumPy, SciPy and other processes are not PyTorch, and are not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, Final

from grader.kit.failures import CheckFailure
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Remote, Student

CONVOLUTIONS: Final = ("*::*conv[0-9_o]*", "*::*convolution*")
"""Every way to convolve, transposed ones and their gradients included."""

POOLS: Final = ("*::*pool[0-9]d*",)
"""Every pooling, adaptive ones included."""

DROPOUTS: Final = ("*::*dropout*",)
"""`dropout`, `dropout2d`, `alpha_dropout` …; not `bernoulli_`, which one's own dropout may use."""

AUTOGRAD: Final = ("autograd::*", "aten::*_make_dual*")
"""Any backward pass, and forward-mode derivatives; not the graph that is merely recorded."""


def operations_of(student: Student, function: Remote, *args: Any, **kwargs: Any) -> Counter[str]:
    """Calls a student's function and counts PyTorch's operations meanwhile, by name; the result is `student.last_call`.

    One that calls another counts as both: ``F.conv2d`` is ``aten::conv2d``, ``aten::convolution`` and
    ``aten::mkldnn_convolution``.

    Args:
        student: the notebook.
        function: of the notebook.
        args: for it.
        kwargs: for it.
    """
    return Counter(student.call(function, *args, _operations=True, **kwargs).operations)


def assert_without_operations(
    student: Student, function: Remote, *args: Any, forbidden: Iterable[str], hint: Message | None = None, **kwargs: Any
) -> Any:
    """Fails if a call uses an operation that the exercise forbids; returns the call's value.

    Args:
        student: the notebook.
        function: of the notebook.
        args: for it.
        forbidden: names, such as ``aten::sigmoid``, or patterns as in file names: ``aten::*dropout*``.
        hint: what to write instead.
        kwargs: for it.
    """
    patterns = tuple(forbidden)
    used = operations_of(student, function, *args, **kwargs)
    found = sorted(name for name in used if any(fnmatchcase(name, pattern) for pattern in patterns))
    if found:
        raise CheckFailure(
            tr("Your code uses an operation of PyTorch that this exercise asks you to write yourself."),
            actual=verbatim(_shortest(found)),
            hint=hint,
        )
    assert student.last_call is not None
    return student.last_call.value


def _shortest(names: list[str]) -> str:
    """One of several names that stand for one call, the one nearest to what the student wrote."""
    return min((name.removeprefix("aten::") for name in names), key=len)
