"""What `grader autograde --dry-run` says: whose points would change, and by which check."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.batch.progress import Display
from grader.batch.regrading import Regrade
from grader.batch.tasks import Outcome


@dataclass
class Preview:
    """What grading would come to.

    Attributes:
        regrades: by student.
        new: for each student who has no grade yet, the points and what could be had.
        by_hand: cells that would wait for a person, by student.
    """

    regrades: dict[str, Regrade] = field(default_factory=dict)
    new: dict[str, tuple[float, float]] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)

    def note(self, student: str, outcome: Outcome, found: Regrade | None) -> None:
        """Takes note of a submission; `found` is None where it was never graded."""
        if found is None:
            self.new[student] = (outcome.score, outcome.points)
        else:
            self.regrades[student] = found
        if outcome.manual:
            self.by_hand[student] = outcome.manual

    def summary(self, display: Display) -> None:
        """Says whose points would change, by which check; who would be graded for the first time; and how many."""
        tally = display.tally
        changed = {student: found for student, found in sorted(self.regrades.items()) if found.changes}
        for student, found in changed.items():
            again = ", handed in again" if found.is_new else ""
            keeps = "; would be kept without --allow-lower" if student in tally.kept else ""
            style = "red" if found.after < found.before else "green"
            display.line(
                f"{student}: {found.before:g} → {found.after:g} of {found.points:g}{again}{keeps}", style=style
            )
            for change in found.changes:
                display.line(f"    {change}")
        for student, (score, points) in sorted(self.new.items()):
            display.line(f"{student}: not graded yet, would get {score:g} of {points:g}")
        if self.by_hand:
            display.line(f"to grade by hand: {', '.join(sorted(self.by_hand))}")
        for title, told in (("failed", tally.failed), ("quarantined", tally.quarantined)):
            for student, why in sorted(told.items()):
                display.line(f"{title}: {student}: {why}", style="red")
        up = sum(found.after > found.before for found in changed.values())
        down = sum(found.after < found.before for found in changed.values())
        display.line(
            f"points would change for {len(changed)} of {len(self.regrades)}: {up} up, {down} down;"
            f" {len(self.new)} would be graded for the first time, {tally.skipped} unchanged; nothing was written"
        )
