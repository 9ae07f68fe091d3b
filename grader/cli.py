"""The `grader` command."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from grader.settings import AulaTorch

_ELSEWHERE: Final = {
    "doctor": ("grader.sandbox.doctor", "Show which protections this machine enforces, each tested live."),
    "calibrate": ("grader.calibration", "Train the reference many times and propose accuracy thresholds."),
    "autograde": ("grader.autograde.command", "Grade submissions in parallel, on this machine or on a Dask cluster."),
}


class _LazyGroup(click.Group):
    """Imports a command's module when the command is asked for: ``grader --help`` needs no torch."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
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
@click.option(
    "--language", type=click.Choice(["es", "en"]), help="Language of the messages; the notebook's own by default."
)
@click.option("--hidden", is_flag=True, help="Also run the hidden checks, where they are installed (authors only).")
def check(notebook: Path, chosen: tuple[str, ...], language: str | None, hidden: bool) -> None:
    """Run a notebook's checks and say what they found.

    The cells run in this process, in order. The exit code is 0 if every check passed, 1 if not, 2 if the notebook
    cannot be read.
    """
    from grader.testing.messages import speaking

    found, cells, spoken = _open_notebook(notebook)
    unknown = [name for name in chosen if name not in found]
    if unknown or not found:
        raise click.UsageError(
            f"{notebook.name} has no exercise {', '.join(unknown)}; it has: {', '.join(found)}"
            if found
            else f"{notebook.name} has no check cell"
        )
    with speaking(language or spoken):
        passed = _check_exercises(cells, [name for name in found if name in (chosen or found)], hidden)
    sys.exit(0 if passed else 1)


def _open_notebook(path: Path) -> tuple[list[str], list[str], str]:
    """The exercises, the code cells and the language of a notebook."""
    import re

    from grader.grading.submissions import UnreadableNotebookError, read_submission
    from grader.settings import AulaTorch
    from grader.testing.messages import DEFAULT_LANGUAGE
    from grader.testing.notebooks import exercises_of

    try:
        limit = int(AulaTorch().notebook_size_limit * 2**20)
        notebook = read_submission(path.read_bytes(), limit).notebook
    except UnreadableNotebookError as error:
        click.echo(f"{path}: {error.reason}", err=True)
        sys.exit(2)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    named = re.findall(r"""^use_language\(["'](es|en)["']\)""", "\n".join(cells), re.MULTILINE)
    return exercises_of(notebook), cells, named[-1] if named else DEFAULT_LANGUAGE


def _check_exercises(cells: list[str], exercises: list[str], hidden: bool) -> bool:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from grader.settings import AulaTorch
    from grader.testing.messages import current_language, tr
    from grader.testing.notebooks import InProcessNotebook
    from grader.testing.panel import render
    from grader.testing.results import ExerciseResult
    from grader.testing.runner import files_for, run_checks

    settings = AulaTorch()
    if hidden and settings.hidden_path is None:
        raise click.UsageError("the hidden checks are not installed here")
    console = Console()
    notebook = InProcessNotebook(cells)
    all_passed = True
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("")
        for exercise in exercises:
            progress.update(task, description=str(tr("checking {exercise}…", exercise=exercise)))
            results = run_checks(
                notebook,
                [exercise],
                samples=files_for(exercise, settings.samples_path),
                hidden=files_for(exercise, settings.hidden_path) if hidden and settings.hidden_path else (),
            )
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

    from grader.report.collect import collect
    from grader.report.table import class_table, write_csv
    from grader.testing.messages import speaking

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
        click.UsageError: there is no course, or its settings are not right.
    """
    from traitlets import TraitError

    from grader.settings import AulaTorch

    config = load_config(folder)
    config.CourseDirectory.setdefault("root", str(folder.resolve()))  # as for nbgrader, if it were run there
    from nbgrader.coursedir import CourseDirectory

    try:
        return CourseDirectory(config=config), AulaTorch(config=config)
    except TraitError as error:
        raise click.UsageError(str(error)) from None


def load_config(folder: Path) -> Any:
    """The configuration that nbgrader would read in `folder`.

    Raises:
        click.UsageError: there is none.
    """
    from traitlets.config.loader import PyFileConfigLoader

    if not (folder / "nbgrader_config.py").is_file():
        raise click.UsageError(f"{folder.resolve()} is no course: it has no nbgrader_config.py")
    return PyFileConfigLoader("nbgrader_config.py", path=str(folder.resolve())).load_config()


if __name__ == "__main__":
    main()
