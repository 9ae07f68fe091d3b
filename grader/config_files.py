"""Runs nbgrader's configuration files and says in one line what is wrong in one; imports no torch and no nbgrader."""

from __future__ import annotations

import sys
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

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
    return f"{where}: {type(error).__name__}: {' '.join(str(message).split())}"


def file_being_run() -> PyFileConfigLoader | None:
    """The loader of the configuration file that calls this, of the outermost where files load files."""
    frame: FrameType | None = sys._getframe()
    found = None
    while frame is not None:
        found = _loader_of(frame) or found
        frame = frame.f_back
    return found


def _loader_of(frame: FrameType) -> PyFileConfigLoader | None:
    return frame.f_locals["self"] if frame.f_code is _RUNS_FILE else None
