"""How far a run of `grader autograde` has come, from the log that it keeps: whoever began it, and whoever asks."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psutil

_STARTED: Final = b'"event": "started"'
"""As the log writes it; the quotes of texts in it are escaped."""


@dataclass
class Progress:
    """A run of `grader autograde`.

    Attributes:
        total: submissions.
        graded: those that were graded.
        skipped: those that had been graded before, and have not changed.
        failed: those that could not be graded.
        quarantined: those that a person is to look at.
        by: who began it.
        is_ended: whether it came to its end, or was interrupted in an orderly way.
        is_running: whether its process is there.
        pid: its process; 0 where the log does not say.
        left: submissions that it left to the next run.
    """

    total: int = 0
    graded: int = 0
    skipped: int = 0
    failed: set[str] = field(default_factory=set)
    quarantined: set[str] = field(default_factory=set)
    by: str = ""
    is_ended: bool = False
    is_running: bool = False
    pid: int = 0
    left: int = 0

    @property
    def done(self) -> int:
        """Submissions that need no more work in this run."""
        return self.graded + self.skipped + self.to_look_at

    @property
    def to_look_at(self) -> int:
        """Submissions that need a person."""
        return len(self.failed) + len(self.quarantined)

    @property
    def is_interrupted(self) -> bool:
        """Whether it went away with work left, so that another run is to go on."""
        return self.left > 0 if self.is_ended else not self.is_running


def read_progress(log: Path, offset: int | None = None) -> Progress | None:
    """A run that a log tells of.

    Args:
        log: of `grader autograde`.
        offset: bytes of it that are of earlier runs; None for its last run.

    Returns:
        None where there is no such run.

    Raises:
        OSError: the log cannot be read.
    """
    events = _events(log, offset)
    started = next(events, None)
    if started is None:
        return None
    found = Progress(_count(started, "submissions"), by=str(started.get("by", "")), pid=_count(started, "pid"))
    for event in events:
        _add(found, event)
    found.is_running = not found.is_ended and _is_alive(started)
    if not found.is_ended:
        found.left = found.total - found.done
    return found


def _add(found: Progress, event: Mapping[str, Any]) -> None:
    match event.get("event"):
        case "graded":
            found.graded += 1
        case "skipped":
            found.skipped += 1
        case "failed":
            found.failed.add(str(event.get("student")))
        case "quarantined":
            found.quarantined.add(str(event.get("student")))
        case "ended":
            found.is_ended = True
            found.left = _count(event, "left")
            found.quarantined |= set(map(str, event.get("quarantined", ())))


def _count(event: Mapping[str, Any], name: str) -> int:
    value = event.get(name)
    return value if isinstance(value, int) else 0


def _events(log: Path, offset: int | None) -> Iterator[Mapping[str, Any]]:
    """The events of a run, the one that starts it first."""
    try:
        with log.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            found = text.rfind(_STARTED) if offset is None else text.find(_STARTED, offset)
            after = text.find(_STARTED, found + 1)
            lines = text[text.rfind(b"\n", 0, found) + 1 : after if after >= 0 else len(text)].splitlines()
    except (FileNotFoundError, ValueError):  # nothing was written yet
        return
    for line in lines if found >= 0 else ():
        try:
            event = json.loads(line)
        except ValueError:  # half written, or the beginning of the next run
            continue
        if isinstance(event, dict):
            yield event


def _is_alive(started: Mapping[str, Any]) -> bool:
    """Whether the process that wrote an event is there, and no later one that got its number."""
    try:
        began = psutil.Process(int(started["pid"])).create_time()
        return bool(began <= datetime.fromisoformat(str(started["time"])).timestamp())
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
