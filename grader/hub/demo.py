"""A hub in one command, to click through: ``make hub``.

Two instructors, three students, AulaTorch's course in Spanish and in English. As root its people are Unix accounts of
this machine, which are removed in the end; without root all servers run as one account.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from grader.hub.accounts import find_account
from grader.hub.demo_python import ROOT, make_python
from grader.hub.making import make_plan
from grader.hub.people import HubError
from grader.hub.plan import PROXY, Plan
from grader.hub.reach import private_paths
from grader.hub.running import free_port, remove_accounts, running, set_passwords
from grader.hub.writing import write_hub

_PEOPLE: Final = """user,role,course,first_name,last_name,email
aula-ines,instructor,{es},Inés,Torres,
aula-ines,instructor,{en},Inés,Torres,
aula-pablo,instructor,{es},Pablo,Gil,
aula-pablo,instructor,{en},Pablo,Gil,
aula-ana,student,{es},Ana,Ruiz,ana@example.org
aula-ana,student,{en},Ana,Ruiz,ana@example.org
aula-luis,student,{es},Luis,Mora,
aula-eva,student,{es},Eva,Sanz,
aula-eva,student,{en},Eva,Sanz,
"""
_PORTS: Final = 12


@dataclass(frozen=True)
class DemoHub:
    """A hub that runs.

    Attributes:
        plan: how it is made.
        password: everybody's.
        log: where it writes.
    """

    plan: Plan
    password: str
    log: Path


@contextmanager
def demo_hub(
    courses: Sequence[tuple[str, Path, str]], people: str = _PEOPLE, *, exchange: str | None = None
) -> Iterator[DemoHub]:
    """Runs a hub for courses, a Spanish and an English one; in the end nothing of it is left.

    Args:
        courses: the name, the folder and the language of each.
        people: a CSV, in which ``{es}`` and ``{en}`` stand for the courses' names.
        exchange: nbgrader's; ``"ngshare"`` for that service.

    Raises:
        HubError: this machine has not what it takes, or has accounts of these names.
    """
    folder = Path(tempfile.mkdtemp(prefix="aulatorch-hub-"))
    folder.chmod(0o755)
    try:
        csv = folder / "people.csv"
        csv.write_text(people.format(**{language: name for name, _, language in courses}), encoding="utf-8")
        csv.chmod(0o600)
        is_root = os.geteuid() == 0
        plan = make_plan(
            folder / "hub",
            [(name, str(origin), language) for name, origin, language in courses],
            people=csv,
            port=free_port(_PORTS),
            exchange=exchange,
            python=make_python(folder / "python") if is_root else Path(sys.executable),
            proxy=find_proxy(),
        )
        plan.folder.mkdir()
        shutil.copy(csv, plan.folder)
        taken = [name for name in plan.accounts if is_root and find_account(name) is not None]
        if taken:
            raise HubError(f"there are accounts already that the demonstration would make: {', '.join(taken)}")
        with _closed([path for _, origin, _ in courses for path in private_paths(origin)] if is_root else []):
            try:
                write_hub(plan, lambda _: None)
                password = secrets.token_hex(4)
                if is_root:
                    set_passwords(dict.fromkeys((person.user for person in plan.people), password))
                else:
                    (plan.state / "password").write_text(password, encoding="ascii")
                with running(plan) as log:
                    yield DemoHub(plan, password, log)
            finally:
                if is_root:
                    remove_accounts(plan)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_proxy() -> str:
    """The proxy's command: of this machine, or as ``make hub`` installs it."""
    own = ROOT / ".proxy" / "node_modules" / ".bin" / PROXY
    return shutil.which(PROXY) or str(own)


@contextmanager
def _closed(paths: Sequence[Path]) -> Iterator[None]:
    """Closes files and folders to other accounts for a while: a checkout is often open to all."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~(stat.S_IRWXG | stat.S_IRWXO))
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@click.command()
def main() -> None:
    """Run the demonstration until Ctrl+C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo("Setting up a hub: two instructors, three students, two courses…")
    try:
        with demo_hub([("demo-es", ROOT, "es"), ("demo-en", ROOT, "en")]) as hub:
            _show(hub)
            signal.pause()
    except KeyboardInterrupt:
        click.echo("\nEnded: no server and no account of it is left.")
    except HubError as error:
        raise click.ClickException(str(error)) from None


def _show(hub: DemoHub) -> None:
    plan = hub.plan
    kind = "Unix accounts of this machine" if plan.unix else "all run as this account, so nothing is kept apart"
    click.echo(f"\n  {plan.url}   the password is {hub.password} for everybody\n")
    click.echo(
        f"  instructors  {', '.join(plan.users('instructor'))}   (Nbgrader → Course List → {', '.join(plan.courses)})"
    )
    click.echo(f"  students     {', '.join(plan.users('student'))}   (Nbgrader → Assignment List)")
    click.echo(f"  people       {kind}")
    click.echo(f"  its files    {plan.folder}, log: {hub.log}")
    grader = Path(sys.executable).with_name("grader")
    click.echo(f"  try it       {grader} hub check {plan.folder}\n\nCtrl+C ends it.")


if __name__ == "__main__":
    main()
