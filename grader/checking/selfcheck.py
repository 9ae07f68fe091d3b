"""`check("exercise")`: a student's own check, in the notebook, with the visible checks."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from grader.checking.elsewhere import differs_while_grading, section
from grader.checking.evidence import explained
from grader.checking.here import InOneLine, notebook_folder, show, this_shell
from grader.checking.hint_files import read_hints
from grader.checking.overview import show_overview
from grader.checking.panel import render, summary
from grader.checking.results import ExerciseResult, group
from grader.checking.runner import run_checks
from grader.course import ChecksNotFoundError, CourseError, find_checks
from grader.kit.connections import Loopback, Modes
from grader.kit.earlier import said_of_stand_ins, telling_stand_ins
from grader.kit.messages import Message, current_language, tr
from grader.kit.not_found import not_found
from grader.kit.student import Student
from grader.notebook.budget import is_confined, is_graded_run
from grader.wire.answering import NamespaceServer

_SEEN: Final[dict[str, ExerciseResult]] = {}
"""What the checks of this process found last, by exercise."""


class ChecksNotPassed(InOneLine):
    """Not every visible check of the exercise passed; the panel above says why."""


class NotCheckedError(InOneLine, ValueError):
    """There are no checks of the exercise where they should be."""


@dataclass
class NamespaceStage:
    """A notebook's own variables, as they are now."""

    namespace: MutableMapping[str, Any]
    cells: Sequence[str]
    seed: int
    modes: Modes = field(default_factory=Modes.current)

    def student(self, exercise: str) -> Student:  # noqa: ARG002 - the notebook ran already
        """The notebook as it stands."""
        return Student(Loopback(NamespaceServer(self.namespace), lambda: self.cells, self.modes))


def check(exercise: str) -> None:
    """Runs the visible checks of an exercise on this notebook and shows what they found.

    The checks are those of the folder ``checks`` beside the notebook, or of the course that it lies in. While a
    notebook is graded nothing is checked here: the grader does it from outside.

    Args:
        exercise: the exercise's name, as the cell has it.

    In a notebook the cells after it run whatever was found, so that “Run All” reaches every exercise.

    Raises:
        ChecksNotPassed: a check did not pass, and this is no notebook, or one that ``nbgrader validate`` runs.
        NotCheckedError: there is no such exercise, or the checks were left behind.
    """
    if is_confined():
        print(tr("check() does nothing here: this notebook is being graded, and the grader runs its checks."))
        return
    shell = this_shell()
    if shell is not None:
        namespace, cells = shell.user_ns, [str(cell) for cell in shell.user_ns.get("In", [])]
    else:
        namespace, cells = _caller_globals(), []
    result = self_check(exercise, namespace, cells, folder=notebook_folder(namespace))
    above = section(cells, max(len(cells) - 1, 0))  # the last one that ran is the check's own
    result = replace(result, notices=(*result.notices, *differs_while_grading(above)))
    _SEEN[exercise] = result
    footer = (
        tr("These are the visible checks; grading runs hidden ones too.")
        if result.passed
        else _offer_of_hints(exercise, namespace)
    )
    show(render(result, current_language(), show_score=False, footer=footer), shell is not None)
    if not result.passed and (shell is None or is_graded_run()):
        message = tr("{exercise}: {summary}", exercise=exercise, summary=summary(group(result.checks)))
        raise ChecksNotPassed(str(message)) from None


def overview() -> None:
    """Shows which exercises pass their visible checks and which are open, as they were checked last.

    It is for a notebook's last cell. While a notebook is graded or validated it shows nothing.
    """
    if not is_graded_run():
        shell = this_shell()
        folder = notebook_folder(shell.user_ns if shell is not None else {})
        show(show_overview(_SEEN, current_language(), folder), shell is not None)


def self_check(
    exercise: str,
    namespace: MutableMapping[str, Any],
    cells: Sequence[str] = (),
    *,
    folder: Path | None = None,
) -> ExerciseResult:
    """The results of an exercise's visible checks on a namespace.

    Args:
        exercise: the exercise's name.
        namespace: the notebook's variables.
        cells: its code cells, for rules about the source.
        folder: where the notebook is; the current folder by default.

    Raises:
        NotCheckedError: there is no such exercise, or the checks were left behind.
    """
    try:
        checks = find_checks(folder or Path.cwd(), [exercise])
    except ChecksNotFoundError as error:
        raise NotCheckedError(str(not_found(error))) from None
    except CourseError as error:
        raise NotCheckedError(str(error)) from None
    stage = NamespaceStage(namespace, cells, secrets.randbelow(2**31))
    with stage.modes.set_aside(), telling_stand_ins() as stand_ins:
        results = run_checks(stage, [exercise], checks.without_hidden())
    told = tuple(said_of_stand_ins(stand_ins))
    return explained(ExerciseResult(exercise, 0.0, tuple(results), notices=told, seed=stage.seed), checks.folder)


def _offer_of_hints(exercise: str, namespace: Mapping[str, Any]) -> Message | None:
    """How to ask for a hint; None where there are none, and while nbgrader validates the notebook."""
    if is_graded_run():
        return None
    try:
        hints = read_hints(find_checks(notebook_folder(namespace), [exercise]), exercise)
    except CourseError:
        return None  # `hint` says what is wrong, to who asks
    if not hints.steps:
        return None
    if getattr(namespace.get("hint"), "__module__", "") == "grader.checking.hints":
        return tr('Stuck? `hint("{exercise}")` gives a first hint.', exercise=exercise)
    return tr('Stuck? `from grader import hint`, and then `hint("{exercise}")` gives a first hint.', exercise=exercise)


def _caller_globals() -> MutableMapping[str, Any]:
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("grader."):
        frame = frame.f_back
    return frame.f_globals if frame is not None else {}


def warm_up() -> None:
    """Spends, beside ``import torch``, the second that PyTorch's first fake tensor takes: no check waits for it."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    FakeTensorMode()


if getattr(this_shell(), "kernel", None) is not None:
    warm_up()
