"""How every command of `grader` reads its options, and says what is wrong with them: in one line, with exit code 2."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from grader.access import barrier, refusal

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from grader.settings import AulaTorch

F = TypeVar("F", bound=Callable[..., Any])

TRAITS: Final = "grader.command_line.traits"
"""Under this key of a click context's `meta` are the settings that a command line gives as ``--Class.trait=value``."""

_TRAIT: Final = re.compile(r"--[A-Z]\w*(?:\.\w+)+(=.*)?", re.DOTALL)
_SETTINGS: Final = {"AulaTorch": "grader.settings", "ParallelAutograde": "grader.batch.settings"}

INTERRUPTED: Final = 130
"""The exit code of a command that somebody interrupted, as of any program that Ctrl-C ends."""


class Command(click.Command):
    """A command of `grader`: it has ``--version``, and ``-h`` however it is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _common_options(self)


class ConfigurableCommand(Command):
    """One that takes settings as nbgrader's commands do, ``--AulaTorch.seed=7``; they are in ``ctx.meta[TRAITS]``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Sets the settings apart from the options."""
        rest, found, left = [], [], list(args)
        while left:
            argument = left.pop(0)
            if argument == "--":
                rest += [argument, *left]
                break
            match = _TRAIT.fullmatch(argument)
            if match is None:
                rest.append(argument)
            elif match[1] is None and left:
                found.append(f"{argument}={left.pop(0)}")
            elif match[1] is None and not ctx.resilient_parsing:
                raise click.UsageError(f"Option {argument!r} requires an argument.", ctx)
            else:
                found.append(argument)
        ctx.meta[TRAITS] = found
        return super().parse_args(ctx, rest)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes the names of our settings as well."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("--") and (incomplete == "--" or incomplete[2:3].isupper()):
            for section, module in _SETTINGS.items():
                traits = getattr(import_module(module), section).class_own_traits(config=True)
                names = {f"--{section}.{name}=": trait.help for name, trait in traits.items()}
                found += [
                    CompletionItem(name, help=help) for name, help in names.items() if name.startswith(incomplete)
                ]
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Adds what `parse_args` sets apart."""
        super().format_options(ctx, formatter)
        with formatter.section("Settings"):
            rows = [("--AulaTorch.NAME=VALUE", "A setting of the course; `grader settings` lists them.")]
            rows += [("--Class.trait=VALUE", "Any other one of nbgrader's configuration.")]
            formatter.write_dl(rows)


class Group(click.Group):
    """A command of `grader` that has commands of its own."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _common_options(self)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; one that there is not is told from what it looks like."""
        name, names = args[0], self.list_commands(ctx)
        if name not in names and not name.startswith("-") and not ctx.resilient_parsing:
            close = difflib.get_close_matches(name, names, 1)
            meant = f" Did you mean {close[0]!r}?" if close else f" There are: {', '.join(names)}"
            raise click.UsageError(f"No such command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs what the command line asks for; whatever is wrong with it is one line."""
        run: Callable[..., Any] = super().main
        if not extra.pop("standalone_mode", True):
            return run(*args, **extra, standalone_mode=False)
        try:
            with _refusals_in_one_line():
                result = run(*args, **extra, standalone_mode=False)
        except click.ClickException as error:
            _say(error)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        sys.exit(result if isinstance(result, int) else 0)


@contextmanager
def _refusals_in_one_line() -> Iterator[None]:
    """Says of a file that this account may not read or write whose it is, and what to do."""
    try:
        yield
    except PermissionError as error:
        if not isinstance(error.filename, str | os.PathLike):
            raise
        raise click.ClickException(refusal(Path(error.filename))) from error


class ReachablePath(click.Path):
    """A file or folder that is there; where this account may not look it says so, and not that nothing is there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(exists=True, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.ClickException: it is not there, or closed to this account.
        """
        path = Path(value).absolute()
        try:
            found = super().convert(value, param, ctx)
        except click.BadParameter:
            if barrier(path) is not None or (path.exists() and not os.access(path, os.R_OK)):
                raise click.ClickException(refusal(path)) from None
            raise
        if path.is_dir() and not os.access(path, os.X_OK):
            raise click.ClickException(refusal(path))
        return found


def _common_options(command: click.Command) -> None:
    """``-h`` beside ``--help``, and ``--version``."""
    command.context_settings.setdefault("help_option_names", ["-h", "--help"])
    click.version_option(package_name="aulatorch")(command)


def _say(error: click.ClickException) -> None:
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())) or not isinstance(error, click.UsageError):
        error.show()
    else:
        click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)


def course_option(function: F) -> F:
    """``--course DIR``, the parameter `course`: the current folder by default."""
    return click.option(
        "--course",
        type=ReachablePath(file_okay=False, path_type=Path),
        default=".",
        help="The course's folder; the current one by default.",
    )(function)


def ids_in(text: str) -> list[str]:
    """The ids in a list with commas between them; one that has a comma itself stands in quotes, as in CSV."""
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    return list(dict.fromkeys(name.strip() for row in rows for name in row if name.strip()))


def ids_listed(ids: Iterable[str]) -> str:
    """The list that `ids_in` reads these ids from."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(ids)
    return text.getvalue()


def json_option(function: F) -> F:
    """``--json``, the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")(function)


def open_course(folder: Path) -> tuple[CourseDirectory, AulaTorch]:
    """nbgrader's view of a course folder, and the course's settings.

    Raises:
        click.ClickException: there is no course, or its settings are not right.
    """
    from nbgrader.coursedir import CourseDirectory
    from traitlets import TraitError

    from grader.course import Course, CourseError

    try:
        course = Course.open(folder)
        return CourseDirectory(config=course.config), course.settings
    except (CourseError, TraitError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def stdout_kept() -> Iterator[None]:
    """Keeps standard output for what a program is to read: what anything prints meanwhile goes to standard error."""
    try:
        kept = os.dup(1)
    except OSError:  # there is none
        kept = None
    try:
        if kept is not None:
            with suppress(OSError):
                os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


# --------------------------------------------------------------------------------------------------- completion


def complete_assignments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The assignments of the course that have checks, or are in its folder of sources."""
    from grader.course import Course, CourseError

    folder = ctx.params.get("course") or "."
    with suppress(CourseError, OSError):
        course = Course.around(Path(folder))
        if course is not None:
            sources = course.source("x").parents[1]
            found = {path.name for path in sources.iterdir() if path.is_dir()} if sources.is_dir() else set()
            names = sorted(found | set(course.assignments()))
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


def complete_exercises(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The exercises of the notebook, or of the assignment, that the command line names."""
    from grader.course import Course, CourseError, exercises_in

    names: set[str] = set()
    with suppress(CourseError, OSError, ValueError):
        notebook, assignment = ctx.params.get("notebook"), ctx.params.get("assignment")
        if "notebook" in ctx.params and notebook is None:
            notebook = next(iter(ctx.args), None)  # an option that has no value yet keeps click from reading it
        if notebook is not None:
            names = set(_exercises_of(Path(notebook)))
        elif assignment is not None and (course := Course.around(Path(ctx.params.get("course") or "."))) is not None:
            names = {name for path in course.checks(assignment).files for name in exercises_in(path)}
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _exercises_of(notebook: Path) -> Iterator[str]:
    """Read as JSON: completion is in a hurry, and imports no torch."""
    import json

    from grader.check_cells import exercise_checked

    for cell in json.loads(notebook.read_bytes()).get("cells", []):
        name = exercise_checked("".join(cell.get("source", "")))
        if name:
            yield name


def complete_languages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The languages that there are texts in."""
    from grader.kit.messages import languages

    return [CompletionItem(name) for name in languages() if name.startswith(incomplete)]
