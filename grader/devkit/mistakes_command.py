"""`grader mistakes`: observes an assignment's known mistakes and keeps that beside its checks."""

from __future__ import annotations

from pathlib import Path

import click

from grader.command_line import Command, complete_assignments, course_option
from grader.course import OBSERVED, Course, CourseError
from grader.evidence.library import ObservingError, observed


@click.command(cls=Command)
@click.argument("assignments", nargs=-1, shell_complete=complete_assignments)
@course_option
def mistakes(assignments: tuple[str, ...], course: Path) -> None:
    """Observe the known mistakes of ASSIGNMENTS (all, by default) and write CHECKS/EXERCISE/mistakes.json.

    Without these files that is done when an assignment is generated or first graded, and kept in your cache folder.
    With them nobody waits: neither a colleague with a clone of the course nor a machine that tests it.
    """
    try:
        found = Course.open(course)
        names = found.assignments()
        for name in assignments:
            if name not in names:
                raise click.UsageError(f"the course has no checks of {name!r}; it has: {', '.join(names)}")
        for name in assignments or names:
            for path in write(found, name):
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
        path = checks.folder / name / OBSERVED
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            written.append(path)
    return written
