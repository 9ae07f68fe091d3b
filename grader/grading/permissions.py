"""Who else on the machine can read or change a course.

With a machine's usual modes every account can read a course's solutions, hidden checks, submissions and gradebook, and
nbgrader leaves what it collects open for anybody to change. A closed folder closes all that lies in it, so modes
further down do not matter. The exchange is not looked at: students read and write there.
"""

from __future__ import annotations

import glob
import os
import pwd
import shlex
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nbgrader.coursedir import CourseDirectory

from grader.settings import AulaTorch, SettingsError

_ALL: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITING: Final = stat.S_IWGRP | stat.S_IWOTH
_READING: Final = _ALL & ~_WRITING
_ENTERING: Final = stat.S_IXGRP | stat.S_IXOTH
_NAMED: Final = 4
"""Places that one line names."""

_RECORDS: Final = ("autograde-*.jsonl", "feedback-*.jsonl", "*.log", ".nbgrader.log", "grades*.csv", "*.lock")
"""Where nbgrader and our commands write about students, in the course's folder, and what says that they are at work."""

_CONFIGURATION: Final = ("*_config.py", "*_config.json")


@dataclass(frozen=True)
class Exposure:
    """A file or folder that others than the course's instructors can reach.

    Attributes:
        path: which.
        entries: itself, or what lies in it, that has bits it must not have.
        bits: of a mode that it must not have.
        found: those that it has.
        is_link: whether a link leads there: it is not followed to change anything.
    """

    path: Path
    entries: tuple[Path, ...]
    bits: int
    found: int
    is_link: bool = False

    @property
    def command(self) -> str:
        """What mends it in a shell."""
        who = "go" if self.bits & stat.S_IRWXG else "o"
        what = "rwx" if self.bits & _READING else "w"
        inside = "-R " if self.entries != (self.path,) else ""
        return f"chmod {inside}{who}-{what} {shlex.quote(str(self.path.resolve()))}"

    def __str__(self) -> str:
        who = {
            verb: "everybody" if self.found & bits & stat.S_IRWXO else "its group"
            for verb, bits in (("read", _READING), ("change", _WRITING))
            if self.found & bits
        }
        first = next(iter(who.values()))
        verbs = " and ".join(verb if other == first else f"{other} can {verb}" for verb, other in who.items())
        what = "it" if self.entries == (self.path,) else f"{len(self.entries)} files and folders of it"
        link = ", to which a link leads" if self.is_link else ""
        return f"{self.path}{link}: {first} on this machine can {verbs} {what}: {self.command}"


def exposures(coursedir: CourseDirectory, settings: AulaTorch) -> list[Exposure]:
    """What others can read or change of a course, where the system has such modes.

    nbgrader's `c.CourseDirectory.groupshared` allows a course's group everything.
    """
    if os.name != "posix":
        return []
    allowed = stat.S_IRWXG if coursedir.groupshared else 0
    root = Path(coursedir.root).resolve()
    private, written = list(_private(coursedir, settings, root)), _written(coursedir, root)
    found = [_exposed(path, root, _ALL & ~allowed) for path in dict.fromkeys(private)]
    found += [_exposed(path, root, _WRITING & ~allowed, inside=path != root) for path in dict.fromkeys(written)]
    found += [_exposed(folder, root, stat.S_IWOTH) for folder in _holding(private, root)]
    return [exposure for exposure in found if exposure is not None]


def _holding(private: Iterable[Path], root: Path) -> list[Path]:
    """The folders outside a course that hold something private: who may write there can put another in its place.

    Where a folder is sticky, as /tmp is, only an owner can.
    """
    folders = dict.fromkeys(path.resolve().parent for path in private)
    return [
        folder
        for folder in folders
        if not folder.is_relative_to(root) and folder.is_dir() and not folder.stat().st_mode & stat.S_ISVTX
    ]


def _private(coursedir: CourseDirectory, settings: AulaTorch, root: Path) -> Iterator[Path]:
    for step in ("source", "source_with_tests", "solution", "submitted", "autograded", "feedback"):
        yield from _folders(coursedir, root, getattr(coursedir, f"{step}_directory", ""))
    with suppress(SettingsError):  # a course of nbgrader's own has none
        yield settings.checks_path
    scheme, _, database = coursedir.db_url.partition(":///")
    if scheme.startswith("sqlite") and database:
        yield from _glob(root, f"{glob.escape(database.partition('?')[0])}*")  # copies that nbgrader makes as well
    for pattern in _RECORDS:
        yield from _glob(root, pattern)


def _written(coursedir: CourseDirectory, root: Path) -> Iterator[Path]:
    yield root
    for pattern in _CONFIGURATION:
        yield from _glob(root, pattern)
    yield from _folders(coursedir, root, coursedir.release_directory)


def _folders(coursedir: CourseDirectory, root: Path, step: str) -> list[Path]:
    """The folders of a step of nbgrader's that hold what belongs to it and nothing else."""
    if not step:
        return []
    parts = coursedir.directory_structure.split("/")
    last = next((index for index, part in enumerate(parts) if "{nbgrader_step}" in part), len(parts) - 1)
    pattern = "/".join(parts[: last + 1])
    return _glob(root, pattern.format(nbgrader_step=glob.escape(step), student_id="*", assignment_id="*"))


def _glob(root: Path, pattern: str) -> list[Path]:
    found = glob.glob(str(Path(glob.escape(str(root)), pattern)))  # noqa: PTH207 - patterns may be absolute
    return [Path(os.path.normpath(path)) for path in sorted(found)]


def _exposed(path: Path, root: Path, bits: int, *, inside: bool = False) -> Exposure | None:
    """What `bits` open of a file or folder that others can reach; with `inside`, of what lies in it too."""
    real = path.resolve()
    if any(not folder.stat().st_mode & _bits_to_enter(bits) for folder in real.parents if folder.is_dir()):
        return None
    is_link = real != (root.resolve() / path.relative_to(root)) if path.is_relative_to(root) else path.is_symlink()
    modes = {entry: mode for entry in _entries(real, inside) if (mode := _mode(entry) & bits)}
    if not modes:
        return None
    found = 0
    for mode in modes.values():
        found |= mode
    return Exposure(path, (path,) if tuple(modes) == (real,) else tuple(modes), bits, found, is_link)


def _bits_to_enter(bits: int) -> int:
    """The bits of a folder that let those in whom `bits` are about."""
    return _ENTERING if bits & stat.S_IRWXG else _ENTERING & stat.S_IRWXO


def _entries(path: Path, inside: bool) -> Iterator[Path]:
    yield path
    for folder, folders, files in os.walk(path) if inside else ():
        yield from (Path(folder, name) for name in (*folders, *files))


def _mode(path: Path) -> int:
    """A file's or folder's permissions; none for a link, which has no say."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return 0
    return 0 if stat.S_ISLNK(mode) else stat.S_IMODE(mode)


def mend(found: Iterable[Exposure]) -> list[str]:
    """Takes the bits away that expose a course; returns a line for each place where that cannot be done."""
    return [f"{exposure.path}: {reason}" for exposure in found if (reason := _mend(exposure))]


def _mend(exposure: Exposure) -> str:
    if exposure.is_link:
        return f"a link leads there, and is not followed: {exposure.command}"
    for entry in exposure.entries:
        try:
            descriptor = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & ~exposure.bits)
            finally:
                os.close(descriptor)
        except OSError as error:
            return f"{_owned(entry)}{error.strerror}: ask its owner or an administrator for {exposure.command}"
    return ""


def _owned(path: Path) -> str:
    try:
        owner = path.lstat().st_uid
        return f"it belongs to {pwd.getpwuid(owner).pw_name}: " if owner != os.geteuid() else ""
    except (OSError, KeyError):
        return ""


def warning(found: list[Exposure]) -> str:
    """One line about all of a course that is exposed."""
    names = ", ".join(exposure.path.name or str(exposure.path) for exposure in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"other accounts of this machine can read or change {names}{more}: `grader doctor --fix` closes them"
