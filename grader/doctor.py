"""`grader doctor`: whether this machine can grade, and who else on it can reach the course."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from grader.command_line import Command, ReachablePath, json_option
from grader.course import CONFIG
from grader.grading.permissions import Exposure, exposures, mend
from grader.sandbox.confinement import PROTECTIONS
from grader.sandbox.doctor import Finding, examine
from grader.sandbox.import_path import Opened
from grader.sandbox.zygote import Zygote, ZygoteError

_ROOM: Final = 2**27
"""Bytes; a trial that fills the disk of a graded notebook writes half of it."""


@click.command(cls=Command)
@click.option(
    "--course",
    type=ReachablePath(file_okay=False, path_type=Path),
    help="The course's folder; the current one, if it is a course's.",
)
@click.option("--fix", is_flag=True, help="Close what other accounts can read or change of the course.")
@json_option
def doctor(course: Path | None, fix: bool, as_json: bool) -> None:
    """Show what this machine keeps a graded notebook from doing, each line tried out just now.

    In a course's folder, say as well what other accounts of the machine can read or change of it. The exit code is 1
    where something is missing or open.
    """
    if course is None and Path(CONFIG).is_file():
        course = Path()
    if fix and course is None:
        raise click.UsageError(f"there is no {CONFIG} here: name the course's folder with --course")
    if as_json:
        machine, about = _machine(), None if course is None else _course(course, fix)
        click.echo(json.dumps({"machine": machine, "course": about}, ensure_ascii=False, indent=2))
        can_grade, is_closed = machine["can_grade"], about is None or about["closed"]
    else:
        can_grade = _show_machine(Console())
        is_closed = course is None or _show_course(course, fix)
    if not (can_grade and is_closed):
        raise SystemExit(1)


def _tried(console: Console) -> tuple[list[Finding], list[str], Opened]:
    """What came of the protections, which of them are missing, and what of the import path is open.

    Raises:
        click.ClickException: no kernel starts at all, or there is no room for its files.
    """
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise click.ClickException(
            f"{folder} has {free / 2**20:.0f} MiB free, too few for a graded notebook's files, so nothing was tried:"
            " make room there, or set TMPDIR to a folder that has more"
        )
    try:
        with console.status("trying every protection on a live kernel"), Zygote() as zygote:
            findings = examine(zygote)
            opened = zygote.import_path.opened()
    except ZygoteError as error:
        raise click.ClickException(str(error)) from error
    return findings, [finding.protection for finding in findings if not finding.holds], opened


def _machine() -> dict[str, Any]:
    findings, lacking, opened = _tried(Console(quiet=True))
    protections = [
        {"name": finding.protection, "holds": finding.holds, "detail": finding.detail}
        | {"what": f"a graded notebook {PROTECTIONS[finding.protection]}"}
        for finding in findings
    ]
    return {"can_grade": not lacking, "protections": protections, "not_importable": dict(opened.refused)}


def _course(folder: Path, fix: bool) -> dict[str, Any]:
    root, found = _exposed(folder)
    left = mend(found) if fix else [str(exposure) for exposure in found]
    said = [{"path": str(item.path), "what": str(item), "command": item.command} for item in found]
    return {"root": root, "closed": not left, "exposures": said, "fixed": fix, "left": left}


def _exposed(folder: Path) -> tuple[str, list[Exposure]]:
    """A course's folder, and what others can reach of it."""
    from grader.command_line import open_course
    from grader.settings import SettingsError

    coursedir, settings = open_course(folder)
    try:
        return str(coursedir.root), exposures(coursedir, settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _show_machine(console: Console) -> bool:
    """Shows the protections; returns whether all hold."""
    findings, lacking, opened = _tried(console)
    table = Table("", "protection", "a graded notebook …", title="What this machine enforces, tried just now")
    for finding in findings:
        sign = "[green]✓ holds[/]" if finding.holds else "[red]✗ missing[/]"
        text = PROTECTIONS[finding.protection]
        table.add_row(sign, finding.protection, f"{text}\n[red]{finding.detail}[/]" if finding.detail else text)
    console.print(table)
    if opened.refused:
        console.print(
            f"Of Python's import path, graded notebooks may not read, and so not import:{opened}", style="yellow"
        )
    if lacking:
        console.print(
            "Grading refuses to run here. To accept what is missing, for example on a laptop and with notebooks of"
            f" people you trust, write in course_config.py:\n  c.AulaTorch.accept_unprotected = {lacking!r}"
        )
        return False
    console.print("Everything holds: this machine can grade.")
    return True


def _show_course(folder: Path, fix: bool) -> bool:
    """Shows, and with `fix` closes, what others can reach of a course; returns whether it is closed."""
    root, found = _exposed(folder)
    if not found:
        click.echo(f"No other account can read what is private in {root}, or change any of it.")
        return True
    for exposure in found:
        click.echo(str(exposure))
    if not fix:
        click.echo("`grader doctor --fix` does all of that.")
        return False
    lines = mend(found)
    for line in lines:
        click.echo(f"not closed: {line}")
    click.echo(f"closed: {len(found) - len(lines)} of {len(found)}")
    return not lines
