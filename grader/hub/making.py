"""What `grader hub init` is asked for, made sure of before anything is written."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from grader.course import Course, CourseError
from grader.hub.accounts import find_account
from grader.hub.people import HubError, read_people
from grader.hub.plan import NGSHARE, PEOPLE, PLAN, PROXY, Plan
from grader.kit.messages import languages

INSTALL_PROXY: Final = f"npm install --global {PROXY}"
INSTALL_NGSHARE: Final = "pip install --no-deps ngshare ngshare_exchange rapidfuzz"
"""Without what they ask for: JupyterLab needs a newer jupyter-core than ngshare_exchange 0.5.3 admits."""
_NOBODY: Final = 65534
_FIRST_PERSON: Final = 1000
"""Accounts below are the system's (`UID_MIN` of /etc/login.defs)."""


def make_plan(
    folder: Path,
    courses: Iterable[tuple[str, str, str]],
    *,
    people: Path | None = None,
    port: int | None = None,
    exchange: str | None = None,
    python: Path | None = None,
    proxy: str | None = None,
) -> Plan:
    """The hub of a folder, with what is asked for, which can be written.

    Raises:
        HubError: something is missing that it takes.
    """
    is_new = not (folder / PLAN).is_file()
    plan = Plan.new(folder) if is_new else Plan.read(folder)
    asked: dict[str, Any] = {
        "port": port,
        "exchange": Path(exchange).absolute() if exchange not in (None, NGSHARE) else None,
        "ngshare": None if exchange is None else exchange == NGSHARE,
        "python": python and python.absolute(),
        "proxy": proxy and (shutil.which(proxy) or proxy),
    }
    plan = replace(plan, **{name: value for name, value in asked.items() if value is not None})
    plan = plan.with_courses({name: (str(Path(origin).resolve()), language) for name, origin, language in courses})
    if not plan.courses:
        raise HubError("name a course at least: --with NAME FOLDER LANGUAGE")
    _courses(plan)
    _people(plan, people)
    _programs(plan)
    if is_new:
        _ports(plan)
    return plan


def _courses(plan: Plan) -> None:
    for course in plan.courses.values():
        if course.language not in languages():
            raise HubError(
                f"there are no texts in {course.language!r} for the course {course.name}; there are:"
                f" {', '.join(languages())}"
            )
        if not course.root.exists():
            try:
                Course.open(course.origin)
            except CourseError as error:
                raise HubError(f"the course {course.name}: {error}") from None


def _people(plan: Plan, path: Path | None) -> None:
    path = path or plan.folder / PEOPLE
    if not path.is_file():
        raise HubError(
            "name a CSV of people: --people FILE, with the columns user,role,course,first_name,last_name,email"
        )
    for person in read_people(path, plan.courses):
        account = find_account(person.user) if plan.unix else None
        if account is not None and account.pw_uid < _FIRST_PERSON:
            raise HubError(f"{person.user} is an account of the system's, and no person's: choose another user name")
        if plan.ngshare and person.user in plan.courses:
            raise HubError(
                f"{person.user} is a person and a course, which ngshare cannot tell apart: call the course"
                " something else"
            )


def _programs(plan: Plan) -> None:
    if find_spec("jupyterhub") is None:
        raise HubError("there is no JupyterHub here: install the package with its extra [hub]")
    if shutil.which(plan.proxy) is None:
        what = PROXY if plan.proxy == PROXY else f"program {plan.proxy}, the {PROXY}"
        raise HubError(
            f"there is no {what}, which JupyterHub needs (and Node.js): {INSTALL_PROXY}, or name it with --proxy"
        )
    as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if plan.unix else {}
    modules = "grader, jupyterhub, nbgrader" + (", ngshare, ngshare_exchange" if plan.ngshare else "")
    command = [str(plan.python), "-c", f"import {modules}"]
    environment = {"USER": "nobody", **os.environ}  # which ngshare_exchange asks for when it is imported
    try:
        subprocess.run(  # type: ignore[call-overload]
            command, cwd="/", env=environment, check=True, capture_output=True, text=True, **as_nobody
        )
    except PermissionError:
        raise HubError(
            f"other accounts cannot run {plan.python}, which people's servers need: install the package in a virtual"
            " environment that everybody can enter, such as /opt/aulatorch, of a Python that everybody can run, such as"
            " /usr/bin/python3, and run its `grader hub init`; or name that Python with --python"
        ) from None
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "").strip().rpartition("\n")[2] or str(error)
        if "ngshare" in reason:
            reason += f": {INSTALL_NGSHARE}"
        raise HubError(f"{plan.python} does not do for people's servers: {reason}") from None


def _ports(plan: Plan) -> None:
    for port, whose in plan.ports.items():
        if is_taken(port):
            raise HubError(
                f"port {port}, which would be {whose}, is taken by another program: choose others with --port"
            )


def is_taken(port: int) -> bool:
    """Whether a program listens at a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
