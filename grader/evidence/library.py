"""The library of an assignment's known mistakes: observed once, and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from grader.course import Checks
from grader.evidence.answers import answers_folder, references
from grader.evidence.mistakes import MISTAKES

if TYPE_CHECKING:
    from grader.checking.evidence import KnownMistake

_PACKAGE: Final = Path(__file__).parents[1]
_ENGINE: Final = ("checking", "evidence", "kit", "notebook", "wire")
"""Rooms of this package that decide what is observed."""

_PATIENCE: Final = 900.0
"""Seconds that one process waits for another one to observe the same."""


class ObservingError(Exception):
    """The known mistakes of an exercise cannot be observed: a fault of the course's."""


def known_mistakes(
    checks: Checks, notebooks: Iterable[Path], exercises: Iterable[str]
) -> dict[str, tuple[KnownMistake, ...]]:
    """The known mistakes of some exercises, by what the visible checks observe in them; see `observed`."""
    from grader.checking.evidence import load

    return {name: load(content) for name, content in observed(checks, notebooks, exercises).items()}


def observed(checks: Checks, notebooks: Iterable[Path], exercises: Iterable[str]) -> dict[str, bytes]:
    """The known mistakes of some exercises as files (`grader.checking.evidence.dump`), by the exercise's name.

    What was observed before is read from the cache; the rest is observed now, in another process, which takes about
    half a second a mistake. This one imports no torch.

    Args:
        checks: the assignment's, with its answers.
        notebooks: the assignment's source notebooks.
        exercises: names; one without mistakes, or without a solution cell, is left out.

    Raises:
        ObservingError: the checks cannot be run on the solutions.
    """
    wanted = {name: path for name, path in _sources(notebooks, exercises).items() if _has_mistakes(checks, name)}
    kept = {name: _cache() / f"{_key(checks, path, name)}.json" for name, path in wanted.items()}
    found = {name: content for name, path in kept.items() if (content := _read(path)) is not None}
    if found.keys() < wanted.keys():
        with _only_one():
            found |= {name: content for name, path in kept.items() if (content := _read(path)) is not None}
            missing = {name: path for name, path in wanted.items() if name not in found}
            for name, text in (_observed(checks, missing) if missing else {}).items():
                found[name] = text.encode()
                _keep(kept[name], found[name])
    return {name: found[name] for name in wanted if name in found}


def _sources(notebooks: Iterable[Path], exercises: Iterable[str]) -> dict[str, Path]:
    """The source notebook of each exercise that has a solution cell."""
    found = {name: path for path in notebooks if path.is_file() for name in references(path)}
    return {name: found[name] for name in exercises if name in found}


def _has_mistakes(checks: Checks, exercise: str) -> bool:
    folder = _answers(checks, exercise)
    return (folder / MISTAKES).is_file() or any(folder.glob("wrong_*.py"))


def _answers(checks: Checks, exercise: str) -> Path:
    own = checks.folder / exercise
    return answers_folder(own if own.is_dir() else checks.folder, exercise)


def _key(checks: Checks, notebook: Path, exercise: str) -> str:
    """Changes with everything that decides what is observed."""
    seen = hashlib.sha256(json.dumps([version("torch"), _engine(), exercise]).encode())
    for path in [notebook, *_files(checks, exercise)]:
        content = path.read_bytes()
        seen.update(f"{path.name} {len(content)} ".encode())
        seen.update(content)
    return seen.hexdigest()[:32]


def _files(checks: Checks, exercise: str) -> Iterator[Path]:
    for path in sorted(checks.folder.rglob("*")):
        parts = path.relative_to(checks.folder).parts
        is_anothers = "answers" in parts and path.parent != _answers(checks, exercise)
        if path.suffix in (".py", ".toml") and not path.name.startswith("hidden") and not is_anothers:
            yield path


@lru_cache(maxsize=1)
def _engine() -> str:
    seen = hashlib.sha256()
    for room in _ENGINE:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            seen.update(path.read_bytes())
    return seen.hexdigest()


def _cache() -> Path:
    """Where what was observed is kept; a folder that cannot be written keeps nothing."""
    folder = user_cache_path("aulatorch") / "mistakes"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _only_one() -> Iterator[None]:
    """Keeps two workers from observing the same at the same time, where a file can be locked."""
    lock = FileLock(_cache() / ".lock")
    try:
        lock.acquire(timeout=_PATIENCE)
    except (OSError, Timeout):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _observed(checks: Checks, wanted: Mapping[str, Path]) -> dict[str, str]:
    request = {
        "checks": str(checks.folder.resolve()),
        "exercises": {name: str(path.resolve()) for name, path in wanted.items()},
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "observed.json"
        done = subprocess.run(
            [sys.executable, "-m", "grader.evidence.observing", str(out)],
            input=json.dumps(request),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not out.exists():
            names = ", ".join(wanted)
            raise ObservingError(f"the known mistakes of {names} cannot be observed:\n{done.stderr.strip()[-2000:]}")
        found: dict[str, str] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _keep(path: Path, content: bytes) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        part.write_bytes(content)
        part.replace(path)


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        json.loads(content)
    except (OSError, ValueError):
        return None  # it is made again
    return content
