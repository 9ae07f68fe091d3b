"""What lies in a folder that was handed in: listed once, within limits, at a cost that grows with what is listed.

It imports nothing of torch: the coordinator of `grader autograde` lists every folder itself.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

MAX_ENTRIES: Final = 2_000
"""Files, folders and links; a submission has a handful, and a package's whole repository a few hundred."""
MAX_DEPTH: Final = 30
MAX_PATH: Final = 1_000
"""Bytes of a file's path in the folder: it is copied to where the path before it is longer."""
MAX_BYTES: Final = 2**29
"""Bytes of the files that are copied, which notebooks are not: a sparse file takes its room once it is copied."""

MAX_CANDIDATES: Final = 8
"""Files that are opened to see which notebook they are."""

_OTHER_SUFFIXES: Final = ("", ".json", ".txt")
"""What a browser or a mail program makes of ``.ipynb``."""


@dataclass(frozen=True)
class Refusal:
    """Why a folder cannot be graded by a program; plain data, since it travels.

    Attributes:
        kind: ``entries``, ``depth``, ``path``, ``bytes``, ``unlisted`` or ``nothing``.
        limit: the number that it is over, in what `kind` counts.
        files: what there is.
    """

    kind: str
    limit: int = 0
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        match self.kind:
            case "entries":
                return f"its folder holds more than {self.limit} files"
            case "depth":
                return f"its folders lie more than {self.limit} deep"
            case "path":
                return f"a file's path is longer than {self.limit} bytes"
            case "bytes":
                return f"the files beside the notebook are over {self.limit >> 20} MiB together"
            case "unlisted":
                return "its folder cannot be listed"
            case _:
                held = f" but {', '.join(self.files)}" if self.files else ""
                return f"its folder holds no notebook{held}"


class FolderRefusedError(ValueError):
    """A folder is over a limit, or cannot be listed."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


@dataclass(frozen=True)
class Found:
    """A file of a folder: a real one, no link to one.

    Attributes:
        name: its path in the folder, with ``/``.
        path: where it is.
        size: in bytes.
    """

    name: str
    path: Path
    size: int


def files_in(folder: Path, ignored: Sequence[str] = (), *, is_limited: bool = True) -> list[Found]:
    """The files of a folder and those in it, by name; links and pipes are no files.

    Args:
        folder: where to look; one that is not there is empty.
        ignored: patterns of names that are passed over, as nbgrader reads them.
        is_limited: whether the limits apply: an instructor's own folder may hold what it likes.

    Raises:
        FolderRefusedError: there is too much in it, or it lies too deep.
    """
    found: list[Found] = []
    entries = 0
    pending = [(folder, "", 0)] if not is_ignored(folder.name, ignored) else []
    while pending:
        here, prefix, depth = pending.pop()
        try:
            with os.scandir(here) as listing:
                for entry in listing:
                    entries += 1
                    if is_limited and entries > MAX_ENTRIES:
                        raise FolderRefusedError(Refusal("entries", MAX_ENTRIES))
                    if is_ignored(entry.name, ignored) or entry.is_symlink():
                        continue
                    name = prefix + entry.name
                    if is_limited and len(os.fsencode(name)) > MAX_PATH:
                        raise FolderRefusedError(Refusal("path", MAX_PATH))
                    if entry.is_dir(follow_symlinks=False):
                        if is_limited and depth >= MAX_DEPTH:
                            raise FolderRefusedError(Refusal("depth", MAX_DEPTH))
                        pending.append((Path(entry.path), f"{name}/", depth + 1))
                    elif entry.is_file(follow_symlinks=False):
                        found.append(Found(name, Path(entry.path), entry.stat(follow_symlinks=False).st_size))
        except FileNotFoundError:
            continue  # gone since it was listed, or never there
        except OSError as error:
            if not is_limited:
                raise
            raise FolderRefusedError(Refusal("unlisted")) from error
    if is_limited and sum(file.size for file in found if not file.name.endswith(".ipynb")) > MAX_BYTES:
        raise FolderRefusedError(Refusal("bytes", MAX_BYTES))
    return sorted(found, key=lambda file: file.name)


def is_ignored(name: str, patterns: Sequence[str]) -> bool:
    """Whether nbgrader passes over a file or folder of this name: its patterns are the shell's."""
    return any(
        fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith(".")) for pattern in patterns
    )


def is_notebook_name(name: str) -> bool:
    """Whether a file's name says that it is a notebook, whatever became of the name on its way."""
    return ".ipynb" in name.rpartition("/")[2].lower() and ".ipynb_checkpoints" not in name


def candidates(files: Sequence[Found], names: Collection[str]) -> list[Found]:
    """The files that may be the notebooks of these names, the likeliest first.

    Where each name has its file, only files that are called notebooks count besides.
    """
    exact = {f"{name}.ipynb" for name in names}
    called = [file for file in files if is_notebook_name(file.name)]
    if exact <= {file.name for file in called}:
        found = called
    else:
        found = called + [file for file in files if file not in called and _looks_like_notebook(file)]
    stems = [plain_stem(name) for name in names]

    def rank(file: Found) -> tuple[bool, bool, int, str]:
        stem = plain_stem(file.name)
        is_like = any(known in stem for known in stems if known)
        return file.name not in exact, not is_like, file.name.count("/"), file.name

    return sorted(found, key=rank)[: MAX_CANDIDATES + len(exact)]


def plain_stem(name: str) -> str:
    """A file's name without its case, its endings and its marks."""
    plain = PurePosixPath(name).name.lower().partition(".ipynb")[0]
    return "".join(character for character in plain if character.isalnum())


def _looks_like_notebook(file: Found) -> bool:
    if PurePosixPath(file.name).suffix.lower() not in _OTHER_SUFFIXES or file.name == "timestamp.txt":
        return False
    try:
        with file.path.open("rb") as content:
            beginning = content.read(400)
    except OSError:
        return False
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"' in beginning
