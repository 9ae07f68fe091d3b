"""Imports check files: those of one assignment form a package, whatever their folders are called.

So ``from .judges import …`` and ``from ..common import …`` work in them, and no course sees another one's modules.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from grader.course import HIDDEN, VISIBLE

_PREFIX: Final = "_aulatorch_checks_"
_NO_WORD: Final = re.compile(r"\W")


def is_check_file(path: Path) -> bool:
    """Whether a file is one of checks, by its name."""
    return path.name in (VISIBLE, HIDDEN)


def import_check_file(path: Path) -> ModuleType:
    """Imports a check file, as a module of the package that its folder and the one above it form.

    Raises:
        Exception: whatever the file raises.
    """
    path = path.resolve()
    above = _package(_PREFIX + _digest(path.parent.parent), path.parent.parent)
    inner = _package(f"{above}.{_NO_WORD.sub('_', path.parent.name)}", path.parent)
    return importlib.import_module(f"{inner}.{path.stem}")


def _digest(folder: Path) -> str:
    return hashlib.sha256(bytes(folder)).hexdigest()[:16]


def _package(name: str, folder: Path) -> str:
    if name not in sys.modules:
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        sys.modules[name] = module
    return name


_seen: dict[str, dict[Path, int]] = {}
"""When the files of each package had last been changed, as `forget_changed` saw them last."""


def forget_changed(files: Iterable[Path]) -> dict[str, dict[Path, int]]:
    """Makes a long-lived process (formgrader's server, a notebook) see changes in check files and what they import.

    Returns:
        When each was last changed: what was imported at a time with the same answer is as it is now.
    """
    found = {}
    for folder in {path.resolve().parent.parent for path in files}:
        package = _PREFIX + _digest(folder)
        sources = (*folder.glob("*.py"), *folder.glob("*/*.py"))
        now = {path: path.stat().st_mtime_ns for path in sources}
        if _seen.setdefault(package, now) != now:
            for name in [name for name in sys.modules if name.startswith(package)]:
                del sys.modules[name]
            importlib.invalidate_caches()
            _seen[package] = now
        found[package] = now
    return found


class CheckFile(pytest.Module):
    """A file of checks, imported as `import_check_file` does it."""

    def _getobj(self) -> ModuleType:
        try:
            return import_check_file(self.path)
        except Exception as error:
            if self.config.option.tbstyle == "native":
                raise
            raise self.CollectError(f"{self.path}: {type(error).__name__}: {error}") from error
