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
        new: for each student who has no grade yet, the points, those that are taken off them for handing in late, and
            what could be had.
        by_hand: cells that would wait for a person, by student.
    """

    regrades: dict[str, Regrade] = field(default_factory=dict)
    new: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)

    def note(self, outcome: Outcome, found: Regrade) -> None:
        """Takes note of a submission that was graded before."""
        self.regrades[outcome.student] = found
        self._note_by_hand(outcome)

    def note_first(self, outcome: Outcome, penalty: float) -> None:
        """Takes note of one that was never graded, and would lose `penalty` points for being late."""
        self.new[outcome.student] = (outcome.score, penalty, outcome.points)
        self._note_by_hand(outcome)

    def _note_by_hand(self, outcome: Outcome) -> None:
        if outcome.manual:
            self.by_hand[outcome.student] = outcome.manual

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
        for student, (score, penalty, points) in sorted(self.new.items()):
            display.line(f"{student}: not graded yet, would get {score:g} of {points:g}{taken_off(penalty)}")
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


def taken_off(penalty: float) -> str:
    """What is said beside a score of the points that are taken off it; nothing where there are none."""
    return f", less {penalty:g} for handing in late" if penalty else ""
