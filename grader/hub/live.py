"""What a running hub answers: whether it is there, and whether it holds what its files say."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from typing import Any, Final

import psutil

from grader.hub.accounts import find_account
from grader.hub.configured import frames_its_own
from grader.hub.formgrader import EXTENSION, SCRIPT
from grader.hub.making import INSTALL_NGSHARE, is_taken
from grader.hub.plan import NGSHARE, PLAN, HubCourse, Plan
from grader.hub.trial import Trial

_SECONDS: Final = 10


def live_trials(plan: Plan) -> Iterator[Trial]:
    """Everything that the running hub is asked."""
    start = f"start it: {plan.python} -m jupyterhub --config {plan.config}"
    what = f"the hub answers at {plan.url}"
    if not is_taken(plan.port):
        yield Trial(what, "nothing does", start)
        yield from _ports(plan)
        return
    try:
        headers, _ = _get(f"{plan.url}/hub/api/")
    except OSError as error:
        look = f"look into the hub's log if that is its proxy; else {_other_ports(plan)}"
        yield Trial(what, f"{error}, from what listens there{_whose(plan.port)}", look)
        return
    if "X-JupyterHub-Version" not in headers:
        yield Trial(what, f"another program does{_whose(plan.port)}", _other_ports(plan))
        return
    yield Trial(what)
    if plan.ngshare:
        yield _ngshare(plan)
    yield from _people(plan)
    for course in plan.courses.values():
        yield _own_port(plan, course)
        yield _formgrader(plan, course.name)
        yield buttons_trial(plan, course.name)


def _ports(plan: Plan) -> Iterator[Trial]:
    """Whether a hub that does not run finds its ports free."""
    for port, whose in plan.ports.items():
        fault = f"another program has it{_whose(port)}" if is_taken(port) else ""
        yield Trial(f"port {port}, {whose}, is free", fault, _other_ports(plan))


def _own_port(plan: Plan, course: HubCourse) -> Trial:
    """Whether it is a course's Formgrader that listens at its port: all that the account runs is the account's."""
    what = f"{course.name}: port {course.port} is its Formgrader's"
    account = find_account(course.account) if plan.unix else None
    listener = _listener(course.port)
    is_other = account is not None and listener is not None and listener.uids().real != account.pw_uid
    return Trial(what, f"another program has it{_whose(course.port)}" if is_other else "", _other_ports(plan))


def _other_ports(plan: Plan) -> str:
    return (
        f"end that program and restart the hub; or change the port in {plan.folder / PLAN}, grader hub init"
        f" {plan.folder}, and restart the hub"
    )


def _listener(port: int) -> psutil.Process | None:
    """The program that listens at a port, as far as this account may know."""
    with suppress(psutil.Error):
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid:
                return psutil.Process(found.pid)
    return None


def _whose(port: int) -> str:
    listener = _listener(port)
    with suppress(psutil.Error):
        if listener is not None:
            return f": {listener.name()}, process {listener.pid}, {listener.username()}'s"
    return ""


def _ngshare(plan: Plan) -> Trial:
    try:
        _get(f"{plan.url}/services/{NGSHARE}/healthz")
    except OSError as error:
        look = f"look into the hub's log for the service {NGSHARE}; in people's Python: {INSTALL_NGSHARE}"
        return Trial("ngshare answers", f"{error}", look)
    return Trial("ngshare answers")


def _people(plan: Plan) -> Iterator[Trial]:
    what = "the hub's groups are those of people.csv"
    token = (plan.state / "check.token").read_text(encoding="ascii").strip()
    again = f"grader hub init {plan.folder}, and restart the hub"
    try:
        _, found = _get(f"{plan.url}/hub/api/groups", token)
    except OSError as error:
        yield Trial(what, f"it does not say: {error}", again)
        return
    groups = {group["name"]: set(group["users"]) for group in found}
    for course in plan.courses.values():
        for name, role in ((course.students, "student"), (course.instructors, "instructor")):
            wanted = set(plan.users(role, course.name))
            missing, extra = wanted - groups.get(name, set()), groups.get(name, set()) - wanted
            if missing:
                yield Trial(what, f"{name} lacks {', '.join(sorted(missing))}", again)
            if extra:
                remedy = f"take them out of the group at {plan.url}/hub/admin, or: DELETE /hub/api/groups/{name}/users"
                yield Trial(what, f"{name} still has {', '.join(sorted(extra))}", remedy)
            if not missing and not extra:
                yield Trial(f"{what}: {name}")


def _formgrader(plan: Plan, course: str) -> Trial:
    what = f"{course}: Formgrader runs, and its pages may be framed by pages of the hub"
    try:
        headers, _ = _get(f"{plan.url}/services/{course}/api")
    except OSError as error:
        return Trial(what, f"it does not answer: {error}", f"look into the hub's log for the service {course}")
    policy = headers.get("Content-Security-Policy", "none")
    fault = "" if frames_its_own(policy) else f"its content security policy is {policy!r}"
    return Trial(what, fault, f"grader hub init {plan.folder}, and restart the hub")


def buttons_trial(plan: Plan, course: str) -> Trial:
    """Whether a course's Formgrader has our extension."""
    what = f"{course}: Formgrader's buttons are `grader autograde`"
    try:
        _get(f"{plan.url}/services/{course}{SCRIPT}")
    except OSError as error:
        remedy = f"grader hub init {plan.folder}, and restart the hub"
        return Trial(what, f"{EXTENSION} is not loaded there: {error}", remedy)
    return Trial(what)


def _get(url: str, token: str = "") -> tuple[Message, Any]:
    """The headers and the JSON of an answer.

    Raises:
        OSError: there was none.
    """
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - this machine's own
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            text = answer.read()
            return answer.headers, json.loads(text) if text[:1] in b"[{" else None
    except urllib.error.HTTPError as error:
        raise OSError(f"{error.code} {error.reason}") from None
