"""`check("exercise")`: a student's own check, in the notebook, with the visible checks."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from grader.checking.elsewhere import differs_while_grading, section
from grader.checking.evidence import explained
from grader.checking.overview import show_overview
from grader.checking.panel import Panel, render, summary
from grader.checking.results import ExerciseResult, group
from grader.checking.runner import run_checks
from grader.course import ChecksNotFoundError, CourseError, find_checks
from grader.kit.connections import Loopback, Modes
from grader.kit.messages import current_language, tr
from grader.kit.not_found import not_found
from grader.kit.student import Student
from grader.notebook.budget import is_confined, is_graded_run
from grader.wire.answering import NamespaceServer

_SEEN: Final[dict[str, ExerciseResult]] = {}
"""What the checks of this process found last, by exercise."""


class _InOneLine(Exception):
    """An error that says all: a traceback through the grader helps no student."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: one line."""
        return [f"{type(self).__name__}: {self}"]


class ChecksNotPassed(_InOneLine):
    """Not every visible check of the exercise passed; the panel above says why."""


class NotCheckedError(_InOneLine, ValueError):
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
    shell = _shell()
    if shell is not None:
        namespace, cells = shell.user_ns, [str(cell) for cell in shell.user_ns.get("In", [])]
    else:
        namespace, cells = _caller_globals(), []
    result = self_check(exercise, namespace, cells, folder=_folder(namespace))
    above = section(cells, max(len(cells) - 1, 0))  # the last one that ran is the check's own
    result = replace(result, notices=(*result.notices, *differs_while_grading(above)))
    _SEEN[exercise] = result
    footer = tr("These are the visible checks; grading runs hidden ones too.") if result.passed else None
    _show(render(result, current_language(), show_score=False, footer=footer), shell is not None)
    if not result.passed and (shell is None or is_graded_run()):
        message = tr("{exercise}: {summary}", exercise=exercise, summary=summary(group(result.checks)))
        raise ChecksNotPassed(str(message)) from None


def overview() -> None:
    """Shows which exercises pass their visible checks and which are open, as they were checked last.

    It is for a notebook's last cell. While a notebook is graded or validated it shows nothing.
    """
    if not is_graded_run():
        shell = _shell()
        folder = _folder(shell.user_ns if shell is not None else {})
        _show(show_overview(_SEEN, current_language(), folder), shell is not None)


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
    with stage.modes.set_aside():
        results = run_checks(stage, [exercise], checks.without_hidden())
    return explained(ExerciseResult(exercise, 0.0, tuple(results), seed=stage.seed), checks.folder)


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()


def _folder(namespace: MutableMapping[str, Any]) -> Path:
    """Where the notebook lies: the current folder, unless VS Code, which may run it in another one, names its file."""
    file = namespace.get("__vsc_ipynb_file__")
    return Path(file).parent if isinstance(file, str) and Path(file).is_file() else Path.cwd()


def _caller_globals() -> MutableMapping[str, Any]:
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("grader."):
        frame = frame.f_back
    return frame.f_globals if frame is not None else {}


def _show(panel: Panel, has_shell: bool) -> None:
    if has_shell:
        from IPython.display import display

        display(panel.bundle(), raw=True)
    else:
        print(panel.text)


def warm_up() -> None:
    """Spends, beside ``import torch``, the second that PyTorch's first fake tensor takes: no check waits for it."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    FakeTensorMode()


if getattr(_shell(), "kernel", None) is not None:
    warm_up()
