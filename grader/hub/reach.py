"""What students can reach on a hub: all that they need, and nothing that is another's."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader.course import Course, CourseError
from grader.hub.accounts import find_account
from grader.hub.people import HubError
from grader.hub.plan import Plan
from grader.hub.trial import Trial

_SHOWN: Final = 3
_WAYS: Final = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}


def reach_trials(plan: Plan) -> Iterator[Trial]:
    """What is tried as each student: to fetch and to hand in, and every file that is not the student's."""
    yield from _needed(plan)
    yield from _closed(plan)


def _needed(plan: Plan) -> Iterator[Trial]:
    """Tries, as each student, to read the settings and the exchange, and to hand in."""
    settings = [path for path in _files([plan.settings("students")]) if path.suffix != ".pyc"]
    for user in plan.users("student"):
        if find_account(user) is None:
            continue
        courses = [] if plan.ngshare else plan.courses
        taken = [plan.exchange / name for name in courses if user in plan.users("student", name)]
        asked = [("r", path) for path in [*settings, *_files(course / "outbound" for course in taken)]]
        asked += [("r", course / "outbound") for course in taken]
        asked += [("w", course / "inbound") for course in taken]
        asked += [("x", course / "feedback") for course in taken]
        failed = [path for (_, path), can in zip(asked, _can(user, asked), strict=True) if not can]
        yield Trial(f"{user} can fetch, hand in and get feedback", _some(failed), _open(plan, failed))


def _open(plan: Plan, failed: list[Path]) -> str:
    """What lets everybody reach a path: the folder above it that is closed, or else its own mode."""
    for path in failed[:1]:
        for folder in reversed(path.parents):
            if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
                return f"chmod o+x {folder}"
    return f"grader hub init {plan.folder}"


def _closed(plan: Plan) -> Iterator[Trial]:
    """Tries, as each student, to read and to change every file that is not the student's."""
    private = [
        plan.state,
        plan.folder / "people.csv",
        plan.ngshare_home,
        *(course.home for course in plan.courses.values()),
    ]
    private += [path for course in plan.courses.values() for path in private_paths(course.origin)]
    in_exchange = [] if plan.ngshare else [plan.exchange / name for name in plan.courses]
    handed_in = [folder / "inbound" for folder in in_exchange]
    fixed = [path for path in plan.folder.iterdir() if path != plan.exchange]
    fixed += [folder / step for folder in in_exchange for step in ("outbound", "feedback")]
    homes = {user: Path(entry.pw_dir) for user in plan.users("student") if (entry := find_account(user)) is not None}
    for user in homes:
        others = [other for name, other in homes.items() if name != user]
        secrets = [*_files(private), *_files(others), *_of_others(handed_in, user)]
        tried = [*secrets, *_files(fixed)]
        readable, writable = _reached(user, secrets, tried)
        yield Trial(
            f"{user} cannot read solutions, hidden checks, gradebooks, what others handed in, or their homes",
            _some(readable),
            _mend(("go-rwx", readable, [*private, *homes.values()]), ("o-rwx", readable, _entries(handed_in))),
        )
        yield Trial(
            f"{user} cannot change what is not {user}'s ({len(tried)} files were tried)",
            _some(writable),
            _mend(
                ("go-rwx", writable, [*private, *homes.values()]),
                ("o-rwx", writable, _entries(handed_in)),
                ("go-w", writable, fixed),
            ),
        )


def private_paths(origin: Path) -> list[Path]:
    """What is private of a course where it was copied from, its history included."""
    try:
        course = Course.open(origin)
    except CourseError:
        return []
    source = course.root / str(course.config.CourseDirectory.get("source_directory", "source"))
    return [path for path in (*course.settings.private_paths, source, origin / ".git") if path.exists()]


def _mend(*modes: tuple[str, Sequence[Path], Iterable[Path]]) -> str:
    """What closes those of the folders that hold something which was found, each by its mode."""
    commands = []
    for mode, found, folders in modes:
        tops = {str(folder): None for folder in folders if any(path.is_relative_to(folder) for path in found)}
        commands += [f"chmod -R {mode} {' '.join(tops)}"] if tops else []
    return "; ".join(commands)


def _entries(folders: Iterable[Path]) -> list[Path]:
    return [path for folder in folders if folder.is_dir() for path in folder.iterdir()]


def _some(paths: list[Path]) -> str:
    paths = list(dict.fromkeys(paths))
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(map(str, paths[:_SHOWN])) + more


def _of_others(folders: Iterable[Path], user: str) -> list[Path]:
    own = pwd.getpwnam(user).pw_uid
    return list(_files(path for path in _entries(folders) if path.stat().st_uid != own))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_file():
            yield folder
        for top, _, files in os.walk(folder):
            yield Path(top)
            yield from (path for name in files if not (path := Path(top, name)).is_symlink())


def _reached(user: str, secrets: list[Path], fixed: list[Path]) -> tuple[list[Path], list[Path]]:
    """Which of `secrets` an account can open to read, and which of `fixed` to change."""
    can = _can(user, [*(("r", path) for path in secrets), *(("w", path) for path in fixed)])
    readable = [path for path, can_read in zip(secrets, can, strict=False) if can_read and not path.is_dir()]
    return readable, [path for path, can_change in zip(fixed, can[len(secrets) :], strict=True) if can_change]


def _can(user: str, asked: Sequence[tuple[str, Path]]) -> list[bool]:
    """Whether an account can read (r), write (w) or enter (x) paths: a fork of this process asks as that account."""
    entry = pwd.getpwnam(user)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            with open(writing, "wb") as answers:  # noqa: PTH123 - a pipe
                answers.write(bytes(os.access(path, _WAYS[way]) for way, path in asked))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answers:  # noqa: PTH123 - a pipe
        found = answers.read()
    os.waitpid(child, 0)
    if len(found) != len(asked):
        raise HubError(f"nothing can be tried as {user}: this machine does not let this account become another")
    return [bool(each) for each in found]
