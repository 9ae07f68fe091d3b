"""An exercise's ``hints.toml``: what `hint()` says of it step by step, how hard it is, and how long it takes.

::

    difficulty = 2                  1 to 3; may be left out
    minutes = 15                    for a student who has read the notebook up to there; may be left out

    [[hint]]
    en = "Which shape …?"           one text for each language
    es = "¿Qué forma …?"

It imports no torch: an assignment is generated with these files looked at, and without torch.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.course import HINTS, Checks, CourseError, read_toml
from grader.kit.messages import Message, tr, translations, verbatim, written

HARDEST: Final = 3
"""The largest difficulty; 1 is the smallest."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


class HintFileError(CourseError):
    """A ``hints.toml`` is not as it should be; says in one line which, and what to change."""


@dataclass(frozen=True)
class Hints:
    """What a ``hints.toml`` says of its exercise.

    Attributes:
        steps: the hints by language, from the first nudge to the last.
        difficulty: 1 to `HARDEST`; None where it is not said.
        minutes: that the exercise takes; None where it is not said.
    """

    steps: tuple[Mapping[str, str], ...] = ()
    difficulty: int | None = None
    minutes: int | None = None

    def texts(self) -> list[Message]:
        """The hints, each in whichever language is asked for."""
        return [written(step) for step in self.steps]

    def effort(self) -> list[Message]:
        """How hard it is and how long it takes, as far as that is said: ``●●○`` and ``about 15 min``."""
        found = []
        if self.difficulty is not None:
            found.append(verbatim("●" * self.difficulty + "○" * (HARDEST - self.difficulty)))
        if self.minutes is not None:
            found.append(tr("about {minutes} min", minutes=self.minutes))
        return found


def line_below_heading(exercise: str, hints: Hints, language: str) -> str:
    """The line below an exercise's heading in its notebook, as Markdown: its effort, and how to ask for a hint."""
    asked = [tr('stuck? `hint("{exercise}")`', exercise=exercise)] if hints.steps else []
    return " · ".join(part.render(language) for part in [*hints.effort(), *asked])


def read_hints(checks: Checks, exercise: str) -> Hints:
    """The hints of an exercise; none where it has no file.

    Raises:
        HintFileError: the file is not as it should be.
    """
    return read_hint_file(checks.folder / exercise / HINTS)


def read_hint_file(path: Path) -> Hints:
    """A ``hints.toml``; no hints where there is no such file.

    Raises:
        HintFileError: it is not as it should be.
    """
    try:
        return _hints_of(read_toml(path), path)
    except HintFileError:
        raise
    except CourseError as error:
        raise HintFileError(str(error)) from None


def hints_in(text: str, path: Path) -> Hints:
    """The hints in the text of a file, which `path` is or will be.

    Raises:
        HintFileError: it is not as it should be.
    """
    try:
        return _hints_of(tomllib.loads(text), path)
    except ValueError as error:
        raise HintFileError(f"{path}: it is not TOML: {error}") from None


def _hints_of(content: dict[str, Any], path: Path) -> Hints:
    tables = content.pop("hint", [])
    difficulty, minutes = content.pop("difficulty", None), content.pop("minutes", None)
    if content:
        raise HintFileError(f"{path}: unknown key {next(iter(content))!r}; there are: difficulty, minutes, [[hint]]")
    if difficulty is not None and not (_is_number(difficulty) and 1 <= difficulty <= HARDEST):
        raise HintFileError(f"{path}: difficulty must be a whole number from 1 to {HARDEST}")
    if minutes is not None and not (_is_number(minutes) and minutes > 0):
        raise HintFileError(f"{path}: minutes must be a whole number above 0")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise HintFileError(f"{path}: each hint is a table [[hint]] with a text for each language: en = …")
    steps = tuple(_step(f"{path}: hint {number}", table) for number, table in enumerate(tables, 1))
    return Hints(steps, difficulty, minutes)


def faults_in_hints(checks: Checks, language: str) -> list[str]:
    """What is wrong with the hints of an assignment: a line for each file, that says what to change.

    Args:
        checks: the assignment's, whose catalogues are known to `grader.kit.messages`.
        language: the course's.

    Raises:
        CheckFileError: a check file is not Python.
    """
    visible, hidden = checks.count()
    found = []
    for path in sorted(checks.folder.glob(f"*/{HINTS}")):
        exercise = path.parent.name
        try:
            hints = read_hint_file(path)
        except HintFileError as error:
            found.append(str(error))
            continue
        if not visible[exercise] and not hidden[exercise]:
            known = ", ".join(sorted({*visible, *hidden}))
            found.append(f"{path}: there is no exercise {exercise!r}, which its folder names; there are: {known}")
        missing = [number for number, step in enumerate(hints.steps, 1) if not _is_said_in(step, language)]
        if missing:
            which = ", ".join(map(str, missing))
            found.append(f"{path}: hint {which} has no text in the course's language: add {language} = …")
    return found


def refuse_faulty_hints(checks: Iterable[Checks], language: str) -> None:
    """Makes sure that assignments' hints can be shown.

    Raises:
        HintFileError: a file of theirs is not as it should be.
    """
    faults = [fault for each in checks for fault in faults_in_hints(each, language)]
    if faults:
        raise HintFileError("; ".join(faults))


def _is_said_in(step: Mapping[str, str], language: str) -> bool:
    """Whether a hint is written in a language, or translated to it."""
    text = written(step).text
    return language in step or translations(language).gettext(text) != text


def _step(where: str, table: Mapping[str, Any]) -> Mapping[str, str]:
    for key, text in table.items():
        if key in ("difficulty", "minutes"):
            raise HintFileError(f"{where}: {key} is the exercise's: write it above the first [[hint]]")
        if _LANGUAGE.fullmatch(key) is None:
            raise HintFileError(f"{where}: unknown key {key!r}; there is one for each language: en = …")
        if not isinstance(text, str) or not text.strip():
            raise HintFileError(f"{where}: {key} must be a text, and not empty")
    if not table:
        raise HintFileError(f"{where}: it has no text: en = …")
    return {language: text.strip() for language, text in table.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
