"""The `grader` command."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from traitlets import TraitError

from grader.needs import UnmetNeedError, require_linux, what_to_install

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from grader.course import Checks
    from grader.settings import AulaTorch

_ELSEWHERE: Final = {
    "doctor": ("grader.doctor", "Show what this machine enforces, and who else can reach the course."),
    "test": ("grader.devkit.trial", "Try an assignment's right answers and mistakes on its checks."),
    "new": ("grader.devkit.scaffold", "Begin a course, an assignment or an exercise."),
    "messages": ("grader.devkit.catalogues", "Collect the texts for students, update and compile their translations."),
    "calibrate": ("grader.devkit.calibration", "Train the reference many times and propose accuracy thresholds."),
    "autograde": ("grader.batch.command", "Grade submissions in parallel, on this machine or on a Dask cluster."),
}
_ON_LINUX: Final = ("autograde", "doctor")
_OF_STUDENTS: Final = ("check", "settings")


class _LazyGroup(click.Group):
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

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ON_LINUX:
            require_linux()
        if cmd_name in _ELSEWHERE:
            command: click.Command = getattr(import_module(_ELSEWHERE[cmd_name][0]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        rows = [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        rows += [(name, help_text) for name, (_, help_text) in _ELSEWHERE.items()]
        with formatter.section("Commands"):
            formatter.write_dl(sorted(rows))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aulatorch")
def main() -> None:
    """AulaTorch: checks PyTorch exercises, and grades them.

    Students use `grader check`; instructors use nbgrader as they know it, and `grader report` beside it.
    """


@main.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-e", "--exercise", "chosen", multiple=True, help="Only this exercise (may be given again).")
@click.option("--language", help="Language of the messages; the notebook's own by default.")
@click.option("--hidden", is_flag=True, help="Also run the hidden checks of the course around it (authors only).")
def check(notebook: Path, chosen: tuple[str, ...], language: str | None, hidden: bool) -> None:
    """Run a notebook's checks and say what they found.

    The cells run in this process, in order. The exit code is 0 if every check passed, 1 if not, 2 if the notebook
    cannot be read.
    """
    from grader.check_cells import language_named
    from grader.checking.missing import not_found
    from grader.course import ChecksNotFoundError, CourseError, find_checks
    from grader.kit.messages import add_catalogues, current_language, languages, speaking

    found, cells = _open_notebook(notebook)
    unknown = [name for name in chosen if name not in found]
    if unknown or not found:
        raise click.UsageError(
            f"{notebook.name} has no exercise {', '.join(unknown)}; it has: {', '.join(found)}"
            if found
            else f"{notebook.name} has no check cell"
        )
    wanted = [name for name in found if name in (chosen or found)]
    named = language_named(cells)
    try:
        checks = find_checks(notebook.parent, wanted)
    except ChecksNotFoundError as error:
        with speaking(next((name for name in (language, named) if name in languages()), current_language())):
            raise click.UsageError(str(not_found(error))) from None
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    if hidden and not checks.hidden:
        raise click.UsageError(f"there are no hidden checks in {checks.folder}")
    add_catalogues(checks.locale)
    if language is not None and language not in languages():
        raise click.UsageError(f"there are no texts in {language!r}; there are: {', '.join(languages())}")
    with speaking(language or (named if named in languages() else None) or current_language()):
        passed = _check_exercises(cells, wanted, checks if hidden else checks.without_hidden())
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
        click.echo(f"{path}: {error.reason}", err=True)
        sys.exit(2)
    return exercises_of(notebook), [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _check_exercises(cells: list[str], exercises: list[str], checks: Checks) -> bool:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from grader.checking.notebooks import InProcessNotebook
    from grader.checking.panel import render
    from grader.checking.results import ExerciseResult
    from grader.checking.runner import run_checks
    from grader.course import CourseError
    from grader.kit.messages import current_language, tr

    console = Console()
    notebook = InProcessNotebook(cells)
    all_passed = True
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("")
        for exercise in exercises:
            progress.update(task, description=str(tr("checking {exercise}…", exercise=exercise)))
            try:
                results = run_checks(notebook, [exercise], checks)
            except CourseError as error:
                raise click.ClickException(str(error)) from None
            notices = (*notebook.explained(exercise, results), *notebook.differs_while_grading(exercise))
            result = ExerciseResult(exercise, 0.0, tuple(results), notices=notices, seed=notebook.seed)
            all_passed &= result.passed
            panel = render(result, current_language(), show_score=False)
            console.print(panel.text.rstrip(), style="green" if result.passed else None, markup=False, highlight=False)
    return all_passed


@main.command()
def settings() -> None:
    """List the settings of course_config.py, with their help texts and defaults."""
    from grader.settings import AulaTorch

    click.echo(AulaTorch.class_get_help())


@main.command()
@click.argument("assignment")
@click.option("--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), help="Also write the table as CSV.")
@click.option(
    "--course", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The course's folder."
)
def report(assignment: str, csv_path: Path | None, course: Path) -> None:
    """Show every student's points, verdicts and remarks for an assignment."""
    from nbgrader.api import MissingEntry
    from rich.console import Console

    from grader.kit.messages import speaking
    from grader.report.collect import collect
    from grader.report.table import class_table, write_csv

    coursedir, settings = open_course(course)
    with speaking(settings.language):
        try:
            found = collect(coursedir, assignment)
        except MissingEntry as error:
            raise click.UsageError(
                f"the gradebook knows no assignment {assignment!r} ({error}): run `nbgrader generate_assignment` and"
                " `nbgrader autograde` first"
            ) from None
        Console().print(class_table(found, assignment))
        if csv_path is not None:
            with csv_path.open("w", newline="", encoding="utf-8") as file:
                write_csv(found, file)


def open_course(folder: Path) -> tuple[CourseDirectory, AulaTorch]:
    """nbgrader's view of a course folder, and the course's settings.

    Raises:
        click.ClickException: there is no course, or its settings are not right.
    """
    from nbgrader.coursedir import CourseDirectory

    from grader.course import Course, CourseError

    try:
        course = Course.open(folder)
        return CourseDirectory(config=course.config), course.settings
    except (CourseError, TraitError) as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
