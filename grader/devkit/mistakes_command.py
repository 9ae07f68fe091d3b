"""`grader mistakes`: observes an assignment's known mistakes and keeps that beside its checks."""

from __future__ import annotations

from pathlib import Path

import click

from grader.course import Course, CourseError
from grader.evidence.library import FILE, ObservingError, observed


@click.command()
@click.argument("assignments", nargs=-1)
@click.option(
    "--course",
    "folder",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder.",
)
def mistakes(assignments: tuple[str, ...], folder: Path) -> None:
    """Observe the known mistakes of ASSIGNMENTS (all, by default) and write CHECKS/EXERCISE/mistakes.json.

    Without these files that is done when an assignment is generated or first graded, and kept in your cache folder.
    With them nobody waits: neither a colleague with a clone of the course nor a machine that tests it.
    """
    try:
        course = Course.open(folder)
        names = course.assignments()
        for name in assignments:
            if name not in names:
                raise click.UsageError(f"the course has no checks of {name!r}; it has: {', '.join(names)}")
        for name in assignments or names:
            for path in write(course, name):
                click.echo(str(path))
    except (CourseError, ObservingError) as error:
        raise click.ClickException(str(error)) from None


def write(course: Course, assignment: str) -> list[Path]:
    """Writes the files of an assignment's exercises that are not as they should be; returns them.

    Raises:
        CourseError: the course has no checks of it.
        ObservingError: they cannot be run on the solutions.
    """
    checks = course.checks(assignment).without_hidden()
    notebooks = sorted(course.source(assignment).parent.glob("*.ipynb"))
    exercises = list(checks.count()[0])
    written = []
    for name, content in observed(checks, notebooks, exercises).items():
        path = checks.folder / name / FILE
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            written.append(path)
    return written
