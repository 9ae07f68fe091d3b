"""`grader release-solutions`: writes the instructor's own answers into one file, which `solution()` shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.checking.hints import SOLUTIONS, SOLUTIONS_FORMAT
from grader.command_line import Command, complete_assignments, course_option, open_course
from grader.course import CourseError

if TYPE_CHECKING:
    from grader.settings import AulaTorch


@click.command("release-solutions", cls=Command)
@click.argument("assignment", shell_complete=complete_assignments)
@course_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; by default solutions_ASSIGNMENT.json in the folder that students get.",
)
def release_solutions(assignment: str, course: Path, output: Path | None) -> None:
    """Write the solutions of ASSIGNMENT into one file, for students to see after the deadline.

    Beside a student's notebook it is what `solution("exercise")` shows. Who hands in late can read it too, so write it
    when nobody may hand in any more. Nothing reads it while grading.
    """
    coursedir, settings = open_course(course)
    source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    notebooks = sorted(source.glob("*.ipynb"))
    if not notebooks:
        raise click.UsageError(f"there is no source notebook of {assignment!r} in {source}")
    found: dict[str, str] = {}
    left_out: list[str] = []
    for path in notebooks:
        try:
            solutions, without = solutions_of(path, settings, assignment)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        found |= solutions
        left_out += without
    if not found:
        raise click.UsageError(f"no notebook in {source} has an exercise with a solution cell EXERCISE_answer")
    target = output
    if target is None:
        folder = Path(coursedir.format_path(coursedir.release_directory, ".", assignment))
        if not folder.is_dir():
            raise click.UsageError(
                f"there is no folder {folder}: `nbgrader generate_assignment {assignment}` makes it, or name a file"
                " with --output"
            )
        target = folder / SOLUTIONS.format(assignment=assignment)
    content = {"format": SOLUTIONS_FORMAT, "assignment": assignment, "solutions": found}
    try:
        target.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{target} cannot be written: {error.strerror}") from None
    click.echo(f"{target}: the solutions of {len(found)} exercises. It belongs beside the students' notebooks.")
    if left_out:
        click.echo(f"without a solution cell: {', '.join(left_out)}")


def solutions_of(notebook: Path, settings: AulaTorch, assignment: str) -> tuple[dict[str, str], list[str]]:
    """The solution cells of a source notebook by exercise, in the course's language, and the exercises without one.

    Raises:
        CourseError: it is no notebook.
    """
    import nbformat

    from grader.evidence.answers import exercises_checked, solutions_in
    from grader.grading.examination import code_cells
    from grader.grading.release import in_one_language

    _ = code_cells(notebook)  # says what is wrong with it, in one line
    read = nbformat.read(notebook, as_version=4)
    read.cells = in_one_language(read.cells, settings, assignment)
    exercises = exercises_checked(read)
    solutions = solutions_in(read.cells)
    found = {name: solutions[name] for name in exercises if name in solutions}
    return found, [name for name in exercises if name not in solutions]
