"""What the steps in nbgrader and `grader autograde` agree on; imports nothing of either."""

from __future__ import annotations

from pathlib import Path
from typing import Final

QUARANTINE_KEY: Final = "aulatorch"
"""In an autograded notebook's metadata: its notices, the reason if it could not be opened, its fingerprint."""

UNDECIDED_KEY: Final = "aulatorch_undecided"
"""In a graded cell's metadata: a person decides, whatever it holds."""

MAX_BYTES_BESIDE: Final = 64 * 2**20
"""Bytes of files beside a notebook that go with it into its kernel."""


def require_file(notebook: Path) -> None:
    """Makes sure that a notebook was handed in as a file: a link leads anywhere, and a pipe is never read to its end.

    Raises:
        ValueError: it was not.
    """
    if notebook.is_symlink() or not notebook.is_file():
        raise ValueError(f"{notebook.name} is not a file, but a link or something else")
