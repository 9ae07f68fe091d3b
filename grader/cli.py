"""The `grader` command."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from grader.command_line import (
    Group,
    ReachablePath,
    complete_exercises,
    complete_languages,
    json_option,
    stdout_kept,
)
from grader.needs import UnmetNeedError, require_linux, what_to_install

if TYPE_CHECKING:
    from grader.checking.results import ExerciseResult
    from grader.course import Checks

_ELSEWHERE: Final = {
    "doctor": ("grader.doctor", "Show what this machine enforces, and who else can reach the course."),
    "test": ("grader.devkit.trial", "Try an assignment's right answers and mistakes on its checks."),
    "audit": ("grader.devkit.audit.command", "Measure whether an assignment's exercises are ready for students."),
    "new": ("grader.devkit.scaffold", "Begin a course, an assignment or an exercise."),
    "messages": ("grader.devkit.catalogues", "Collect the texts for students, update and compile their translations."),
    "mistakes": (
        "grader.devkit.mistakes_command",
        "Observe known mistakes, so that hints name them at once.",
    ),
    "calibrate": ("grader.devkit.calibration", "Train the reference many times and propose accuracy thresholds."),
    "report": (
        "grader.report.command",
        "Show what a class did in an assignment: in the terminal, as a page, JSON or CSV.",
    ),
    "hub": ("grader.hub.command", "Set up a JupyterHub for courses, and try it."),
    "autograde": ("grader.batch.command", "Grade submissions in parallel, on this machine or on a Dask cluster."),
    "feedback": ("grader.batch.command", "Make feedback pages in parallel: those that are missing or have changed."),
    "release-solutions": (
        "grader.devkit.solutions",
        "Write an assignment's solutions, for students after the deadline.",
    ),
    "settings": ("grader.in_force", "List every setting with the value in force, and where it comes from."),
}
_ON_LINUX: Final = ("audit", "autograde", "doctor", "feedback")
_OF_STUDENTS: Final = ("check", "settings")


class _LazyGroup(Group):
    """Imports a command's module when the command is asked for: ``grader --help`` needs no torch, and no nbgrader."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs a command; where this machine or what is installed on it is not enough, says what it takes."""
        try:
            return super().invoke(ctx)
        except UnmetNeedError as error:
            raise click.ClickException(str(error)) from None
        except ModuleNotFoundError as error:
            need = what_to_install(error) if ctx.invoked_subcommand not in _OF_STUDENTS else None
            if need is None:
                raise
            raise click.ClickException(need) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes the commands' names without importing them."""
        found = [CompletionItem(name, help=text) for name, text in self._rows() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ON_LINUX and not ctx.resilient_parsing:
            require_linux()
        if cmd_name in _ELSEWHERE:
            try:
                command: click.Command = getattr(import_module(_ELSEWHERE[cmd_name][0]), cmd_name.replace("-", "_"))
            except ModuleNotFoundError:
                if ctx.resilient_parsing:
                    return None  # completion says nothing of what cannot run here
                raise
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self._rows())

    def _rows(self) -> list[tuple[str, str]]:
        """The commands and what they do."""
        rows = [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        return sorted([*rows, *((name, help_text) for name, (_, help_text) in _ELSEWHERE.items())])


@click.group("grader", cls=_LazyGroup)
def main() -> None:
    """AulaTorch: checks PyTorch exercises, and grades them.

    Students use `grader check`; instructors use nbgrader as they know it, and the other commands beside it.
    """


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that has a shell complete this command.

    For bash, put `eval "$(grader completion bash)"` into ~/.bashrc.
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "grader", "_GRADER_COMPLETE").source())


@main.command()
@click.argument("notebook", type=ReachablePath(dir_okay=False, path_type=Path))
@click.option(
    *("-e", "--exercise", "chosen"),
    multiple=True,
    shell_complete=complete_exercises,
    help="Only this exercise (may be given again).",
)
@click.option("--language", shell_complete=complete_languages, help="Of the messages; the notebook's own by default.")
@click.option("--hidden", is_flag=True, help="Also run the hidden checks of the course around it (authors only).")
@json_option
def check(notebook: Path, chosen: tuple[str, ...], language: str | None, hidden: bool, as_json: bool) -> None:
    """Run a notebook's checks and say what they found.

    The cells run in this process, in order. The exit code is 0 if every check passed, 1 if not, 2 if the notebook
    cannot be read.
    """
    from grader.check_cells import language_named
    from grader.course import ChecksNotFoundError, CourseError, find_checks
    from grader.kit.messages import add_catalogues, current_language, languages, speaking, tr
    from grader.kit.not_found import not_found

    with speaking(language if language in languages() else current_language()):
        found, cells = _open_notebook(notebook)
    named = language_named(cells)
    with speaking(next(name for name in (language, named, current_language()) if name in languages())):
        unknown = ", ".join(name for name in chosen if name not in found)
        if not found:
            raise click.UsageError(str(tr("{file} has no check cell", file=notebook.name)))
        if unknown:
            about = {"file": notebook.name, "unknown": unknown, "known": ", ".join(found)}
            raise click.UsageError(str(tr("{file} has no exercise {unknown}; it has: {known}", **about)))
        wanted = [name for name in found if name in (chosen or found)]
        try:
            checks = find_checks(notebook.parent, wanted)
        except ChecksNotFoundError as error:
            raise click.UsageError(str(not_found(error))) from None
        except CourseError as error:
            raise click.UsageError(str(error)) from None
        if hidden and not checks.hidden:
            raise click.UsageError(str(tr("there are no hidden checks in {folder}", folder=checks.folder)))
    add_catalogues(checks.locale)
    if language is not None and language not in languages():
        raise click.UsageError(f"there are no texts in {language!r}; there are: {', '.join(languages())}")
    spoken = next(name for name in (language, named, current_language()) if name in languages())
    with speaking(spoken), stdout_kept() if as_json else nullcontext():
        results = _check_exercises(cells, wanted, checks if hidden else checks.without_hidden(), quiet=as_json)
    passed = all(result.passed for result in results)
    if as_json:
        exercises = [result.to_json(spoken) | {"passed": result.passed} for result in results]
        for exercise in exercises:  # no points are given here
            del exercise["points"], exercise["score"]
        said = {"notebook": str(notebook), "language": spoken, "hidden": hidden, "passed": passed}
        click.echo(json.dumps(said | {"exercises": exercises}, ensure_ascii=False, indent=2))
    sys.exit(0 if passed else 1)


def _open_notebook(path: Path) -> tuple[list[str], list[str]]:
    """The exercises and the code cells of a notebook."""
    from grader.checking.notebooks import exercises_of
    from grader.grading.submissions import UnreadableNotebookError, read_submission
    from grader.settings import AulaTorch

    try:
        limit = int(AulaTorch().notebook_size_limit * 2**20)
        notebook = read_submission(path.read_bytes(), limit).notebook
    except UnreadableNotebookError as error:
        raise click.UsageError(f"{path}: {error.reason}") from None
    return exercises_of(notebook), [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _check_exercises(cells: list[str], exercises: list[str], checks: Checks, *, quiet: bool) -> list[ExerciseResult]:
    """The exercises' results; shown as they come, unless `quiet`."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from grader.checking.evidence import explained
    from grader.checking.notebooks import InProcessNotebook
    from grader.checking.panel import render
    from grader.checking.results import ExerciseResult
    from grader.checking.runner import run_checks
    from grader.course import CourseError
    from grader.kit.messages import current_language, tr

    console = Console(quiet=quiet)
    notebook = InProcessNotebook(cells)
    found = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("")
        for exercise in exercises:
            progress.update(task, description=str(tr("checking {exercise}…", exercise=exercise)))
            try:
                results = run_checks(notebook, [exercise], checks)
            except CourseError as error:
                raise click.ClickException(str(error)) from None
            notices = (*notebook.explained(exercise, results), *notebook.differs_while_grading(exercise))
            bare = ExerciseResult(exercise, 0.0, tuple(results), notices=notices, seed=notebook.seed)
            result = explained(bare, checks.folder)
            found.append(result)
            panel = render(result, current_language(), show_score=False)
            console.print(panel.text.rstrip(), style="green" if result.passed else None, markup=False, highlight=False)
    return found


if __name__ == "__main__":
    main()
