"""`grader hub`: sets up a JupyterHub for courses, and tries it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from grader.command_line import Group, ReachablePath
from grader.hub.people import HubError
from grader.hub.plan import PEOPLE, Plan
from grader.hub.writing import write_hub

_FOLDER = click.argument(
    "folder", type=click.Path(file_okay=False, readable=False, path_type=Path), default="/srv/aulatorch-hub"
)


@click.group(cls=Group)
def hub() -> None:
    """Set up a JupyterHub on one machine, for one course or more, and try it."""


@hub.command()
@_FOLDER
@click.option(
    "--with",
    "courses",
    nargs=3,
    multiple=True,
    metavar="NAME FOLDER LANGUAGE",
    help="A course: its name on the hub, the folder to copy it from, its language. May be given again.",
)
@click.option(
    "--people",
    type=ReachablePath(dir_okay=False, path_type=Path),
    help="CSV with the columns user,role,course,first_name,last_name,email; a role is instructor or student.",
)
@click.option("--port", type=click.IntRange(1024, 65000), help="Where people reach it, on 127.0.0.1; 8000 by default.")
@click.option("--exchange", help="nbgrader's exchange: a folder, in FOLDER by default; or ngshare, for that service.")
@click.option("--python", type=ReachablePath(path_type=Path), help="That runs people's servers.")
@click.option("--proxy", help="The command of configurable-http-proxy.")
def init(
    folder: Path,
    courses: tuple[tuple[str, str, str], ...],
    people: Path | None,
    port: int | None,
    exchange: str | None,
    python: Path | None,
    proxy: str | None,
) -> None:
    """Write a hub into FOLDER: its configuration, a service account for each course, the exchange.

    Run it as root, so that people are Unix accounts; without root it writes a hub for a try, in which nothing is kept
    apart. Run it again with the folder alone after a change of hub.toml or people.csv: nothing that was handed in,
    graded or changed by hand in a course is touched.
    """
    from grader.hub.making import make_plan

    folder = folder.absolute()
    try:
        plan = make_plan(folder, courses, people=people, port=port, exchange=exchange, python=python, proxy=proxy)
        folder.mkdir(parents=True, exist_ok=True)
        if people is not None and people.resolve() != (folder / PEOPLE).resolve():
            shutil.copy(people, folder / PEOPLE)
        write_hub(plan, click.echo)
    except HubError as error:
        raise click.ClickException(str(error)) from None


@hub.command()
@_FOLDER
def check(folder: Path) -> None:
    """Try the hub of FOLDER: its programs, accounts and modes, and what the running hub answers.

    Every file that a student must not read or change is tried as that student, for which it takes root. The exit code
    is 1 where something is not as it should be.
    """
    from itertools import chain

    from grader.hub.live import live_trials
    from grader.hub.trials import trials

    faults = 0
    try:
        plan = Plan.read(folder.absolute())
        if plan.unix and os.geteuid() != 0:
            raise HubError("this hub's people are Unix accounts: to try what each of them can reach, run this as root")
        for trial in chain(trials(plan), live_trials(plan)):
            click.echo(f"{'✗' if trial.fault else '✓'} {trial.what}")
            if trial.fault:
                faults += 1
                click.echo(f"    {trial.fault}\n    → {trial.remedy}")
    except HubError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{faults} to mend" if faults else "Everything is as it should be.")
    if faults:
        raise SystemExit(1)
