"""What grading needs and students' machines may lack, said in one sentence; imports the standard library alone."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Final

LINUX: Final = (
    "Grading needs Linux 5.13 or newer, in whose isolation it runs what students hand in (on Windows: WSL 2; on macOS:"
    " a virtual machine or a container); `check`, `grader check` and `pytest NOTEBOOK.ipynb` work here without."
)


class UnmetNeedError(RuntimeError):
    """This machine, or what is installed on it, is not enough; says in one sentence what it takes."""


def require_linux() -> None:
    """Makes sure that this machine can run what students hand in.

    Raises:
        UnmetNeedError: it has no Linux.
    """
    if not sys.platform.startswith("linux"):
        raise UnmetNeedError(LINUX)


def what_to_install(error: ModuleNotFoundError) -> str | None:
    """What to do where a module is missing that only instructors need; None where it is one of this package's own."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "grader"):
        return None
    wheel = f"aulatorch-{version('aulatorch')}-py3-none-any.whl"
    return f"This needs {package}, which comes with the instructors' part: pip install './{wheel}[grading]'"
