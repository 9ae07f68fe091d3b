"""What `grader autograde` shows while it works, and what it leaves behind for machines to read."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

SLOWEST: Final = 5
"""Submissions that the summary names as the slowest."""


def printable(text: str) -> str:
    """A text with what would command a terminal, or is no text, written out: names of folders may hold anything."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


@dataclass
class Tally:
    """What has become of the submissions so far.

    Attributes:
        total: how many there are.
        skipped: that were graded before and have not changed.
        graded: student and seconds.
        manual: students with something for a person to grade.
        failed: why, by student.
        quarantined: why, by student.
        kept: what would have lost a student points, and was left as it was.
    """

    total: int = 0
    skipped: int = 0
    graded: dict[str, float] = field(default_factory=dict)
    manual: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Submissions that need no more work in this run."""
        return self.skipped + len(self.graded) + len(self.failed) + len(self.quarantined)


class Log:
    """A file of JSON lines, one an event; each line is whole whenever the program ends.

    Args:
        path: appended to; None for no file.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = (
            path.open("a", encoding="utf-8", errors="backslashreplace") if path is not None else None
        )

    def write(self, event: str, **values: Any) -> None:
        """Adds an event; a full disk is no reason to stop for a log."""
        if self._file is not None:
            line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}
            with suppress(OSError):
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()


class Display:
    """A live display on a terminal, plain lines anywhere else; a context manager.

    Args:
        console: where to.
        assignment: what is graded.
        tally: what to show.
    """

    def __init__(self, console: Console, assignment: str, tally: Tally) -> None:
        self.console = console
        self.tally = tally
        self._under_way: Mapping[str, float] = {}
        self._began = time.monotonic()
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task(assignment, total=tally.total, rate="")
        self._live = (
            Live(console=console, get_renderable=self._render, refresh_per_second=4) if console.is_terminal else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._under_way = {}
            self._live.stop()

    def under_way(self, students: Mapping[str, float]) -> None:
        """Takes note of what is being graded, and since when (`time.monotonic`)."""
        self._under_way = dict(students)

    def line(self, text: str, *, style: str | None = None, is_news: bool = True) -> None:
        """Says something that stays; without a terminal also what the display would show anyway."""
        if is_news or self._live is None:
            self.console.print(printable(text), style=style, markup=False, highlight=False, soft_wrap=True)

    def _render(self) -> Group:
        tally, seconds = self.tally, self.seconds
        rate = f"{60 * len(tally.graded) / seconds:.0f}/min" if tally.graded and seconds > 0 else ""
        self._progress.update(self._task, total=tally.total, completed=tally.done, rate=rate)
        workers = Table.grid(padding=(0, 2))
        if not self._under_way and tally.done < tally.total:
            workers.add_row("waiting for workers to start")
        for student, since in sorted(self._under_way.items(), key=lambda item: item[1]):
            workers.add_row("·", Text(printable(student)), f"{time.monotonic() - since:.0f} s")
        return Group(self._progress, self.counts(), workers)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def counts(self) -> Table:
        """What has become of the submissions."""
        tally, counts = self.tally, Table.grid(padding=(0, 2))
        counts.add_row(
            f"graded {len(tally.graded)}",
            f"unchanged {tally.skipped}",
            f"by hand {len(tally.manual)}",
            f"failed {len(tally.failed)}",
            f"quarantined {len(tally.quarantined)}",
        )
        return counts

    def summary(self) -> None:
        """Says how it went: the counts, the slowest, and every submission that needs somebody."""
        tally, seconds = self.tally, self.seconds
        rate = f", {60 * len(tally.graded) / seconds:.1f} a minute" if tally.graded else ""
        self.line(
            f"{len(tally.graded)} graded in {seconds:.1f} s{rate}; {tally.skipped} unchanged,"
            f" {len(tally.failed)} failed, {len(tally.quarantined)} quarantined"
        )
        slowest = sorted(tally.graded.items(), key=lambda item: -item[1])[:SLOWEST]
        if len(tally.graded) > SLOWEST:
            self.line(f"slowest: {', '.join(f'{student} {took:.1f} s' for student, took in slowest)}")
        if tally.manual:
            self.line(f"to grade by hand: {', '.join(sorted(tally.manual))}")
        for title, found in (("failed", tally.failed), ("quarantined", tally.quarantined), ("kept", tally.kept)):
            for student, why in sorted(found.items()):
                self.line(f"{title}: {student}: {why}", style="red")
        if tally.kept:
            self.line("What would have been lower was kept; --allow-lower lets it be lower.", style="red")
