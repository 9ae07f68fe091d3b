"""Whether Jupyter and nbgrader read what a hub's files say, as each kind of account."""

from __future__ import annotations

import json
import pwd
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from grader.hub.accounts import find_account, run_as
from grader.hub.people import HubError
from grader.hub.plan import NGSHARE, Plan
from grader.hub.trial import Trial
from grader.hub.writing import lab_names, search_path, server_names

FRAMES: Final = "frame-ancestors 'self'"
SUBMIT: Final = "grader.hub.exchange.PrivateSubmit"
COLLECT: Final = "grader.hub.collecting.CollectFromOwners"
FEEDBACK: Final = "grader.hub.exchange.ReleaseFeedback"
NGSHARE_SUBMIT: Final = "ngshare_exchange.submit.ExchangeSubmit"
NGSHARE_FEEDBACK: Final = "grader.hub.ngshare_feedback.ReleaseFeedback"
_NBGRADER: Final = "@jupyter/nbgrader"
_MODULE: Final = "grader.hub.asking"


def frames_its_own(policy: str) -> bool:
    """Whether a content security policy lets pages be framed by pages of the same address, and by no others."""
    return FRAMES in (part.strip() for part in policy.split(";"))


def configured_trials(plan: Plan) -> Iterator[Trial]:
    """What is tried of students' and instructors' settings, as one of each, and of every course's, as its account."""
    exchange = {"ngshare": f"{plan.url}/services/{NGSHARE}", "submit": NGSHARE_SUBMIT}
    if not plan.ngshare:
        exchange = {"exchange": str(plan.exchange), "submit": SUBMIT}
    for role in ("students", "instructors"):
        user = next(iter(plan.users(role.removesuffix("s"))), None)
        if user is not None:
            yield from _of_role(plan, role, role, user, {"a folder for each course": True, **exchange})
    for course in plan.courses.values():
        wanted = {"course": course.name, "root": str(course.root), **exchange}
        shared = {"submit": "", "feedback": FEEDBACK, "collect": COLLECT if plan.unix else ""}
        wanted |= {"feedback": NGSHARE_FEEDBACK} if plan.ngshare else shared
        yield from _of_role(plan, course.name, "course", course.account, wanted)


def _of_role(plan: Plan, whose: str, role: str, user: str, wanted: Mapping[str, Any]) -> Iterator[Trial]:
    account = user if plan.unix else None
    what = f"{whose}: Jupyter and nbgrader read the hub's settings"
    again = f"grader hub init {plan.folder}, and let them start their servers again"
    if account is not None and find_account(account) is None:
        return  # the line of its account says so
    command = [str(plan.python), "-m", _MODULE]
    extra = {"JUPYTER_CONFIG_PATH": str(plan.settings(whose))}
    folder = Path(pwd.getpwnam(account).pw_dir) if account is not None else plan.folder
    try:
        found = json.loads(run_as(account, command, folder=folder, path=search_path(plan), more=extra))
    except (HubError, OSError, ValueError) as error:
        yield Trial(what, str(error).strip().rpartition("\n")[2], again)
        return
    read = found["nbgrader"]
    other = [f"{name} is {read[name]!r}, not {value!r}" for name, value in wanted.items() if read[name] != value]
    yield Trial(what, "; ".join(other), again)
    missing = "" if found["pages"] else f"{plan.python.parent.parent} has no share/jupyter with JupyterLab's pages"
    missing = missing or ("" if _NBGRADER in found["installed"] else f"{_NBGRADER} is not installed")
    install = f"install the package again for {plan.python}, readable for everybody"
    yield Trial(f"{whose}: JupyterLab is there, with nbgrader's extension", missing, install)
    yield Trial(f"{whose}: their extensions are on, and the others off", "; ".join(_of_extensions(role, found)), again)
    framed = f"{whose}: pages may be framed by pages of the hub, and by no others"
    yield Trial(framed, "" if frames_its_own(found["policy"]) else f"the policy is {found['policy']!r}", again)


def _of_extensions(role: str, found: Mapping[str, Any]) -> Iterator[str]:
    for name, is_on in server_names(role).items():
        if bool(found["extensions"].get(name, False)) is not is_on:
            yield f"{name} is {'off' if is_on else 'on'} in the server"
    disabled = set(found["disabled"])
    for name, is_on in lab_names(role).items():
        if (name in disabled) is is_on:
            yield f"{name} is {'off' if is_on else 'on'} in JupyterLab"
