"""One line of `grader hub check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """Something that was tried.

    Attributes:
        what: that is to be so.
        fault: why it is not; empty where it is.
        remedy: what to do then.
    """

    what: str
    fault: str = ""
    remedy: str = ""
