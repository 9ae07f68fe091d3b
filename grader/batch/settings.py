"""`c.ParallelAutograde.…`: how `grader autograde` and `grader feedback` spread their work."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from traitlets import Bool, Float, Integer, Unicode, default

from grader.command_line import ids_in
from grader.settings import Settings


class ParallelAutograde(Settings):
    """How `grader autograde` and `grader feedback` spread their work."""

    jobs = Integer(
        min=1,
        help="Submissions at once on this machine, each in a process of its own; all cores by default.",
    ).tag(config=True)

    @default("jobs")
    def _all_cores(self) -> int:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    dask = Unicode(
        "",
        help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786: its workers do it in place of this machine's.",
    ).tag(config=True)

    students = Unicode("", help="These students' submissions only: ids, with commas between them.").tag(config=True)

    log = Unicode(
        "autograde-{assignment}.jsonl",
        help="File that gets one line of JSON for each event, in the course's folder; empty for none.",
    ).tag(config=True)

    feedback_log = Unicode(
        "feedback-{assignment}.jsonl",
        help="The same of `grader feedback`, which reads there what it has made; without it everything is made again.",
    ).tag(config=True)

    dry_run = Bool(False, help="Say what grading would change, and write nothing.").tag(config=True)

    allow_lower = Bool(
        False,
        help="Let a submission that is graded again, as it was handed in before, get fewer points than it has. Without"
        " this an exercise keeps the higher score.",
    ).tag(config=True)

    started_by = Unicode(help="Who is noted in the log as having begun it: this account by default.").tag(config=True)

    @default("started_by")
    def _this_account(self) -> str:
        try:
            return getpass.getuser()
        except (OSError, KeyError):  # a container's account may have no name
            return str(os.getuid())

    database_patience = Float(
        60.0, min=0.0, help="Seconds to wait for a gradebook that another program keeps locked."
    ).tag(config=True)

    @property
    def chosen_students(self) -> list[str]:
        """The students asked for; empty for all."""
        return ids_in(self.students)

    def log_path(self, root: str, assignment: str) -> Path | None:
        """Where the log of `grader autograde` goes."""
        return Path(root, self.log.format(assignment=assignment)) if self.log and not self.dry_run else None

    def feedback_log_path(self, root: str, assignment: str) -> Path | None:
        """Where the log of `grader feedback` goes."""
        return Path(root, self.feedback_log.format(assignment=assignment)) if self.feedback_log else None
