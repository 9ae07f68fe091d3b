"""What `grader hub check` tries, each on the hub as it is now."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader.hub.accounts import find_account, run_as
from grader.hub.configured import configured_trials
from grader.hub.making import INSTALL_PROXY
from grader.hub.people import HubError
from grader.hub.plan import HubCourse, Plan
from grader.hub.reach import reach_trials
from grader.hub.trial import Trial
from grader.hub.writing import CLOSED, EXCHANGE, FEEDBACK, INBOUND, PUBLIC, search_path

_ENOUGH: Final = 2**30
"""Bytes that a class's submissions, and a graded notebook's private folder, should find free."""
_ERROR: Final = re.compile(r"[\w.]*(?:Error|error|Exception)\b")
_KERNEL: Final = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
reply = client.execute_interactive("import grader", timeout=60)
manager.shutdown_kernel(now=True)
assert reply["content"]["status"] == "ok", reply["content"].get("evalue")
"""


def trials(plan: Plan) -> Iterator[Trial]:
    """Everything that can be tried without the hub's own word."""
    yield from _programs(plan)
    yield from _accounts(plan)
    for course in plan.courses.values():
        yield from _course(plan, course)
    if not plan.ngshare:
        yield from _exchange(plan)
    yield from _rooms(plan)
    yield from configured_trials(plan)
    if plan.unix:
        yield from reach_trials(plan)
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
        "import jupyterhub, nbgrader, torch; from grader import check": "people's Python imports what notebooks need",
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
    remedy = f"see the kernels of {plan.python} -m jupyter kernelspec list, and what it says for {anybody or 'you'}"
    home = Path(entry.pw_dir) if anybody and (entry := find_account(anybody)) is not None else Path("/")
    yield _run(
        plan, anybody, [str(plan.python), "-c", _KERNEL], "students' notebooks find a kernel, and it runs", remedy, home
    )


def _run(plan: Plan, account: str | None, command: list[str], what: str, remedy: str, folder: Path) -> Trial:
    program = shutil.which(command[0], path=search_path(plan)) or command[0]
    try:
        if account is None or find_account(account) is not None:
            run_as(account, [program, *command[1:]], folder=folder, path=search_path(plan))
        return Trial(what)
    except (HubError, OSError) as error:
        return Trial(what, last_words(str(error)), remedy)


def last_words(text: str) -> str:
    """The line of what a command said that says what is wrong: an error of Python's, or the last one."""
    lines = [line.strip() for line in text.strip().splitlines()] or [""]
    return next((line for line in reversed(lines) if _ERROR.match(line)), lines[-1])


def _accounts(plan: Plan) -> Iterator[Trial]:
    for person in {person.user: person for person in plan.people}.values() if plan.unix else ():
        what = f"{person.user} has an account with a home of its own"
        account = find_account(person.user)
        if account is None:
            yield Trial(what, "there is no such account", f"grader hub init {plan.folder}")
        else:
            home = Path(account.pw_dir)
            yield _mode(home, stat.S_IRWXG | stat.S_IRWXO, account, what, f"chmod 700 {account.pw_dir}")


def _mode(path: Path, forbidden: int, owner: pwd.struct_passwd, what: str, remedy: str) -> Trial:
    try:
        found = path.stat()
    except OSError as error:
        make = f"install -d -m 700 -o {owner.pw_uid} -g {owner.pw_gid} {path}"
        return Trial(what, f"{path}: {error.strerror}", make)
    if found.st_uid != owner.pw_uid:
        return Trial(what, f"{path} belongs to somebody else", f"chown -R {owner.pw_name}: {path}")
    mode = stat.S_IMODE(found.st_mode)
    return Trial(what, f"{path} has the mode {mode:o}" if mode & forbidden else "", remedy)


def _course(plan: Plan, course: HubCourse) -> Iterator[Trial]:
    what = f"{course.name}: the course's account alone enters its home"
    owner = find_account(course.account) if plan.unix else pwd.getpwuid(os.geteuid())
    if owner is None:
        yield Trial(what, f"there is no account {course.account}", f"grader hub init {plan.folder}")
        return
    yield _mode(course.home, stat.S_IRWXG | stat.S_IRWXO, owner, what, f"chmod {CLOSED:o} {course.home}")
    if plan.unix:
        yield _whose(plan, course, owner.pw_uid)
    command = [str(plan.python), "-m", "grader.cli", "doctor", "--course", str(course.root)]
    remedy = f"see what is missing: runuser -u {course.account} -- {' '.join(command)}"
    account_name = course.account if plan.unix else None
    yield _doctor(plan, account_name, command, f"{course.name}: its account can grade", remedy, course)


def _whose(plan: Plan, course: HubCourse, owner: int) -> Trial:
    """Somebody who grades as root leaves files that the course's account cannot write."""
    found = [path for path in course.root.rglob("*") if path.lstat().st_uid != owner]
    fault = f"{found[0]} is another's" + (f", and {len(found) - 1} more" if found[1:] else "") if found else ""
    return Trial(f"{course.name}: all in its folder is its account's", fault, f"grader hub init {plan.folder}")


def _doctor(plan: Plan, account: str | None, command: list[str], what: str, remedy: str, course: HubCourse) -> Trial:
    temporary = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - where kernels get their folders
    free = shutil.disk_usage(temporary).free
    if free < _ENOUGH:
        return Trial(what, f"{temporary} has {free / 2**20:.0f} MiB free", f"make room in {temporary}, or set TMPDIR")
    more = {"TMPDIR": str(temporary)}
    try:
        run_as(account, [*command, "--json"], folder=course.root, path=search_path(plan), more=more)
    except HubError as error:
        return Trial(what, _missing(error.printed) or last_words(str(error)), remedy)
    return Trial(what)


def _missing(printed: str) -> str:
    """What `grader doctor` found missing or open."""
    try:
        found = json.loads(printed)
    except ValueError:
        return ""
    lacking = [about for about in found["machine"]["protections"] if not about["holds"]]
    said = [f"the protection {about['name']} is missing: {about['detail']}" for about in lacking]
    return "; ".join([*said, *(found["course"] or {}).get("left", [])])


def _exchange(plan: Plan) -> Iterator[Trial]:
    remedy = f"grader hub init {plan.folder}"
    yield _has_mode(
        plan.exchange, EXCHANGE, "the exchange can be used, and nobody renames another's part of it", remedy
    )
    for course in plan.courses.values():
        top = plan.exchange / course.name
        owner = course.account if plan.unix else None
        outbound, inbound, feedback = (top / name for name in ("outbound", "inbound", "feedback"))
        yield _has_mode(outbound, PUBLIC, f"{course.name}: students can fetch", remedy, owner)
        yield _has_mode(inbound, INBOUND, f"{course.name}: students hand in, and see nothing of others", remedy, owner)
        yield _has_mode(feedback, FEEDBACK, f"{course.name}: students get their own feedback", remedy, owner)


def _rooms(plan: Plan) -> Iterator[Trial]:
    exchange = plan.ngshare_home if plan.ngshare else plan.exchange
    rooms = {"the exchange": exchange, "the hub's database": plan.state}
    rooms |= {f"the course {course.name}": course.home for course in plan.courses.values()}
    for what, folder in rooms.items():
        with suppress(OSError):
            free = shutil.disk_usage(folder).free
            fault = f"{free / 2**20:.0f} MiB are free" if free < _ENOUGH else ""
            yield Trial(f"there is room for {what}", fault, f"make room at {folder}: a GiB at least")


def _has_mode(path: Path, mode: int, what: str, remedy: str, owner: str | None = None) -> Trial:
    """Whether a folder has a mode, and is an account's and its group's."""
    try:
        found = path.stat()
    except OSError as error:
        return Trial(what, f"{path}: {error.strerror}", remedy)
    account = None if owner is None else find_account(owner)
    if account is not None and (found.st_uid, found.st_gid) != (account.pw_uid, account.pw_gid):
        return Trial(what, f"{path} is not {owner}'s and its group's", remedy)
    wrong = stat.S_IMODE(found.st_mode) != mode
    return Trial(what, f"{path} has the mode {stat.S_IMODE(found.st_mode):o}, not {mode:o}" if wrong else "", remedy)
