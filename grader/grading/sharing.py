"""What is written in a course that its group shares: nbgrader's `c.CourseDirectory.groupshared`, for our files."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock
from nbgrader.coursedir import CourseDirectory

_OF_THE_OWNER: Final = 0o644
OF_THE_GROUP: Final = 0o664
_OTHERS: Final = 0o007
"""What a shared file's mode lacks: others get nothing that they had not."""


class NotWritableError(RuntimeError):
    """Something of a course cannot be written by this account; says what, and what to do."""


@contextmanager
def shared_with_group(coursedir: CourseDirectory) -> Iterator[None]:
    """While it lasts, what is made is the group's as well, where the course says so."""
    if not coursedir.groupshared:
        yield
        return
    before = os.umask(0)
    os.umask(before & _OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def lock_of(coursedir: CourseDirectory, path: Path) -> FileLock:
    """The lock in a file, which the group can take as well where the course says so."""
    return FileLock(path, mode=OF_THE_GROUP if coursedir.groupshared else _OF_THE_OWNER)


def share_gradebook(coursedir: CourseDirectory) -> None:
    """Lets the group write into the gradebook, which SQLite makes for its owner alone, where the course says so."""
    path = gradebook_file(coursedir)
    if not coursedir.groupshared or path is None:
        return
    with suppress(OSError):  # another's: `require_writable` says what to do
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IRGRP | stat.S_IWGRP)


def gradebook_file(coursedir: CourseDirectory) -> Path | None:
    """The gradebook's file; None where it is none of SQLite's."""
    scheme, _, name = str(coursedir.db_url).partition(":///")
    return Path(coursedir.root, name.partition("?")[0]) if scheme.startswith("sqlite") and name else None


def written(coursedir: CourseDirectory, students: Collection[str]) -> Iterator[Path]:
    """What grading writes: the gradebook and the folders of graded submissions, of some students or of all."""
    gradebook = gradebook_file(coursedir)
    if gradebook is not None:
        yield from (gradebook, gradebook.parent)  # SQLite's journal lies beside it
    graded = Path(coursedir.format_path(coursedir.autograded_directory, ".", "."))
    yield graded
    for student in sorted(graded.iterdir()) if graded.is_dir() else ():
        if student.is_dir() and (not students or student.name in students):
            yield from (student, student / coursedir.assignment_id)


def require_writable(coursedir: CourseDirectory, paths: Iterable[Path]) -> None:
    """Makes sure that this account can write what grading writes, before anything is graded.

    Args:
        coursedir: the course.
        paths: files and folders; those that are not there are made in the folder that would hold them.

    Raises:
        NotWritableError: one cannot be written.
    """
    for path in paths:
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not os.access(there, os.W_OK | (os.X_OK if there.is_dir() else 0)):
            raise NotWritableError(f"{there} cannot be written{_whose(there)}: {_remedy(coursedir, there)}")


def _whose(path: Path) -> str:
    with suppress(OSError, KeyError):
        return f", which is {pwd.getpwuid(path.stat().st_uid).pw_name}'s"
    return ""


def _remedy(coursedir: CourseDirectory, path: Path) -> str:
    chmod = f"chmod {'-R ' if path.is_dir() else ''}g+rw{'X' if path.is_dir() else ''} {path}"
    if coursedir.groupshared:
        return f"its owner is to say {chmod}, and its group is to be one that you are in"
    return f"set c.CourseDirectory.groupshared = True where several people grade, and let its owner say {chmod}"
