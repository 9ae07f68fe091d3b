"""`grader report`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from grader.command_line import Command, complete_assignments, course_option, open_course

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from grader.report.analysis import Analysis

_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


class ReportFailure(click.ClickException):
    """There is no report: said in one line, with the exit code of a command that was given the wrong thing."""

    exit_code = 2


@click.command(cls=Command)
@click.argument("assignment", shell_complete=complete_assignments)
@click.option("--html", type=_FILE, metavar="FILE", help="Write the report as one HTML page; - is standard output.")
@click.option("--json", "json_path", type=_FILE, metavar="FILE", help="Write it as JSON; - is standard output.")
@click.option(
    "--csv", "csv_path", type=_FILE, metavar="FILE", help="Write everyone's points as CSV; - is standard output."
)
@click.option(
    "--students",
    metavar="GROUP",
    help="Only these: ada,bruno, or a file with one a line or as CSV with a column `student`.",
)
@click.option("--anonymous", is_flag=True, help="Numbers in place of names.")
@click.option(
    "--before",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also what changed since an earlier report, which --json wrote.",
)
@click.option("--formgrader", metavar="URL", help="Where formgrader is, for the page's links.")
@course_option
def report(
    assignment: str,
    html: Path | None,
    json_path: Path | None,
    csv_path: Path | None,
    students: str | None,
    anonymous: bool,
    before: Path | None,
    formgrader: str | None,
    course: Path,
) -> None:
    """Show what a class did in ASSIGNMENT: points, mistakes, what waits for a person.

    It is made from nbgrader's gradebook and the autograded notebooks, and changes neither. Without a form that goes to
    standard output, a table is shown in the terminal as well.
    """
    written = [path for path in (html, json_path, csv_path) if path is not None]
    if sum(str(path) == "-" for path in written) > 1:
        raise ReportFailure("only one form can go to standard output")
    coursedir, language = _open(course)
    from grader.kit.messages import speaking

    with speaking(language):
        analysis = _analysis(coursedir, assignment, students, anonymous, before, formgrader)
        _write(html, lambda file: file.write(_page(analysis)))
        _write(json_path, lambda file: _write_json(analysis, file))
        _write(csv_path, lambda file: _write_csv(analysis, file))
        if not any(str(path) == "-" for path in written):
            from rich.console import Console

            from grader.report.table import class_table

            Console().print(class_table(analysis.report, assignment))
            for change in analysis.changes or ():
                steps = ", ".join(f"{name} {_shown(old)} → {_shown(new)}" for name, old, new in change.steps)
                Console().print(f"{change.student}: {change.gain:+g} ({steps})", markup=False, highlight=False)


def _open(folder: Path) -> tuple[CourseDirectory, str]:
    try:
        coursedir, settings = open_course(folder)
    except click.ClickException as error:
        raise ReportFailure(error.message) from None
    return coursedir, settings.language


def _analysis(
    course: CourseDirectory,
    assignment: str,
    group: str | None,
    is_anonymous: bool,
    before: Path | None,
    formgrader: str | None,
) -> Analysis:
    from grader.report.analysis import FORMGRADER, analyse
    from grader.report.attempts import attempts_of
    from grader.report.collect import ReportError, collect
    from grader.report.comparison import changes_since, read_report
    from grader.report.people import students_in, without_names

    try:
        chosen = students_in(group) if group is not None else ()
    except (ValueError, OSError) as error:
        raise ReportFailure(f"--students: {error}") from None
    try:
        earlier = read_report(before, assignment) if before is not None else None
    except (ValueError, OSError) as error:
        raise ReportFailure(f"--before: {error}") from None
    try:
        found = collect(course, assignment, chosen)
    except ReportError as error:
        raise ReportFailure(str(error)) from None
    attempts = attempts_of(course, found)
    changes = changes_since(earlier, found) if earlier is not None else None
    if is_anonymous:
        found, aliases = without_names(found)
        attempts = {aliases[student]: tries for student, tries in attempts.items()} if attempts is not None else None
        changes = changes and sorted(
            (replace(change, student=aliases[change.student]) for change in changes), key=lambda one: one.gain
        )
    return analyse(found, attempts, changes, formgrader=formgrader or FORMGRADER, is_anonymous=is_anonymous)


def _shown(points: float | None) -> str:
    return "—" if points is None else f"{points:g}"


def _page(analysis: Analysis) -> str:
    from grader.report.page import render_page

    return render_page(analysis)


def _write_json(analysis: Analysis, file: TextIO) -> None:
    from grader.report.analysis import to_json

    json.dump(to_json(analysis), file, ensure_ascii=False, indent=1, allow_nan=False)
    file.write("\n")


def _write_csv(analysis: Analysis, file: TextIO) -> None:
    from grader.report.table import write_csv

    write_csv(analysis.report, file)


def _write(path: Path | None, write: Callable[[TextIO], object]) -> None:
    if path is None:
        return
    try:
        with _opened(path) as file:
            write(file)
    except BrokenPipeError:
        raise  # whoever read standard output has had enough
    except OSError as error:
        from grader.kit.messages import tr

        said = tr("{path} cannot be written: {reason}", path=path, reason=error.strerror)
        raise ReportFailure(str(said)) from None


def _opened(path: Path) -> AbstractContextManager[TextIO]:
    """A file, or standard output, for text in UTF-8 whatever the terminal's language, its line ends as they are."""
    if str(path) != "-":
        return cast("TextIO", path.open("w", newline="", encoding="utf-8", errors="replace"))
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace", newline="")
    return nullcontext(sys.stdout)
