"""The private folder of a kernel: filling it, and removing it whatever a student made of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath


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

    Nothing may still be writing to it.
    """
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        _flatten(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _flatten(top: Path) -> None:
    """Empties every folder under `top` by moving the folders in it up, so that no path ever grows long."""
    waiting = [entry.name for entry in os.scandir(top) if entry.is_dir(follow_symlinks=False)]
    count = 0
    while waiting:
        folder = top / waiting.pop()
        folder.chmod(0o700)
        for entry in list(os.scandir(folder)):
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            count += 1
            name = f"aulatorch-moved-{count}"
            Path(entry.path).chmod(0o700)
            Path(entry.path).rename(top / name)
            waiting.append(name)
        folder.rmdir()
