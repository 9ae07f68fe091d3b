"""`grader test`: tries a course's right answers and mistakes on its checks, and shows a table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from grader.command_line import Command, complete_assignments, complete_exercises, course_option

if TYPE_CHECKING:
    import pytest
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from grader.course import Checks

_ARGUMENTS: Final = [
    *(argument for name in ("terminal", "cacheprovider") for argument in ("-p", f"no:{name}")),
    "--continue-on-collection-errors",
    "--noconftest",
    f"--config-file={Path(__file__).parents[1] / 'checking' / 'checks.ini'}",
]


@dataclass
class Tally:
    """What came of an exercise's answers."""

    right: int = 0
    passed: int = 0
    mistakes: int = 0
    caught: int = 0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether every answer came out as it should."""
        return self.passed == self.right and self.caught == self.mistakes


class Trial:
    """A pytest plugin that keeps the tests of answers to some exercises, and counts what comes of them."""

    def __init__(self, exercises: Sequence[str], progress: Progress) -> None:
        self.exercises = exercises
        self.tallies: dict[str, Tally] = {}
        self.failures: list[str] = []
        self._progress = progress
        self._task = progress.add_task("")

    def pytest_configure(self, config: pytest.Config) -> None:
        """Sees to it that answers are collected, also where pytest loads no plugins by itself."""
        for name, module in (("aulatorch", "grader.checking.plugin"), ("aulatorch-answers", "grader.devkit.plugin")):
            if not config.pluginmanager.has_plugin(name):
                config.pluginmanager.import_plugin(module)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes files that cannot be read."""
        if report.failed:
            self.failures.append(str(report.longrepr))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps the answers to the exercises asked for."""
        items[:] = [item for item in items if getattr(item, "exercise", None) in self.exercises]
        self._progress.update(self._task, total=len(items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts an answer."""
        facts = dict(report.user_properties)
        tally = self.tallies.setdefault(str(facts["exercise"]), Tally())
        tally.seconds += report.duration
        if report.failed:
            self.failures.append(f"{report.nodeid}\n{report.longrepr}")
        if report.when != "call":
            return
        if facts["kind"] == "right":
            tally.right += 1
            tally.passed += report.passed
        elif facts["kind"] == "wrong":
            tally.mistakes += 1
            tally.caught += report.passed
        self._progress.update(self._task, advance=1, description=str(facts["exercise"]))


@click.command(cls=Command)
@click.argument("assignment", required=False, shell_complete=complete_assignments)
@click.argument("exercise", required=False, shell_complete=complete_exercises)
@course_option
def test(assignment: str | None, exercise: str | None, course: Path) -> None:
    """Try right answers and mistakes on the checks of a course, an assignment or an exercise.

    A right answer must pass every check; a mistake must lose points in a visible check, and get its hint in every
    language. The exit code is 0 if all of them do. `pytest` in the course's folder runs the same, with its own options.
    """
    import pytest
    from rich.console import Console
    from rich.progress import Progress

    root, found = _chosen(course, assignment, exercise)
    exercises = [exercise] if exercise else sorted({name for checks in found for name in _exercises(checks)})
    console = Console()
    with Progress(console=console, transient=True) as progress:
        trial = Trial(exercises, progress)
        folders = [str(checks.folder) for checks in found]
        code = pytest.main([*_ARGUMENTS, f"--rootdir={root}", *folders], plugins=[trial])
    _show(trial, console)
    sys.exit(1 if trial.failures else int(code))


def _chosen(folder: Path, assignment: str | None, exercise: str | None) -> tuple[Path, list[Checks]]:
    """The course's folder, and the checks of the assignments asked for.

    Raises:
        click.UsageError: there are none.
    """
    from grader.checking.hint_files import refuse_faulty_hints
    from grader.course import Course, CourseError
    from grader.kit.messages import add_catalogues

    try:
        course = Course.around(folder)
        if course is None:
            raise click.UsageError(f"{folder.resolve()} lies in no course: no folder has an nbgrader_config.py")
        names = course.assignments()
        if not names or (assignment is not None and assignment not in names):
            wanted = "no assignment has checks" if assignment is None else f"there are no checks of {assignment!r}"
            raise click.UsageError(f"{wanted} in {course.root}; there are: {', '.join(names) or 'none at all'}")
        found = [course.checks(name) for name in names if assignment in (None, name)]
        if exercise is not None and exercise not in _exercises(found[0]):
            raise click.UsageError(
                f"{assignment} has no checks of {exercise!r}; there are: {', '.join(_exercises(found[0]))}"
            )
        for checks in found:
            add_catalogues(checks.locale)
        refuse_faulty_hints(found, course.settings.language)
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    return course.root, found


def _exercises(checks: Checks) -> list[str]:
    """The exercises that have visible checks, and those that have answers."""
    from grader.evidence.mistakes import FOLDER

    answered = [path.parent.name for path in checks.folder.glob(f"*/{FOLDER}")]
    return sorted({*checks.count()[0], *answered})


def _show(trial: Trial, console: Console) -> None:
    for failure in trial.failures:
        console.print(failure, style="red", markup=False, highlight=False, soft_wrap=True)
        console.print()
    console.print(_table(trial))


def _table(trial: Trial) -> Table:
    from rich.table import Table

    table = Table("exercise")
    for title in ("right answers", "mistakes caught", "time"):
        table.add_column(title, justify="right")
    total = Tally()
    for name, tally in trial.tallies.items():
        table.add_row(name, *_cells(tally), style=None if tally.is_clean else "red")
        for field in ("right", "passed", "mistakes", "caught", "seconds"):
            setattr(total, field, getattr(total, field) + getattr(tally, field))
    if len(trial.tallies) > 1:
        table.add_section()
        table.add_row("all", *_cells(total))
    return table


def _cells(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.passed}/{tally.right}", f"{tally.caught}/{tally.mistakes}", f"{tally.seconds:.1f} s"
