"""What the steps in nbgrader and `grader autograde` agree on; imports nothing."""

from __future__ import annotations

from typing import Final

QUARANTINE_KEY: Final = "aulatorch"
"""In an autograded notebook's metadata: its notices, the reason if it could not be opened, its fingerprint."""

MAX_FILES: Final = 64 * 2**20
"""Bytes of files beside a notebook that go with it into its kernel."""
