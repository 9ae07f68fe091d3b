"""What `grader hub check` tries, each on the hub as it is now."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import Course, CourseError
from grader.hub.accounts import find_account, run_as
from grader.hub.making import INSTALL_PROXY
from grader.hub.people import HubError
from grader.hub.plan import HubCourse, Plan
from grader.hub.writing import CLOSED, EXCHANGE, FEEDBACK, INBOUND, PUBLIC, search_path

_ENOUGH: Final = 2**30
"""Bytes that a class's submissions, and a graded notebook's private folder, should find free."""
_SHOWN: Final = 3


@dataclass(frozen=True)
class Trial:
    """Something that was tried.

    Attributes:
        what: that is to be so.
        fault: why it is not; empty where it is.
        remedy: what to do then.
    """

    what: str
    fault: str = ""
    remedy: str = ""


def trials(plan: Plan) -> Iterator[Trial]:
    """Everything that can be tried without the hub's own word."""
    yield from _programs(plan)
    yield from _accounts(plan)
    for course in plan.courses.values():
        yield from _course(plan, course)
    yield from _exchange(plan)
    if plan.unix:
        yield from _closed(plan)
    else:
        yield Trial(
            "people are kept apart",
            "all servers run as one account, so everybody can read everything",
            "run `grader hub init` as root in a new folder: people are Unix accounts then",
        )


def _programs(plan: Plan) -> Iterator[Trial]:
    found = shutil.which(plan.proxy) is not None
    yield Trial("configurable-http-proxy is there", "" if found else f"{plan.proxy} is not", INSTALL_PROXY)
    anybody = next(iter(plan.users("student")), None) if plan.unix else None
    tries = {
        "import grader, jupyterhub, nbgrader, torch": "people's Python imports what notebooks need",
        "import soupsieve; soupsieve.compile('img:not([alt])')": "people's Python makes nbgrader's pages",
    }
    remedies = [
        f"install the package and JupyterHub for {plan.python}, readable for everybody",
        "use Python 3.11.4 or newer, or in that Python: pip install 'soupsieve<3'",
    ]
    for (code, what), remedy in zip(tries.items(), remedies, strict=True):
        yield _run(plan, anybody, [str(plan.python), "-c", code], what, remedy, folder=Path("/"))
    yield _run(
        plan, anybody, ["grader", "--version"], "`grader` is on the PATH of hub terminals", remedies[0], Path("/")
    )


def _run(plan: Plan, account: str | None, command: list[str], what: str, remedy: str, folder: Path) -> Trial:
    program = shutil.which(command[0], path=search_path(plan)) or command[0]
    try:
        if account is None or find_account(account) is not None:
            run_as(account, [program, *command[1:]], folder=folder, path=search_path(plan))
        return Trial(what)
    except (HubError, OSError) as error:
        return Trial(what, str(error).strip().rpartition("\n")[2], remedy)


def _accounts(plan: Plan) -> Iterator[Trial]:
    for person in {person.user: person for person in plan.people}.values() if plan.unix else ():
        what = f"{person.user} has an account with a home of its own"
        account = find_account(person.user)
        if account is None:
            yield Trial(what, "there is no such account", f"grader hub init {plan.folder}")
        else:
            home = Path(account.pw_dir)
            yield _mode(home, stat.S_IRWXG | stat.S_IRWXO, account.pw_uid, what, f"chmod 700 {account.pw_dir}")


def _mode(path: Path, forbidden: int, owner: int, what: str, remedy: str) -> Trial:
    try:
        found = path.stat()
    except OSError as error:
        return Trial(what, f"{path}: {error.strerror}", f"ask an administrator for {path}")
    if found.st_uid != owner:
        return Trial(what, f"{path} belongs to somebody else", f"chown -R {owner} {path}")
    mode = stat.S_IMODE(found.st_mode)
    return Trial(what, f"{path} has the mode {mode:o}" if mode & forbidden else "", remedy)


def _course(plan: Plan, course: HubCourse) -> Iterator[Trial]:
    what = f"{course.name}: the course's account alone enters its home"
    owner = os.geteuid()
    if plan.unix:
        account = find_account(course.account)
        if account is None:
            yield Trial(what, f"there is no account {course.account}", f"grader hub init {plan.folder}")
            return
        owner = account.pw_uid
    yield _mode(course.home, stat.S_IRWXG | stat.S_IRWXO, owner, what, f"chmod {CLOSED:o} {course.home}")
    command = [str(plan.python), "-m", "grader.cli", "doctor", "--course", str(course.root)]
    remedy = f"see what is missing: runuser -u {course.account} -- {' '.join(command)}"
    account_name = course.account if plan.unix else None
    yield _doctor(plan, account_name, command, f"{course.name}: its account can grade", remedy, course)


def _doctor(plan: Plan, account: str | None, command: list[str], what: str, remedy: str, course: HubCourse) -> Trial:
    temporary = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - where kernels get their folders
    free = shutil.disk_usage(temporary).free
    if free < _ENOUGH:
        return Trial(what, f"{temporary} has {free / 2**20:.0f} MiB free", f"make room in {temporary}, or set TMPDIR")
    return _run(plan, account, command, what, remedy, course.root)


def _exchange(plan: Plan) -> Iterator[Trial]:
    remedy = f"grader hub init {plan.folder}"
    yield _has_mode(
        plan.exchange, EXCHANGE, "the exchange can be used, and nobody renames another's part of it", remedy
    )
    for course in plan.courses.values():
        top = plan.exchange / course.name
        yield _has_mode(top / "outbound", PUBLIC, f"{course.name}: students can fetch", remedy)
        yield _has_mode(top / "inbound", INBOUND, f"{course.name}: students hand in, and see nothing of others", remedy)
        yield _has_mode(top / "feedback", FEEDBACK, f"{course.name}: students get their own feedback", remedy)
    with suppress(OSError):
        free = shutil.disk_usage(plan.exchange).free
        fault = f"{free / 2**20:.0f} MiB are free" if free < _ENOUGH else ""
        yield Trial("the exchange has room for what a class hands in", fault, f"make room at {plan.exchange}")


def _has_mode(path: Path, mode: int, what: str, remedy: str) -> Trial:
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Trial(what, f"{path}: {error.strerror}", remedy)
    return Trial(what, f"{path} has the mode {found:o}, not {mode:o}" if found != mode else "", remedy)


def _closed(plan: Plan) -> Iterator[Trial]:
    """Tries, as each student, to read and to change every file that is not the student's."""
    private = [plan.state, plan.folder / "people.csv", *(course.home for course in plan.courses.values())]
    private += [path for course in plan.courses.values() for path in private_paths(course.origin)]
    handed_in = [plan.exchange / name / "inbound" for name in plan.courses]
    fixed = [path for path in plan.folder.iterdir() if path != plan.exchange]
    fixed += [plan.exchange / name / step for name in plan.courses for step in ("outbound", "feedback")]
    homes = {user: Path(entry.pw_dir) for user in plan.users("student") if (entry := find_account(user)) is not None}
    for user in homes:
        others = [other for name, other in homes.items() if name != user]
        secrets = [*_files(private), *_files(others), *_of_others(handed_in, user)]
        tried = [*secrets, *_files(fixed)]
        readable, writable = _reached(plan, user, secrets, tried)
        yield Trial(
            f"{user} cannot read solutions, hidden checks, gradebooks, what others handed in, or their homes",
            _some(readable),
            _close(readable, [*private, *homes.values()]),
        )
        yield Trial(
            f"{user} cannot change what is not {user}'s ({len(tried)} files were tried)",
            _some(writable),
            _close(writable, [*private, *fixed, *homes.values()]),
        )


def private_paths(origin: Path) -> list[Path]:
    """What is private of a course where it was copied from, its history included."""
    try:
        course = Course.open(origin)
    except CourseError:
        return []
    source = course.root / str(course.config.CourseDirectory.get("source_directory", "source"))
    return [path for path in (*course.settings.private_paths, source, origin / ".git") if path.exists()]


def _close(found: list[Path], folders: Iterable[Path]) -> str:
    tops = [str(folder) for folder in folders if any(path.is_relative_to(folder) for path in found)]
    return f"chmod -R go-rwx {' '.join(tops)}"


def _some(paths: list[Path]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(map(str, paths[:_SHOWN])) + more


def _of_others(folders: Iterable[Path], user: str) -> list[Path]:
    own = pwd.getpwnam(user).pw_uid
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.stat().st_uid != own]
    return list(_files(found))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_file():
            yield folder
        for top, _, files in os.walk(folder):
            yield Path(top)
            yield from (path for name in files if not (path := Path(top, name)).is_symlink())


def _reached(plan: Plan, user: str, secrets: list[Path], fixed: list[Path]) -> tuple[list[Path], list[Path]]:
    """Which of `secrets` an account can open to read, and which of `fixed` to change."""
    script = (
        "import os, sys\n"
        "for line in sys.stdin.buffer.read().split(b'\\0')[:-1]:\n"
        "    path = line[1:]\n"
        "    way = os.R_OK if line[:1] == b'r' else os.W_OK\n"
        "    sys.stdout.buffer.write(b'1' if os.access(path, way) else b'0')\n"
    )
    entry = pwd.getpwnam(user)
    asked = b"".join(b"r" + os.fsencode(path) + b"\0" for path in secrets)
    asked += b"".join(b"w" + os.fsencode(path) + b"\0" for path in fixed)
    done = subprocess.run(
        [str(plan.python), "-I", "-c", script],
        input=asked,
        capture_output=True,
        check=True,
        cwd="/",
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
    )
    can = [answer == ord("1") for answer in done.stdout]
    readable = [path for path, can_read in zip(secrets, can, strict=False) if can_read and not path.is_dir()]
    return readable, [path for path, can_change in zip(fixed, can[len(secrets) :], strict=True) if can_change]
