"""`grader audit`: whether an assignment's exercises are ready for students."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.command_line import Command, complete_assignments, complete_exercises, course_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from grader.course import Course
    from grader.devkit.audit.auditing import Plan
    from grader.devkit.audit.verdicts import ExerciseAudit


@click.command(cls=Command)
@click.argument("assignment", shell_complete=complete_assignments)
@click.argument("exercise", required=False, shell_complete=complete_exercises)
@click.option("--sample", type=click.IntRange(min=1), help="Try so many mutants of each exercise; all by default.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Tries of each right answer.")
@click.option("--right", is_flag=True, help="Try the right answers alone.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the sample, and of the random inputs.")
@click.option("--jobs", type=click.IntRange(min=1), help="Answers tried at once; as many as cores by default.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it there.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a page there.")
@course_option
def audit(
    assignment: str,
    exercise: str | None,
    sample: int | None,
    seeds: int,
    right: bool,
    seed: int,
    jobs: int | None,
    json_file: Path | None,
    html_file: Path | None,
    course: Path,
) -> None:
    """Measure whether the exercises of an assignment are ready for students.

    Right answers are changed in the way that students go wrong, one small change each, and tried on the checks. A
    change that passes every check is either a gap, to be closed with a case, or a right answer too, to be marked with
    the reason in `answers/equivalents.toml`. The right answers themselves are tried with new seeds.

    The exit code is 0 where there is nothing to mend, 1 where there is, 2 where the exercises cannot be tried.
    """
    from rich.console import Console

    from grader.course import Course, CourseError
    from grader.devkit.audit.auditing import Plan
    from grader.devkit.audit.page import html
    from grader.devkit.audit.tables import show

    console = Console()
    try:
        found = Course.around(course)
        if found is None:
            raise CourseError(f"{course.resolve()} lies in no course: no folder has an nbgrader_config.py")
        audits = run(found, assignment, exercise, Plan(sample, seeds, seed, right), jobs or cores(), console)
    except CourseError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    content = [item.to_json() for item in audits]
    show(content, console)
    if json_file is not None:
        json_file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if html_file is not None:
        html_file.write_text(html(content), encoding="utf-8")
    sys.exit(1 if any(item.problems for item in audits) else 0)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run(
    course: Course, assignment: str, exercise: str | None, plan: Plan, jobs: int, console: Console
) -> Sequence[ExerciseAudit]:
    """Audits an assignment's exercises, with a bar on a terminal and a line for each elsewhere.

    Raises:
        CourseError: they cannot be audited.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from grader.devkit.audit.auditing import audit as audit_exercise
    from grader.devkit.audit.auditing import places
    from grader.devkit.audit.trying import Host

    found = places(course, assignment, exercise)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    audits = []
    with Host(jobs) as host, Progress(*columns, console=console, transient=True) as progress:
        for place in found:
            task = progress.add_task(place.exercise, total=None)
            on_total, on_outcome = partial(_set_total, progress, task), partial(progress.advance, task)
            result = audit_exercise(place, plan, host, on_total, on_outcome)
            progress.remove_task(task)
            if not console.is_terminal:
                console.print(f"{place.exercise}: {len(result.tried)} mutants in {result.seconds:.0f} s")
            audits.append(result)
    return audits


def _set_total(progress: Progress, task: TaskID, total: int) -> None:
    progress.update(task, total=total)
