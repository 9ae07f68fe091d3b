"""`hint("exercise")` and `solution("exercise")`: what a student asks for, when they ask; nobody counts it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from grader.checking.here import InOneLine, notebook_folder, show, this_shell
from grader.checking.hint_files import read_hints
from grader.checking.panel import Panel, render_template
from grader.checking.selfcheck import NotCheckedError
from grader.course import RELEASED, Checks, ChecksNotFoundError, CourseError, find_checks
from grader.kit.messages import Message, add_catalogues, tr
from grader.kit.not_found import not_found
from grader.notebook.budget import is_confined

SOLUTIONS: Final = "solutions_{assignment}.json"
"""The file of an assignment's solutions, which ``grader release-solutions`` writes."""

SOLUTIONS_FORMAT: Final = 1

_SHOWN: Final[dict[tuple[Path, str], int]] = {}
"""How many hints of which exercise this process has shown. It is written nowhere and sent to nobody."""


class NoHintError(InOneLine, ValueError):
    """There is no such hint."""


class NoSolutionError(InOneLine, ValueError):
    """A file of solutions cannot be read."""


def hint(exercise: str, step: int | None = None) -> None:
    """Shows a hint to an exercise: the first, and each time that it is asked again the next one.

    Which were shown is forgotten with the notebook's kernel, written nowhere, and costs nothing. While a notebook is
    graded no hint is shown.

    Args:
        exercise: the exercise's name, as its check cell has it.
        step: the number of one hint, to see that one.

    Raises:
        NotCheckedError: there is no such exercise, or the checks were left behind.
        NoHintError: there is no such hint.
    """
    if _is_graded("hint"):
        return
    folder, has_shell = _here()
    checks = _checks(folder, exercise, "hint")
    add_catalogues(checks.locale)
    try:
        texts = read_hints(checks, exercise).texts()
    except CourseError as error:
        raise NoHintError(str(error)) from None
    if not texts:
        raise NoHintError(str(tr("There are no hints for {exercise!r}.", exercise=exercise)))
    if step is None:
        place = checks.folder.resolve(), exercise
        last = _SHOWN[place] = min(_SHOWN.get(place, 0) + 1, len(texts))
        first = 1
    elif isinstance(step, int) and not isinstance(step, bool) and 1 <= step <= len(texts):
        first = last = step
    else:
        about = {"exercise": exercise, "total": len(texts), "step": step}
        raise NoHintError(
            str(tr("There is no hint {step!r} for {exercise!r}: they are numbered 1 to {total}.", **about))
        )
    footer = _what_next(exercise, last, len(texts), is_released=exercise in _solutions_in(folder, is_asked=False))
    show(_shown_hints(exercise, texts, first, last, footer), has_shell)


def solution(exercise: str) -> None:
    """Shows the instructor's own answer to an exercise, once the instructor has released it.

    While a notebook is graded nothing is shown.

    Args:
        exercise: the exercise's name, as its check cell has it.

    Raises:
        NotCheckedError: there is no such exercise, or the checks were left behind.
        NoSolutionError: the file of solutions cannot be read.
    """
    if _is_graded("solution"):
        return
    folder, has_shell = _here()
    _checks(folder, exercise, "solution")
    found = _solutions_in(folder, is_asked=True)
    if exercise not in found:
        text = str(tr("The instructor has not released the solution of {exercise!r}.", exercise=exercise))
        context: dict[str, Any] = {"exercise": exercise, "code": "", "footer": text}
    else:
        footer = tr("One right answer; yours may be another.")
        context = {"exercise": exercise, "code": found[exercise].rstrip(), "footer": str(footer)}
    context["title"] = str(tr("solution"))
    html = render_template("solution.html.j2", context)
    show(Panel(html, render_template("solution.txt.j2", context)), has_shell)


def _is_graded(name: str) -> bool:
    if is_confined():
        print(tr("{name}() shows nothing here: this notebook is being graded.", name=name))
    return is_confined()


def _here() -> tuple[Path, bool]:
    """The notebook's folder, and whether IPython shows what it is given."""
    shell = this_shell()
    return notebook_folder(shell.user_ns if shell is not None else {}), shell is not None


def _checks(folder: Path, exercise: str, name: str) -> Checks:
    if not isinstance(exercise, str):
        raise NotCheckedError(str(tr('An exercise is named in quotes: {name}("outer")', name=name)))
    try:
        return find_checks(folder, [exercise])
    except ChecksNotFoundError as error:
        raise NotCheckedError(str(not_found(error))) from None
    except CourseError as error:
        raise NotCheckedError(str(error)) from None


def _shown_hints(exercise: str, texts: Sequence[Message], first: int, last: int, footer: Message) -> Panel:
    """The hints from `first` to `last`, of which the last one is meant."""
    total = len(texts)
    context = {
        "exercise": exercise,
        "title": str(tr("hint {step} of {total}", step=last, total=total)),
        "earlier": [
            {"title": str(tr("hint {step} of {total}", step=number, total=total)), "text": str(texts[number - 1])}
            for number in range(first, last)
        ],
        "text": str(texts[last - 1]),
        "footer": str(footer),
    }
    return Panel(render_template("hints.html.j2", context), render_template("hints.txt.j2", context))


def _what_next(exercise: str, step: int, total: int, *, is_released: bool) -> Message:
    if step < total:
        return tr('`hint("{exercise}")` again shows the next one.', exercise=exercise)
    if is_released:
        return tr('There is no further hint; `solution("{exercise}")` shows a right answer.', exercise=exercise)
    return tr("There is no further hint.")


def _solutions_in(folder: Path, *, is_asked: bool) -> Mapping[str, str]:
    """The released solutions beside a notebook, or with its checks, by exercise.

    Args:
        folder: the notebook's.
        is_asked: whether a file that cannot be read is an error.

    Raises:
        NoSolutionError: a file cannot be read.
    """
    found: dict[str, str] = {}
    pattern = SOLUTIONS.format(assignment="*")
    for path in sorted([*folder.glob(pattern), *(folder / RELEASED).glob(pattern)]):
        try:
            content = json.loads(path.read_bytes())
            if content["format"] != SOLUTIONS_FORMAT:
                raise ValueError(content["format"])
            found |= {str(name): str(code) for name, code in content["solutions"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if is_asked:
                text = tr("The file {name} cannot be read: get it anew from your instructor.", name=path.name)
                raise NoSolutionError(str(text)) from None
    return found
