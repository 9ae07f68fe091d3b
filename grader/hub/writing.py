"""Writes a hub: its configuration, its courses' folders, the exchange, with the modes that each of them needs."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.course import CONFIG, RELEASED, Course, CourseError
from grader.hub.accounts import make_person, make_service_account, run_as
from grader.hub.formgrader import EXTENSION as FORMGRADER
from grader.hub.people import HubError
from grader.hub.plan import NGSHARE, HubCourse, Plan

EXTENSIONS: Final = {
    "students": {"assignment_list": True, "validate_assignment": True},
    "instructors": {"assignment_list": True, "validate_assignment": True, "course_list": True},
    "course": {"formgrader": True, "create_assignment": True, "validate_assignment": True},
}
"""nbgrader's extensions, and who has which; the others are off."""

_ALL_EXTENSIONS: Final = ("assignment_list", "validate_assignment", "course_list", "formgrader", "create_assignment")
_ONLY_IN_BROWSER: Final = ("create_assignment",)
_NEWS: Final = "@jupyterlab/apputils-extension:announcements"
"""JupyterLab's question whether to send news, which reaches for the internet."""

_SUBCONFIG: Final = 'load_subconfig("hub_config.py")'
_LEFT_BEHIND: Final = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.db", ".git")

PUBLIC: Final = 0o755
CLOSED: Final = 0o700
EXCHANGE: Final = 0o1777
"""nbgrader insists on a folder in which everybody may write; with the sticky bit nobody renames another's course."""
INBOUND: Final = 0o3733
"""Everybody hands in, nobody sees what others did, or renames it; the group is the course's account's."""
FEEDBACK: Final = 0o711


def write_hub(plan: Plan, say: Callable[[str], None]) -> None:
    """Writes all of a hub that is not there, and its configuration in any case; `say` is told what was done.

    Raises:
        HubError: it cannot be written, or a course cannot be copied.
    """
    try:
        for person in plan.people if plan.unix else ():
            if make_person(person):
                say(f"account {person.user}: made; it has no password yet")
        _folder(plan.folder, PUBLIC)
        _folder(plan.state, CLOSED)
        _secret(plan.state / "check.token")
        if not plan.unix:
            _secret(plan.state / "password")
        (plan.folder / "people.csv").chmod(0o600)
        for course in plan.courses.values():
            _course(plan, course, say)
        if plan.ngshare:
            _ngshare(plan)
        else:
            _exchange(plan)
        _configuration(plan)
        plan.write()
    except OSError as error:
        raise HubError(f"{error.filename}: {error.strerror}") from None


def server_names(role: str) -> dict[str, bool]:
    """The Jupyter server's extensions, and whether a role has them: students, instructors or a course."""
    names = {
        f"nbgrader.server_extensions.{name}": name in EXTENSIONS[role]
        for name in _ALL_EXTENSIONS
        if name not in _ONLY_IN_BROWSER
    }
    return names | ({FORMGRADER: True} if role == "course" else {})


def lab_names(role: str) -> dict[str, bool]:
    """JupyterLab's extensions, and whether a role has them."""
    return {f"@jupyter/nbgrader:{name.replace('_', '-')}": name in EXTENSIONS[role] for name in _ALL_EXTENSIONS}


def _configuration(plan: Plan) -> None:
    for role in ("students", "instructors"):
        _settings(plan, plan.settings(role), role, None)
    for course in plan.courses.values():
        _settings(plan, plan.settings(course.name), "course", course)
    render = _environment().get_template
    path = search_path(plan)
    plan.config.write_text(render("jupyterhub_config.py.j2").render(plan=plan, path=path), encoding="utf-8")
    unit = render("aulatorch-hub.service.j2").render(plan=plan, path=path, services=plan.services if plan.unix else [])
    (plan.folder / "aulatorch-hub.service").write_text(unit, encoding="utf-8")


def _settings(plan: Plan, folder: Path, role: str, course: HubCourse | None) -> None:
    """Jupyter's and nbgrader's settings for a role."""
    _folder(folder, PUBLIC)
    context = {
        "plan": plan,
        "course": course,
        "whose": course.name if course is not None else role,
        "extensions": server_names(role),
    }
    for name in ("jupyter_server_config.py", "nbgrader_config.py"):
        text = _environment().get_template(f"{name}.j2").render(context)
        _write(folder / name, text)
    off = [name for name, is_on in lab_names(role).items() if not is_on]
    _folder(folder / "labconfig", PUBLIC)
    _write(folder / "labconfig" / "page_config.json", _json({"disabledExtensions": dict.fromkeys([*off, _NEWS], True)}))


def _course(plan: Plan, course: HubCourse, say: Callable[[str], None]) -> None:
    if plan.unix:
        make_service_account(course.account, course.home, course.name)
    _folder(course.home, CLOSED, course.account if plan.unix else None)
    if course.root.exists():
        say(f"course {course.name}: {course.root} is there already, and nothing of it was changed")
    else:
        copy_course(course)
        say(f"course {course.name}: copied from {course.origin} to {course.root}")
    _write(
        course.root / "hub_config.py", _environment().get_template("hub_config.py.j2").render(plan=plan, course=course)
    )
    _own(course.root, course.account if plan.unix else None)
    _enrol(plan, course)


def copy_course(course: HubCourse) -> None:
    """Copies what a course's account needs: the configuration, the sources, the checks and the released data.

    Raises:
        HubError: there is no course in its origin.
    """
    try:
        found = Course.open(course.origin)
        source = str(found.config.CourseDirectory.get("source_directory", "source"))
        folders = {found.root / source: course.root / source, found.settings.checks_path: course.root / RELEASED}
        folders |= {path: course.root / path.relative_to(found.root) for path in _inside(found)}
    except (CourseError, ValueError) as error:
        raise HubError(f"the course {course.name}: {error}") from None
    for origin, target in folders.items():
        if not origin.is_dir():
            raise HubError(f"the course {course.name}: there is no folder {origin}")
        shutil.copytree(origin, target, ignore=_LEFT_BEHIND, dirs_exist_ok=True)
    for path in found.root.glob("*_config.py"):
        shutil.copy(path, course.root)
    config = course.root / CONFIG
    config.write_text(f"{config.read_text(encoding='utf-8').rstrip()}\n{_SUBCONFIG}\n", encoding="utf-8")


def _inside(course: Course) -> Iterable[Path]:
    return [path for path in course.settings.data_paths if path.is_relative_to(course.root)]


def _enrol(plan: Plan, course: HubCourse) -> None:
    """Puts the students' names into the gradebook."""
    rows = [person for person in plan.people if person.course == course.name and person.role == "student"]
    names = [[person.user, person.first_name, person.last_name, person.email] for person in rows]
    command = [str(plan.python), "-m", "grader.hub.enrolling", _json(names)]
    run_as(course.account if plan.unix else None, command, folder=course.root, path=search_path(plan))


def _exchange(plan: Plan) -> None:
    if not plan.exchange.exists() or plan.exchange.is_relative_to(plan.folder):
        _folder(plan.exchange, EXCHANGE)
    for course in plan.courses.values():
        owner = course.account if plan.unix else None
        top = plan.exchange / course.name
        for folder, mode in {
            top: PUBLIC, top / "outbound": PUBLIC, top / "inbound": INBOUND, top / "feedback": FEEDBACK
        }.items():  # fmt: skip
            _folder(folder, mode, owner)


def _ngshare(plan: Plan) -> None:
    """The account that ngshare runs as, and who is in which course, which it reads when it starts."""
    owner = plan.ngshare_account if plan.unix else None
    if plan.unix:
        make_service_account(plan.ngshare_account, plan.ngshare_home, NGSHARE)
    _folder(plan.ngshare_home, CLOSED, owner)
    people = {course: plan.users("student", course) for course in plan.courses}
    _write(plan.ngshare_home / "people.json", json.dumps(people))
    _own(plan.ngshare_home, owner)


def search_path(plan: Plan) -> str:
    """The `PATH` of all that the hub starts: its Python's programs first."""
    own = [str(plan.python.parent)]
    return os.pathsep.join([*own, "/usr/local/bin", "/usr/bin", "/bin"])


def _folder(path: Path, mode: int, owner: str | None = None) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if owner is not None:
        entry = pwd.getpwnam(owner)
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    path.chmod(mode)


def _own(folder: Path, owner: str | None) -> None:
    if owner is None:
        return
    entry = pwd.getpwnam(owner)
    for top, _, files in os.walk(folder):
        for path in (top, *(os.path.join(top, name) for name in files)):  # noqa: PTH118 - os.walk's
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def _secret(path: Path) -> None:
    if not path.exists():
        path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
        path.write_text(secrets.token_hex(16), encoding="ascii")


def _write(path: Path, text: str) -> None:
    path.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    path.chmod(0o644)


def _json(value: Any) -> str:
    return json.dumps(value, indent=None if isinstance(value, list) else 2)


def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - Python, not HTML
        loader=PackageLoader("grader.hub"), undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True
    )
    environment.filters["literal"] = repr
    return environment
