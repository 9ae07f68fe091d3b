"""Private folders: making them, filling them, and removing them whatever a student made of them.

The process that made one holds a lock on it, which Linux releases with the process, however it ended. So whoever makes
the next one can tell which folders nobody owns any more, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Self

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_OWNED: Final = "-owned"
"""What the name of a folder that is locked ends with: one without it is not ours to remove."""


KERNELS: Final = "aulatorch-kernel-"
WORKERS: Final = "aulatorch-worker-"
OBSERVERS: Final = "aulatorch-observer-"
"""What the names of folders begin with."""


@dataclass(frozen=True)
class PrivateFolder:
    """A temporary folder of this process; a context manager."""

    path: Path
    _lock: int

    @classmethod
    def make(cls, prefix: str, parent: Path | None = None) -> Self:
        """Makes one, and removes those with this prefix whose process is gone.

        Args:
            prefix: of its name.
            parent: where; among temporary files by default.
        """
        remove_ownerless(prefix, parent)
        while True:
            path = Path(tempfile.mkdtemp(prefix=prefix, suffix=_OWNED, dir=parent))
            try:
                lock = os.open(path, _FOLDER)
            except FileNotFoundError:
                continue  # somebody looked for ownerless ones just then
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink > 0:
                return cls(path, lock)
            os.close(lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):  # the next one that is made tries again
            self.remove()

    def remove(self) -> None:
        """Removes it and all in it.

        Raises:
            OSError: somebody writes there still.
        """
        try:
            remove_folder(self.path)
        finally:
            os.close(self._lock)


def remove_ownerless(prefix: str, parent: Path | None = None) -> None:
    """Removes the folders that `PrivateFolder.make` made with this prefix, and whose process is gone."""
    for path in (parent or Path(tempfile.gettempdir())).glob(f"{prefix}*{_OWNED}"):
        with contextlib.suppress(OSError), _locked(path):
            remove_folder(path)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder of this user's.

    Raises:
        OSError: somebody has it, or it is no such folder.
    """
    descriptor = os.open(folder, _FOLDER)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(f"{folder} is another user's")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes files under `folder`.

    Raises:
        ValueError: a path leads out of the folder.
    """
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the file name {name!r} leads out of the folder")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def remove_folder(folder: Path) -> None:
    """Removes a folder and all in it, however deeply nested, and however its permissions are set.

    `shutil.rmtree` recurses, and so fails on a thousand folders one in another. Nothing may still be writing here.
    """
    here = os.open(folder, _FOLDER)
    below: list[str] = []
    while True:
        inner = _remove_files(here)
        if inner is not None:
            os.chmod(inner, 0o700, dir_fd=here)
            here = _step(here, inner)
            below.append(inner)
        elif below:
            here = _step(here, "..")
            os.rmdir(below.pop(), dir_fd=here)
        else:
            break
    os.close(here)
    folder.rmdir()


def _remove_files(folder: int) -> str | None:
    """Removes the files of a folder, up to the first folder in it; returns that one's name."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                return entry.name
            os.unlink(entry.name, dir_fd=folder)
    return None


def _step(here: int, name: str) -> int:
    there = os.open(name, _FOLDER, dir_fd=here)
    os.close(here)
    return there
