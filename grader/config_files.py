"""Runs nbgrader's configuration files and says in one line what is wrong in one; imports no torch and no nbgrader."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from grader.access import refusal

_RUNS_FILE = PyFileConfigLoader._read_file_as_dict.__code__


class ConfigFileError(Exception):
    """A configuration file cannot be run to its end; says in one line which one, where and why."""


def run_config_file(filename: str, path: Any = None) -> Config:
    """The configuration that a file and those that it loads come to.

    Args:
        filename: its name.
        path: the folder, or folders, where it is looked for.

    Raises:
        ConfigFileNotFound: there is no such file.
        ConfigFileError: it does not parse, or raises.
    """
    try:
        config: Config = PyFileConfigLoader(filename, path).load_config()
    except (ConfigFileNotFound, ConfigFileError):
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a configuration raises
        raise ConfigFileError(fault_in_config_file(error) or str(error)) from None
    return config


def fault_in_config_file(error: BaseException) -> str | None:
    """What is wrong in which line of which configuration file; None for an error that came from none."""
    frames = list(walk_tb(error.__traceback__))
    files = [loader.full_filename for frame, _ in frames if (loader := _loader_of(frame)) is not None]
    if not files:
        return None
    if isinstance(error, ConfigFileError):
        return str(error)
    file = files[-1]
    lines = [line for frame, line in frames if frame.f_code.co_filename == file]
    message: Any = error
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, message = [error.lineno or 0], error.msg
    where = f"{Path(file).absolute()}, line {lines[-1]}" if lines and lines[-1] else str(Path(file).absolute())
    if isinstance(error, PermissionError) and error.filename:
        return f"{where}: {refusal(Path(error.filename))}"
    return f"{where}: {type(error).__name__}: {' '.join(str(message).split())}"


def file_being_run() -> PyFileConfigLoader | None:
    """The loader of the configuration file that calls this, of the outermost where files load files."""
    frame: FrameType | None = sys._getframe()
    found = None
    while frame is not None:
        found = _loader_of(frame) or found
        frame = frame.f_back
    return found


@dataclass(frozen=True)
class Place:
    """Where a configuration says something.

    Attributes:
        file: the file.
        line: the line; None where the file is no program.
    """

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


Places = dict[tuple[str, str], Place]
"""By section and setting."""


class _Located(Config):
    """A configuration that notes where each of its settings was last given."""

    def __init__(self, section: str = "", places: Places | None = None) -> None:
        super().__init__()
        object.__setattr__(self, "_section", section)  # an attribute, where Config makes a setting of everything
        object.__setattr__(self, "_places", {} if places is None else places)

    def __getitem__(self, key: str) -> Any:
        if key not in self and key[:1].isupper():
            dict.__setitem__(self, key, _Located(key, self._places))
        elif key not in self:
            self._note(key)  # something is added to a list that is not there yet
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._note(key)

    def _note(self, key: str) -> None:
        frame: FrameType | None = sys._getframe()
        while frame is not None and "load_subconfig" not in frame.f_globals:
            frame = frame.f_back
        if frame is not None:
            self._places[self._section, key] = Place(frame.f_code.co_filename, frame.f_lineno)


def run_config_files(name: str, folders: Sequence[str]) -> tuple[Config, Places]:
    """What configuration files come to that stand in several folders, and where each setting was last given.

    Args:
        name: of the files, without its suffix: each folder may have a program and a file of JSON.
        folders: those that decide last.

    Raises:
        ConfigFileError: one does not parse, or raises.
    """
    places: Places = {}

    class Loader(PyFileConfigLoader):
        def clear(self) -> None:
            self.config = _Located(places=places)

    merged = Config()
    for folder in folders:
        for loader in (Loader(f"{name}.py", folder), JSONFileConfigLoader(f"{name}.json", folder)):
            try:
                found = loader.load_config()
            except ConfigFileNotFound:
                continue
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a configuration raises
                raise ConfigFileError(fault_in_config_file(error) or f"{loader.full_filename}: {error}") from None
            if isinstance(loader, JSONFileConfigLoader):
                said = ((section, key) for section, keys in found.items() if isinstance(keys, dict) for key in keys)
                places |= dict.fromkeys(said, Place(loader.full_filename))
            merged.merge(found)
    return merged, places


def _loader_of(frame: FrameType) -> PyFileConfigLoader | None:
    return frame.f_locals["self"] if frame.f_code is _RUNS_FILE else None
