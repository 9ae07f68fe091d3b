"""Collects what students handed in on a hub: each one's own files, and nothing that a link in them leads to.

Everybody writes into the exchange's folder of what is handed in, and the account that collects can read the course's
solutions, its hidden checks and what others handed in. nbgrader warns of a folder in another's name and collects it all
the same; it follows links; and one folder that it cannot read ends the collecting of all.
"""

from __future__ import annotations

import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from grader.access import account_name

_PARTS: Final = 3
"""Of a name at least: the student, the assignment, the time; and, where it cannot be guessed, a random text."""
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK: Final = 2**20


class CollectFromOwners(ExchangeCollect):  # type: ignore[misc]  # nbgrader has no types
    """Collects from each student what the student's own account handed in."""

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """What a folder says it is; without a student where it is not to be collected."""
        try:
            return dict(super()._path_to_record(path)) if self._is_own(path) else _nobody_s(path)
        except (ValueError, OverflowError):  # no time
            self.log.error("%s is no folder that nbgrader hands in: it is not collected", path)
            return _nobody_s(path)

    def _is_own(self, path: str) -> bool:
        parts = Path(path).name.rsplit("+", _PARTS)
        try:
            about = os.lstat(path)
        except OSError:  # taken away since it was listed
            return False
        if len(parts) < _PARTS or not stat.S_ISDIR(about.st_mode):
            self.log.error("%s is no folder that nbgrader hands in: it is not collected", path)
            return False
        owner = account_name(about.st_uid)
        if owner != parts[0]:
            self.log.error("%s was handed in by %s in the name of %s: it is not collected", path, owner, parts[0])
        return owner == parts[0]

    def copy_files(self) -> None:
        """Copies what is newer than what was collected; what cannot be copied leaves that as it is."""
        records = [record for record in self.src_records if record["username"]]
        self.log.info("Processing %s submissions of '%s'", len(records), self.coursedir.assignment_id)
        for record in records:
            try:
                self._collect(record["username"], Path(self.inbound_path, record["filename"]), record["timestamp"])
            except (OSError, RuntimeError) as error:  # shutil's is an OSError; nbgrader's says that it is too large
                self.log.error("%s is not collected: %s", record["filename"], error)

    def _collect(self, student: str, source: Path, time: Any) -> None:
        what = f"{student} {self.coursedir.assignment_id}"
        target = Path(
            self.coursedir.format_path(self.coursedir.submitted_directory, student, self.coursedir.assignment_id)
        )
        if target.is_dir() and not self._is_to_replace(target, time):
            more = "No newer submission to collect" if self.update else "Submission already exists, use --update"
            self.log.info("%s: %s", more, what)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".collecting-") as folder:
            own, incoming = Path(folder, "own"), Path(folder, "incoming")
            limit = 1000 * self.coursedir.max_dir_size
            for passed_over in copy_own(source, own, pwd.getpwnam(student).pw_uid, limit):
                self.log.warning("%s: %s is no file of theirs and is passed over", what, passed_over)
            self.do_copy(str(own), str(incoming))  # with nbgrader's patterns, limits and modes
            self.log.info("%s: %s", "Updating submission" if target.is_dir() else "Collecting submission", what)
            if target.is_dir():
                target.rename(Path(folder, "before"))
            incoming.rename(target)

    def _is_to_replace(self, target: Path, time: Any) -> bool:
        before = self.coursedir.get_existing_timestamp(str(target))
        return bool((self.update and (before is None or time > before)) or (self.before_duedate and before != time))


def copy_own(source: Path, target: Path, owner: int, limit: int) -> Iterator[str]:
    """Copies the files of a folder that are an account's, whatever the account does to the folder meanwhile.

    Args:
        source: the folder.
        target: the new one.
        owner: the account: a link of the disk's (`ln`) to another's file has that file's owner.
        limit: bytes of all the files.

    Yields:
        What is passed over: links, pipes, and what is another's.

    Raises:
        OSError: a file or folder cannot be read.
        RuntimeError: there is more than the limit.
    """
    for here, folders, files, descriptor in os.fwalk(source, onerror=_raise):
        inside = Path(here).relative_to(source)
        into = target / inside
        into.mkdir(parents=True)
        for name in folders:
            if stat.S_ISLNK(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                yield str(inside / name)
        for name in files:
            copied = _copy_own_file(name, descriptor, into / name, owner, limit)
            if copied is None:
                yield str(inside / name)
            else:
                limit -= copied


def _copy_own_file(name: str, folder: int, target: Path, owner: int, limit: int) -> int | None:
    """Copies a file and returns its size; None where it is none of the account's."""
    if not _is_file_of(os.stat(name, dir_fd=folder, follow_symlinks=False), owner):
        return None
    try:
        descriptor = os.open(name, _OPEN, dir_fd=folder)
    except OSError:
        if _is_file_of(os.stat(name, dir_fd=folder, follow_symlinks=False), owner):
            raise
        return None  # something else by now
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not _is_file_of(about, owner):
            return None
        if about.st_size > limit:
            raise RuntimeError("its folder is too large, see CourseDirectory.max_dir_size")
        with target.open("xb") as copy:
            copied = 0
            while block := file.read(min(_CHUNK, limit - copied + 1)):
                copied += copy.write(block)
                if copied > limit:
                    raise RuntimeError("its folder is too large, see CourseDirectory.max_dir_size")
    return copied


def _is_file_of(about: os.stat_result, owner: int) -> bool:
    return stat.S_ISREG(about.st_mode) and about.st_uid == owner


def _raise(error: OSError) -> None:
    raise error


def _nobody_s(path: str) -> dict[str, Any]:
    return {"username": "", "filename": Path(path).name, "timestamp": parse_utc("1970-01-01 00:00:00 UTC")}
