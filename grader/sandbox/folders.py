"""The private folder of a kernel: filling it, and removing it whatever a student made of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final


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


_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


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
