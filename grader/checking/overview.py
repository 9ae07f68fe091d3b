"""`overview()`: what is open in a notebook, for its last cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.checking.panel import Panel, render_template, summary
from grader.checking.results import ExerciseResult, Verdict, group
from grader.course import CourseError, exercises_in, find_checks
from grader.kit.messages import speaking, tr, trn

_PASSED: Final = "passed"
_WRONG: Final = "wrong"
_OPEN: Final = "open"


@dataclass(frozen=True)
class _Line:
    exercise: str
    state: str
    text: str


def show_overview(seen: Mapping[str, ExerciseResult], language: str, folder: Path) -> Panel:
    """What is open.

    Args:
        seen: what the checks that ran found last, in the order in which they ran first.
        language: of the texts.
        folder: where the notebook is.
    """
    with speaking(language):
        lines = [_line(name, seen.get(name)) for name in _exercises(seen, folder)]
        passed = sum(line.state == _PASSED for line in lines)
        done = len(lines) == passed
        footer = (
            tr("Grading runs hidden checks too.") if done else tr("You can hand in all the same: each exercise counts.")
        )
        context = {
            "lines": lines,
            "title": str(
                trn(
                    "{passed} of {total} exercise passes its visible checks",
                    "{passed} of {total} exercises pass their visible checks",
                    len(lines),
                    passed=passed,
                )
            ),
            "all_passed": done,
            "footer": str(footer),
        }
        return Panel(render_template("overview.html.j2", context), render_template("overview.txt.j2", context))


def _line(name: str, result: ExerciseResult | None) -> _Line:
    if result is None:
        return _Line(name, _OPEN, str(tr("not checked since the notebook was started")))
    if result.passed:
        return _Line(name, _PASSED, "")
    groups = group(result.checks)
    if groups and all(item.verdict is Verdict.NOT_ATTEMPTED for item in groups):
        return _Line(name, _OPEN, str(tr("not attempted")))
    return _Line(name, _WRONG, str(summary(groups)))


def _exercises(seen: Mapping[str, ExerciseResult], folder: Path) -> Sequence[str]:
    """Those that were checked, and the assignment's others."""
    try:
        checks = find_checks(folder, seen)
    except CourseError:
        return list(seen)
    return list(dict.fromkeys([*seen, *(name for path in checks.visible for name in exercises_in(path))]))
