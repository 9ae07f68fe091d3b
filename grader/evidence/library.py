"""The library of an assignment's known mistakes: observed once, and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from grader.cell_texts import without_prose
from grader.course import BUDGET, OBSERVED, OBSERVED_FORMAT, Checks, exercises_in, with_imported
from grader.evidence.answers import answers_to, read_notebook, references, texts_in
from grader.evidence.mistakes import MISTAKES, in_all_languages
from grader.kit.messages import add_catalogues

if TYPE_CHECKING:
    from grader.checking.evidence import KnownMistake

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

    What was observed before is read: from `OBSERVED` beside the checks, where ``grader mistakes`` wrote it, or from the
    user's cache folder. The rest is observed now, in other processes, which takes about a fifth of a second a mistake.
    This one imports no torch.

    Args:
        checks: the assignment's, with its answers.
        notebooks: the assignment's source notebooks. Without them what lies beside the checks is believed.
        exercises: names; one without mistakes, or without a solution cell, is left out.

    Raises:
        ObservingError: the checks cannot be run on the solutions.
    """
    notebooks = list(notebooks)
    if not notebooks:
        return {name: path.read_bytes() for name in exercises if (path := checks.folder / name / OBSERVED).is_file()}
    wanted = {name: path for name, path in _sources(notebooks, exercises).items() if _has_mistakes(checks, name)}
    keys = {name: key(checks, path, name) for name, path in wanted.items()}
    found = {name: content for name in wanted if (content := _kept(checks, name, keys[name])) is not None}
    if found.keys() < wanted.keys():
        with _only_one():
            found |= {name: content for name in wanted if (content := _kept(checks, name, keys[name])) is not None}
            missing = {name: path for name, path in wanted.items() if name not in found}
            for name, content in _observed(checks, missing, keys).items():
                found[name] = content
                _keep(_cache() / f"{keys[name]}.json", content)
    return {name: found[name] for name in wanted if name in found}


def _kept(checks: Checks, exercise: str, key: str) -> bytes | None:
    """What was observed before of just this; None where it was not, or cannot be read."""
    for path in (checks.folder / exercise / OBSERVED, _cache() / f"{key}.json"):
        with suppress(OSError, ValueError, AttributeError):
            content = path.read_bytes()
            if json.loads(content).get("of") == key:
                return content
    return None


def _sources(notebooks: Iterable[Path], exercises: Iterable[str]) -> dict[str, Path]:
    """The source notebook of each exercise that has a solution cell."""
    found = {name: path for path in notebooks if path.is_file() for name in references(path)}
    return {name: found[name] for name in exercises if name in found}


def _has_mistakes(checks: Checks, exercise: str) -> bool:
    folder = answers_to(checks, exercise)
    return (folder / MISTAKES).is_file() or any(folder.glob("wrong_*.py"))


def key(checks: Checks, notebook: Path, exercise: str) -> str:
    """Changes with everything of the course's that decides what is observed in an exercise's mistakes.

    That is: its checks and what they import, its mistakes and their translations, its budgets, and the notebook's own
    code, without its docstrings and comments. The grader's own version is no part of it: what observations hold changes
    with `grader.course.OBSERVED_FORMAT` alone.
    """
    seen = hashlib.sha256(f"{OBSERVED_FORMAT} {exercise}".encode())
    for source in _code(notebook):
        seen.update(f"{len(source)} {source}".encode())
    add_catalogues(checks.locale)
    for texts in texts_in(answers_to(checks, exercise)):
        seen.update(json.dumps(sorted(in_all_languages(texts).items())).encode())
    for path in _files(checks, exercise):
        content = path.read_bytes()
        seen.update(f"{path.relative_to(checks.folder)} {len(content)} ".encode())
        seen.update(content)
    return seen.hexdigest()[:32]


def _code(notebook: Path) -> Iterator[str]:
    """The code of nbgrader's cells, and of those before the first of them."""
    is_any = False
    for cell in read_notebook(notebook).cells:
        if cell.cell_type == "code":
            is_any = is_any or "nbgrader" in cell.metadata
            if "nbgrader" in cell.metadata or not is_any:
                yield without_prose(cell.source)


def _files(checks: Checks, exercise: str) -> list[Path]:
    own = [path for path in checks.visible if exercise in exercises_in(path)]
    imported = {file for path in own for file in with_imported(path)}
    answers = [path for path in answers_to(checks, exercise).glob("*") if path.suffix == ".py" or path.name == MISTAKES]
    budget = checks.folder / BUDGET
    return sorted({*imported, *answers, *([budget] if budget.is_file() else [])})


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


def _observed(checks: Checks, wanted: Mapping[str, Path], keys: Mapping[str, str]) -> dict[str, bytes]:
    """What is observed now, by as many processes as there are cores."""
    names = sorted(wanted)
    shares = [share for start in range(os.cpu_count() or 1) if (share := names[start :: os.cpu_count() or 1])]
    with ThreadPoolExecutor(len(shares) or 1) as pool:
        parts = pool.map(lambda share: _observe(checks, {name: wanted[name] for name in share}, keys), shares)
        return {name: text.encode() for part in parts for name, text in part.items()}


def _observe(checks: Checks, wanted: Mapping[str, Path], keys: Mapping[str, str]) -> dict[str, str]:
    request = {
        "checks": str(checks.folder.resolve()),
        "exercises": {name: [str(path.resolve()), keys[name]] for name, path in wanted.items()},
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
