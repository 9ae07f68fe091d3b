"""Where packages lie outside Python's own prefix, and which of these folders a graded notebook reads.

``PYTHONPATH``, a user's site-packages, ``.pth`` files and editable installs lead anywhere: also to a home folder, or to
the course with its hidden checks. What holds such a place is not opened for student code, and is named instead.
"""

from __future__ import annotations

import importlib.machinery
import json
import os
import re
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_CHECKS: Final = _PACKAGE / "checks"

_OF_THE_SYSTEM: Final = frozenset(
    map(Path, ("/", "/usr", "/usr/share", "/usr/local", "/home", "/root", "/opt", "/srv", "/mnt", "/media", "/Users"))
) | frozenset(map(Path, ("/tmp", "/var", "/var/lib", "/var/tmp")))  # noqa: S108 - named to be refused
"""Folders that belong to more than Python; what lies deeper in them may be a package's."""
_NEVER_WITHIN: Final = tuple(map(Path, ("/etc", "/proc", "/sys", "/dev", "/run", "/boot")))
_OF_HOMES: Final = (Path("/home"), Path("/Users"))

_SEARCH: Final = """
import importlib.metadata, json, site, sys
mappings = [vars(module) for name, module in list(sys.modules.items()) if name.startswith("__editable__")]
places = [place for names in mappings for place in names.get("MAPPING", {}).values()]
places += [place for names in mappings for held in names.get("NAMESPACES", {}).values() for place in held]
projects = []
for found in importlib.metadata.distributions():
    try:
        origin = json.loads(found.read_text("direct_url.json") or "{}")
    except (OSError, ValueError):
        continue
    if origin.get("dir_info", {}).get("editable") and origin.get("url", "").startswith("file://"):
        projects.append(origin["url"].removeprefix("file://"))
print(json.dumps({"path": sys.path, "places": places, "projects": projects}))
"""
"""What a fresh Python says of its import path. setuptools notes editable installs as `MAPPING` and `NAMESPACES`."""

_OF_MODULES: Final = frozenset({".py", ".pyc", ".so"})

_MISSING: Final = re.compile(r"No module named '(\w{1,200})'")

_private: set[Path] = set()


class ImportPathError(RuntimeError):
    """Python does not start in this environment, or cannot say where it looks for packages."""


class UnreadablePackageError(RuntimeError):
    """A notebook imports a package that lies where no graded notebook may read: the environment's fault."""


def keep_private(places: Iterable[str]) -> None:
    """Notes folders and files of a course that this process must open to no notebook, whatever the import path says."""
    _private.update(Path(place).resolve() for place in places)


def python_options() -> list[str]:
    """Options with which Python finds the packages that this process finds, and none in the current folder."""
    return ["-P", *(["-s"] if sys.flags.no_user_site else [])]


def python_variables() -> dict[str, str]:
    """The environment variables that say where Python finds packages, without the current folder."""
    if sys.flags.ignore_environment:
        return {}
    found = {}
    folders = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]  # noqa: PTH100
    if folders:
        found["PYTHONPATH"] = os.pathsep.join(folders)
    if os.environ.get("PYTHONNOUSERSITE"):
        found["PYTHONNOUSERSITE"] = "1"
    elif site.ENABLE_USER_SITE and os.path.isdir(site.getusersitepackages()):  # noqa: PTH112
        found["PYTHONUSERBASE"] = site.getuserbase()  # a graded notebook has another home
    else:
        found["PYTHONNOUSERSITE"] = "1"
    return found


@dataclass(frozen=True)
class Opened:
    """What of an import path graded notebooks read.

    Attributes:
        folders: that they may read, with all beneath.
        refused: the others, and why they may not.
    """

    folders: tuple[str, ...]
    refused: Mapping[str, str]

    def refused_home(self, name: str) -> str | None:
        """The refused folder in which a module or package lies; None if it lies in none of them."""
        for folder in self.refused:
            spec = importlib.machinery.PathFinder.find_spec(name, [folder])
            if spec is not None and spec.loader is not None and spec.origin is not None:
                return folder
        return None

    def require_readable(self, error: str, message: str) -> None:
        """Makes sure that an import that failed in a notebook did not fail because of a refused folder.

        Args:
            error: the type's name.
            message: what it says.

        Raises:
            UnreadablePackageError: a package of this name lies there.
        """
        missing = _MISSING.match(message)
        if error == "ModuleNotFoundError" and missing is not None:
            folder = self.refused_home(missing[1])
            if folder is not None:
                raise UnreadablePackageError(
                    f"the notebook imports {missing[1]!r}, which lies in {folder}, where graded notebooks may not read"
                    f" ({self.refused[folder]}): install it elsewhere, or name a folder of it alone in PYTHONPATH"
                )

    def __str__(self) -> str:
        return "".join(f"\n  {folder}: {why}" for folder, why in self.refused.items())


class ImportPath:
    """Where a fresh Python of this environment finds packages, asked once when it is first needed."""

    @cached_property
    def entries(self) -> tuple[Path, ...]:
        """Folders and archives beyond Python's own prefix, resolved; those of editable installs among them.

        Raises:
            ImportPathError: Python does not start.
        """
        done = subprocess.run(
            [sys.executable, *python_options(), "-c", _SEARCH],
            env=os.environ | python_variables(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ImportPathError(f"Python does not start in this environment: {last_line(done.stderr)}")
        said = json.loads(done.stdout.splitlines()[-1])  # a sitecustomize may print as well
        found = dict.fromkeys(Path(entry).resolve() for entry in said["path"] if entry)
        for place in map(Path, said["places"]):  # a module's, without its suffix
            found |= dict.fromkeys(
                path.resolve() for path in (place, place.with_name(f"{place.name}.py")) if path.exists()
            )
        for project in (Path(project).resolve() for project in said["projects"]):
            if not any(project == entry or project in entry.parents for entry in found):
                found[project] = None
        return tuple(path for path in found if path.exists())

    def opened(self, private: Iterable[str] = ()) -> Opened:
        """Which folders of it graded notebooks may read.

        Args:
            private: places of the course that no notebook may read: none of them, nor what holds one, is opened.

        Raises:
            ImportPathError: Python does not start.
        """
        from grader.sandbox.file_rules import exposed

        places = {Path(place).resolve() for place in private} | _private
        if _CHECKS.exists():
            places.add(_CHECKS)
        folders, refused = [], {}
        for entry in self.entries:
            for target in _linked(entry):
                if exposed(target) is not None:
                    continue
                why = _why_refused(target, places)
                if why is not None:
                    refused[str(target.parent)] = why
                else:
                    folders.append(target)
            if exposed(entry) is not None or _is_our_repository(entry):
                continue  # what notebooks need of it, they read anyway
            why = _why_refused(entry, places)
            if why is not None:
                refused[str(entry)] = why
                continue
            folders.append(entry)
            folders += (folder for folder in _libraries(entry) if _why_refused(folder, places) is None)
        kept = {str(path) for path in folders if not any(parent in folders for parent in path.parents)}
        return Opened(tuple(sorted(kept)), refused)


def leave_out_unreadable() -> None:
    """Takes from this process's import path what it may not read: an import then fails as if nothing lay there."""
    sys.path[:] = [entry for entry in sys.path if not os.path.exists(entry) or _is_readable(entry)]  # noqa: PTH110


def _is_readable(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def last_line(traceback: str) -> str:
    """The line of a traceback that names the error; it is the end that tells."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _linked(entry: Path) -> list[Path]:
    """Packages and modules of an import folder that lie elsewhere: links to them, or folders that hold links alone."""
    found: dict[Path, None] = {}
    try:
        with os.scandir(entry) as listing:
            for item in listing:
                if not item.is_symlink():
                    # Strings, as this is asked of some thousand folders for each kernel.
                    if item.is_dir(follow_symlinks=False) and os.path.islink(f"{item.path}/__init__.py"):  # noqa: PTH114
                        found[Path(item.path, "__init__.py").resolve().parent] = None
                elif item.is_dir() or Path(item.path).suffix in _OF_MODULES:
                    found[Path(item.path).resolve()] = None
    except OSError:
        return []  # an archive, say
    return [target for target in found if target.exists() and not _holds(entry, target)]


def _libraries(entry: Path) -> list[Path]:
    """The shared libraries that packages of another prefix need, as of a stacked environment."""
    if entry.name not in ("site-packages", "dist-packages") or not entry.parent.name.startswith("python"):
        return []
    prefix = entry.parents[2]
    if prefix.name == ".local" or str(prefix) == site.getuserbase():
        return []
    return [prefix / name for name in ("lib", "lib64") if (prefix / name).is_dir()]


def _why_refused(path: Path, private: Iterable[Path]) -> str | None:
    home = Path.home().resolve()
    if path == home:
        return "it is your home folder"
    if path in _OF_THE_SYSTEM or path.parent in _OF_HOMES or any(_holds(place, path) for place in _NEVER_WITHIN):
        return "it is a folder of the system, or somebody's home"
    holders = {
        home: "your home folder",
        _current_folder(): "the current folder",
        Path(tempfile.gettempdir()).resolve(): "the folder of temporary files",
    }
    for place, what in holders.items():
        if _holds(path, place):
            return f"it is {what}" if path == place else f"it holds {what}"
    for place in private:
        if _holds(path, place):
            return f"it holds {place}, which no notebook may read"
        if _holds(place, path):
            return f"it lies in {place}, which no notebook may read"
    return None


def _current_folder() -> Path:
    try:
        return Path.cwd().resolve()
    except FileNotFoundError:  # it was removed
        return _PACKAGE


def _is_our_repository(entry: Path) -> bool:
    """Whether a folder is on the path for this package alone, as in an editable install."""
    return entry == _PACKAGE.parent and _CHECKS.exists() and not any(entry.glob("*.dist-info"))


def _holds(folder: Path, path: Path) -> bool:
    return path == folder or folder in path.parents
