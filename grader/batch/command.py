"""`grader autograde` and `grader feedback` on the command line: nbgrader's options and ours, in one style."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import cloudpickle  # noqa: F401 - where instructors' packages are missing, it is said at once

from grader.command_line import TRAITS, ConfigurableCommand, ReachablePath, complete_assignments

F = TypeVar("F", bound=Callable[..., Any])

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_FLAGS: Final = ("force", "create", "no-execute", "dry-run", "allow-lower", "debug", "quiet", "help-all")


def _spread(function: F) -> F:
    """The argument and the options that the two commands have in common."""
    options = (
        click.argument("assignment", required=False, shell_complete=complete_assignments),
        click.option("-j", "--jobs", type=click.IntRange(min=1), help="Submissions at once; all cores by default."),
        click.option(
            "--dask", metavar="ADDRESS", help="Of a Dask scheduler, whose workers do it: tcp://10.0.0.1:8786."
        ),
        click.option("--students", metavar="IDS", help="Only these: ids, with commas between them."),
        click.option("-f", "--force", is_flag=True, help="Also what has not changed."),
        click.option("--log", metavar="FILE", help="That gets a line of JSON for each event; empty for none."),
        click.option(
            *("--course", "--course-dir", "course"),
            type=ReachablePath(file_okay=False),
            help="The course's folder; the current one by default.",
        ),
        click.option("--student", metavar="ID", help="nbgrader's: one student, or a pattern such as 'a*'."),
        click.option("--notebook", metavar="NAME", help="nbgrader's: one notebook of several, or a pattern."),
        click.option("--assignment", "named", metavar="NAME", help="nbgrader's: the same as the argument."),
        click.option("--db", metavar="URL", help="nbgrader's: the gradebook."),
        click.option("--log-level", metavar="LEVEL", callback=_level, help=f"nbgrader's: {', '.join(_LEVELS)}."),
        click.option("--debug", is_flag=True, help="nbgrader's: --log-level DEBUG."),
        click.option("--quiet", is_flag=True, help="nbgrader's: --log-level CRITICAL."),
        click.option("--help-all", is_flag=True, help="Show every setting of nbgrader's configuration as well."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _level(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.isdigit() and value not in _LEVELS:
        raise click.BadParameter(f"{value!r} is none of {', '.join(_LEVELS)}", ctx, param)
    return value


@click.command(cls=ConfigurableCommand)
@_spread
@click.option("--dry-run", is_flag=True, help="Say whose points would change, and by which check; write nothing.")
@click.option("--allow-lower", is_flag=True, help="Let the same submission get fewer points than it has.")
@click.option("--no-execute", is_flag=True, help="nbgrader's: do not run the notebooks.")
@click.option("--create", is_flag=True, hidden=True)
def autograde(**options: Any) -> None:
    """Grade submissions in parallel: what is new or has changed, on all cores or on a Dask cluster.

    It is nbgrader's autograde, with the same configuration, files and gradebook. Interrupted, the same command goes on
    with what is missing. A submission that is graded again keeps what a person gave, and never gets fewer points than
    it has, unless with --allow-lower: what would be lower is listed, and the exit code is 1.
    """
    sys.dont_write_bytecode |= options["dry_run"]  # of a course's own plugins
    from grader.batch.app import ParallelAutogradeApp

    ParallelAutogradeApp.launch_instance(argv=_arguments(options))


@click.command(cls=ConfigurableCommand)
@_spread
def feedback(**options: Any) -> None:
    """Make feedback pages in parallel: those that are missing or have changed.

    They are the pages of `nbgrader generate_feedback`, in the same places.
    """
    from grader.batch.feedback_app import ParallelFeedbackApp

    ParallelFeedbackApp.launch_instance(argv=_arguments(options))


def _arguments(options: Mapping[str, Any]) -> list[str]:
    """The command line as nbgrader's own parser reads it."""
    ctx, given = click.get_current_context(), dict(options)
    assignment, named, course = (given.pop(name) for name in ("assignment", "named", "course"))
    if assignment is not None and named is not None:
        raise click.UsageError("Name one assignment, as an argument or with --assignment", ctx)
    if assignment is not None or named is not None:
        given["assignment"] = assignment if named is None else named
    if course is not None:
        given["course-dir"] = str(Path(course).absolute())  # nbgrader warns of another one, six times
    if given["students"] is not None:
        given["students"] += ","  # traitlets takes off quotes around the whole of a text
    found = []
    for name, value in given.items():
        option = name.replace("_", "-")
        if option in _FLAGS:
            found += [f"--{option}"] if value else []
        elif value is not None:
            found.append(f"--{option}={value}")
    return [*found, *ctx.meta[TRAITS]]
