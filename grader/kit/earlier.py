"""An error in an earlier exercise is not counted again: right answers take its place while a later one is judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

from grader.kit.failures import CheckFailure, StudentError, WorkerFault
from grader.kit.messages import Message, tr
from grader.kit.student import Remote, Student
from grader.kit.training.probes import ask

_IN_PLACE: Final = """
def in_place(later, answers):
    import inspect

    functions = [later, *vars(later).values()] if isinstance(later, type) else [later]
    scopes = [getattr(inspect.unwrap(function), "__globals__", None) for function in functions]
    scope = next((found for found in scopes if found is not None), {})
    right = answers()
    own = {name: scope[name] for name in right if name in scope}
    scope.update(right)

    def back():
        for name in right:
            scope.pop(name, None)
        scope.update(own)

    return back
"""


@contextmanager
def answers_in_place(student: Student, later: str, answers: Callable[[], dict[str, Any]]) -> Iterator[None]:
    """Has right answers in place of the student's own in the ``with`` block, where `later` finds them.

    Args:
        student: the notebook.
        later: the function or class that may build on them.
        answers: sent by its source; makes the right answers by the names that the notebook gives them. What it holds
            can be read: it must be of no use as an answer.
    """
    back: Remote | None = None
    with suppress(StudentError):  # such as that there is no `later`, which the check will see
        back = ask(student, student.define(_IN_PLACE, "in_place"), student[later], student.define(answers))
    try:
        yield
    finally:
        if back is not None:
            with suppress(WorkerFault):  # then the process is gone, and with it what was replaced
                ask(student, back)


_stand_ins: ContextVar[set[str] | None] = ContextVar("stand_ins", default=None)


@contextmanager
def telling_stand_ins() -> Iterator[set[str]]:
    """Collects the names whose right answers made the checks of the ``with`` block pass."""
    found: set[str] = set()
    token = _stand_ins.set(found)
    try:
        yield found
    finally:
        _stand_ins.reset(token)


def stood_in(name: str) -> None:
    """Notes that a check passes with a right `name`, and does not with the student's own."""
    names = _stand_ins.get()
    if names is not None:
        names.add(name)


def said_of_stand_ins(names: Collection[str]) -> list[Message]:
    """What a student is told of the names that `telling_stand_ins` collected."""
    return [
        tr(
            "With your own {name} a check fails that passes with a right one. It costs you nothing here: it is another"
            " exercise.",
            name=name,
        )
        for name in sorted(names)
    ]


def with_either(
    student: Student, later: str, answers: Callable[[], dict[str, Any]], check: Callable[..., None], *args: Any
) -> None:
    """Runs `check(student, *args)` with right answers to the exercises that `later` may build on.

    Where it raises with these, such as for an argument that only the student's own know, the student's own may do.

    Args:
        student: the notebook.
        later: as in `answers_in_place`.
        answers: as in `answers_in_place`.
        check: fails unless the student's `later` is right.
        args: for it.
    """
    try:
        with answers_in_place(student, later, answers):
            check(student, *args)
    except StudentError as error:
        try:
            check(student, *args)
        except (CheckFailure, StudentError):
            raise error from None
