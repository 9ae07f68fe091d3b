"""Writes what came of a submission: its files, its grades and a line about it, by the coordinator alone.

A submission's results are staged beside their place, its grades are committed in one transaction, and then the folder
is renamed into place. Whenever the program ends, a submission either is graded or will be the next time.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from nbgrader.api import InvalidEntry
from nbgrader.converters import Autograde
from sqlalchemy.exc import SQLAlchemyError

from grader.batch.preview import Preview, taken_off
from grader.batch.progress import Display, Log, Tally
from grader.batch.records import GradebookBusyError, PenaltyError, Records
from grader.batch.regrading import Regrade, kept, regrade
from grader.batch.settings import ParallelAutograde
from grader.batch.submissions import Folders, Submission
from grader.batch.tasks import Outcome, Task

_SUBMISSION_ERRNOS: Final = (
    errno.ENAMETOOLONG,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENOTEMPTY,
    errno.EINVAL,
)
"""What fails for the names that one student gave: a folder where the instructor has a file, for one."""


class AutogradeError(RuntimeError):
    """The run had to end; everything graded so far is saved, and the same command goes on."""


@dataclass
class Saving:
    """The one that writes, whoever graded.

    Attributes:
        converter: nbgrader's, with the course's configuration.
        settings: of this run.
        preview: notes what would be written, in a run that writes nothing.
        folders: of the submissions.
        records: the gradebook.
        tally: what has become of the submissions so far.
        log: a line for each.
        display: shows them.
    """

    converter: Autograde
    settings: ParallelAutograde
    preview: Preview
    folders: Folders
    records: Records
    tally: Tally
    log: Log
    display: Display

    def save(self, submission: Submission, task: Task, outcome: Outcome) -> None:
        """Writes the files and the grades of a submission, or notes why that cannot be.

        Raises:
            AutogradeError: nobody's can be written.
        """
        tally = self.tally
        if not self.converter.create_student and not self.records.knows(submission.student):
            self.fail(submission, f"no student with ID {submission.student!r} exists in the database")
            return
        floors: Mapping[str, float] = {}
        try:
            stored = self.records.stored(self.converter.coursedir.assignment_id, submission.student)
            if stored is not None:
                found = regrade(submission, task, outcome, *stored)
                if found.lower and not self.settings.allow_lower:
                    self._keep(submission, found)
                    if submission.student in tally.quarantined:
                        return
                    outcome, floors = kept(outcome, found, stored[0], submission), found.floors
            if self.settings.dry_run:
                if stored is None:
                    self.preview.note_first(outcome, self._first_penalty(submission, task, outcome))
                else:
                    self.preview.note(outcome, found)
                return
            self.folders.stage(
                submission, task, {name: notebook.content for name, notebook in outcome.notebooks.items()}
            )
            penalty = self.records.save(
                self.converter.coursedir.assignment_id,
                submission.student,
                task.timestamp,
                outcome.notebooks,
                outcome.missing,
                floors,
            )
            self.folders.publish(submission)
        except PenaltyError as error:
            with suppress(OSError):
                self.folders.discard(submission)
            self.fail(submission, str(error), traceback.format_exc())
            return
        except (OSError, SQLAlchemyError, InvalidEntry, GradebookBusyError) as error:
            with suppress(OSError):
                self.folders.discard(submission)
            self.log.write("not_saved", student=submission.student, reason=str(error))
            if isinstance(error, OSError) and error.errno in _SUBMISSION_ERRNOS:
                self.fail(submission, f"its files cannot be copied: {error}")
                return
            full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise AutogradeError(
                f"{submission.student}'s grades cannot be saved: {'the disk is full' if full else error}"
            ) from error
        self.converter.run_post_convert_hook()
        if submission.student not in tally.quarantined:
            tally.graded[submission.student] = outcome.seconds
        if outcome.manual:
            tally.manual.append(submission.student)
        self._report(submission, outcome, penalty)

    def fail(self, submission: Submission, why: str, details: str = "") -> None:
        """Notes that a submission cannot be graded."""
        self.tally.failed[submission.student] = why
        self.log.write("failed", student=submission.student, reason=why, details=details)
        self.display.line(f"{submission.student}: failed: {why}", style="red")

    def _first_penalty(self, submission: Submission, task: Task, outcome: Outcome) -> float:
        scores = [notebook.grades.score for notebook in outcome.notebooks.values()]
        assignment = self.converter.coursedir.assignment_id
        return self.records.first_penalty(assignment, submission.student, task.timestamp, scores)

    def _keep(self, submission: Submission, found: Regrade) -> None:
        """Says what a student would lose."""
        self.tally.kept[submission.student] = "; ".join(map(str, found.lower))
        cells = {"/".join(change.cell): [change.before, change.after] for change in found.lower}
        self.log.write("kept", student=submission.student, cells=cells)

    def _report(self, submission: Submission, outcome: Outcome, penalty: float) -> None:
        student, tally = submission.student, self.tally
        is_quarantined = student in tally.quarantined
        self.log.write(
            "quarantined" if is_quarantined else "graded",
            student=student,
            score=round(outcome.score, 6),
            points=outcome.points,
            penalty=round(penalty, 6),
            seconds=round(outcome.seconds, 3),
            manual=outcome.manual,
            cells={
                name: {grade.name: grade.score for grade in notebook.grades.cells}
                for name, notebook in outcome.notebooks.items()
            },
            missing=list(outcome.missing),
            files={
                name: found.grades.file for name, found in outcome.notebooks.items() if found.grades.file is not None
            },
            reason=tally.quarantined.get(student, ""),
            warnings=list(outcome.warnings),
        )
        if is_quarantined:
            self.display.line(f"{student}: quarantined: {tally.quarantined[student]}", style="red")
            return
        names = ", ".join(found.grades.file for found in outcome.notebooks.values() if found.grades.file is not None)
        handed_in_as = f", handed in as {names}" if names else ""
        by_hand = f", {outcome.manual} to grade by hand" if outcome.manual else ""
        self.display.line(
            f"[{tally.done}/{tally.total}] {student}: {outcome.score:g} of {outcome.points:g}"
            f" in {outcome.seconds:.1f} s{taken_off(penalty)}{by_hand}{handed_in_as}",
            is_news=False,
        )
