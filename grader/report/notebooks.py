"""What grading left in a class's autograded notebooks, read without more of them than is needed."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from grader.checking.results import FORMAT, MIME_TYPE, Verdict
from grader.grading.limits import QUARANTINE_KEY

_MANY: Final = 100
"""Notebooks from which on further processes are worth their start."""


@dataclass(frozen=True)
class Check:
    """What one check, or one case of it, found; its texts are in the language that the notebook was graded in.

    Attributes:
        name: the check function's.
        title: what it verifies.
        verdict: what was found.
        weight: its share of the exercise.
        visible: whether students have it.
        problem, expected, actual, hint, called: of its diagnosis; empty where it says none.
    """

    name: str
    title: str
    verdict: Verdict
    weight: float = 1.0
    visible: bool = True
    problem: str = ""
    expected: str = ""
    actual: str = ""
    hint: str = ""
    called: str = ""


@dataclass(frozen=True)
class Mistake:
    """A mistake that was recognised.

    Attributes:
        name: its author's name for it.
        title: what it is.
        hint: what may help.
        is_change: whether nobody wrote it down: it is a right answer with one change.
    """

    name: str
    title: str
    hint: str = ""
    is_change: bool = False


@dataclass(frozen=True)
class Exercise:
    """One exercise's results.

    Attributes:
        name: the exercise.
        cell: the name of its check cell, which is the gradebook's.
        score: points earned by the checks.
        points: what it is worth.
        checks: what each check found.
        seconds: that it took to grade; None where nobody measured it.
        mistake: the one that was recognised.
        observations: the same for answers that behave in the same way; empty where nobody looked.
        format: of the record.
        is_readable: whether there was a notebook in what was handed in.
    """

    name: str
    cell: str
    score: float
    points: float
    checks: tuple[Check, ...]
    seconds: float | None = None
    mistake: Mistake | None = None
    observations: str = ""
    format: int = FORMAT
    is_readable: bool = True

    @property
    def passed(self) -> bool:
        """Whether every check that counts passed."""
        return bool(self.checks) and all(check.verdict is Verdict.PASSED or not check.weight for check in self.checks)

    @property
    def undecided(self) -> list[Check]:
        """The checks that the grader could not decide: where there are any, a person gives the points."""
        return [check for check in self.checks if check.verdict is Verdict.GRADER_ERROR]

    @property
    def attempted(self) -> bool:
        """Whether there is anything but the stub."""
        return self.is_readable and any(check.verdict is not Verdict.NOT_ATTEMPTED for check in self.checks)

    @property
    def stopped_at_green(self) -> bool:
        """Whether all the checks that students have passed, and another one did not."""
        visible = [check for check in self.checks if check.visible and check.weight]
        hidden = [check for check in self.checks if not check.visible and check.weight]
        failed = [check for check in hidden if check.verdict not in (Verdict.PASSED, Verdict.GRADER_ERROR)]
        return bool(visible and failed) and all(check.verdict is Verdict.PASSED for check in visible)

    @property
    def failure(self) -> Check | None:
        """The first check that counts, did not pass and could be decided."""
        others = (Verdict.PASSED, Verdict.GRADER_ERROR)
        return next((check for check in self.checks if check.weight and check.verdict not in others), None)

    @property
    def example(self) -> Check | None:
        """A failed check that tells of a call, one that students have if there is one."""
        failed = [check for check in self.checks if check.verdict not in (Verdict.PASSED, Verdict.GRADER_ERROR)]
        told = [check for check in failed if check.called]
        return next((check for check in told if check.visible), told[0] if told else self.failure)


@dataclass(frozen=True)
class Autograded:
    """What there is to know of an autograded notebook.

    Attributes:
        exercises: the results, in the notebook's order.
        notices: what was repaired, or why the notebook could not be opened.
        is_missing: whether there is no such file.
        is_damaged: whether it cannot be read, or holds results that are none.
        is_unreadable: whether nothing could be graded, for what was handed in is no notebook.
    """

    exercises: tuple[Exercise, ...] = ()
    notices: tuple[str, ...] = ()
    is_missing: bool = False
    is_damaged: bool = False
    is_unreadable: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is there, and all of it could be read."""
        return not (self.is_missing or self.is_damaged)


def read_all(paths: Sequence[Path]) -> dict[Path, Autograded]:
    """Reads notebooks, with a process for each core where there are many."""
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) < _MANY or jobs == 1:
        return {path: read_autograded(path) for path in paths}
    with ProcessPoolExecutor(jobs) as pool:
        return dict(zip(paths, pool.map(read_autograded, paths, chunksize=25), strict=True))


def read_autograded(path: Path) -> Autograded:
    """The results in a notebook, whatever became of it since it was graded."""
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Autograded(is_missing=True)
    except (OSError, ValueError, RecursionError):
        return Autograded(is_damaged=True)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        return Autograded(is_damaged=True)
    exercises: dict[str, Exercise] = {}
    is_damaged = False
    for cell in cells:
        try:
            found = _result(cell)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
            is_damaged = True
            continue
        if found is not None:
            exercises.setdefault(found.cell, found)
    metadata = content.get("metadata")
    ours = metadata.get(QUARANTINE_KEY) if isinstance(metadata, dict) else None
    noted = ours.get("notices") if isinstance(ours, dict) else None
    notices = tuple(str(notice) for notice in noted) if isinstance(noted, list) else ()
    is_unreadable = isinstance(ours, dict) and bool(ours.get("unreadable"))
    results = tuple(replace(found, is_readable=not is_unreadable) for found in exercises.values())
    return Autograded(results, notices, is_damaged=is_damaged, is_unreadable=is_unreadable)


def _result(cell: Mapping[str, Any]) -> Exercise | None:
    """The results in a graded cell's output; a student's own cell has none, whatever it displays."""
    if cell.get("cell_type") != "code":
        return None
    graded = cell.get("metadata", {}).get("nbgrader", {})
    if not graded.get("grade"):
        return None
    for output in cell.get("outputs", []):
        if output.get("output_type") == "execute_result" and MIME_TYPE in output.get("data", {}):
            return _exercise(output["data"][MIME_TYPE], str(graded["grade_id"]))
    return None


def _mistake(found: Mapping[str, Any] | None) -> Mistake | None:
    if not found:
        return None
    name = str(found["name"])
    return Mistake(name, str(found.get("title") or name), str(found.get("hint") or ""), found.get("is_change") is True)


def _exercise(found: Mapping[str, Any], cell: str) -> Exercise:
    seconds = found.get("seconds")
    return Exercise(
        name=str(found["exercise"]),
        cell=cell,
        score=_finite(found["score"]),
        points=_finite(found["points"]),
        checks=tuple(_check(check) for check in found["checks"]),
        seconds=None if seconds is None else _finite(seconds),
        mistake=_mistake(found.get("mistake")),
        observations=str(found.get("observations") or ""),
        format=int(found.get("format", 0)),
    )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is no number of points, and no time")
    return number


def _check(found: Mapping[str, Any]) -> Check:
    return Check(
        name=str(found.get("check", "")),
        title=str(found.get("title", "")),
        verdict=Verdict(found["verdict"]),
        weight=_finite(found.get("weight", 1.0)),
        visible=bool(found.get("visible", True)),
        **{key: str(found.get(key) or "") for key in ("problem", "expected", "actual", "hint", "called")},
    )
