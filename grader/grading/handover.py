"""What the steps tell each other about the notebook at hand: one record, under one key of nbgrader's `resources`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from grader.kit.messages import Message

_KEY: Final = "aulatorch"


@dataclass(frozen=True)
class CellGrade:
    """What becomes of a graded cell in the gradebook."""

    name: str
    score: float | None
    needs_manual_grade: bool


@dataclass(frozen=True)
class NotebookGrades:
    """What the gradebook is to hold of an autograded notebook.

    Attributes:
        cells: its graded cells.
        comments: nbgrader's automatic ones, by cell.
        points: its graded cells' maximum, together.
        file: what it was handed in as, where that is not its name.
        undecided: why a person must look at it, if that is so.
    """

    cells: tuple[CellGrade, ...]
    comments: Mapping[str, str | None]
    points: float
    file: str | None = None
    undecided: str | None = None

    @property
    def score(self) -> float:
        """The points that are not left to a person."""
        return sum(cell.score or 0.0 for cell in self.cells)


@dataclass
class Handover:
    """What is known of a notebook, from opening it to noting its grades.

    Attributes:
        refused: why nothing of the submission was read, if that is so.
        stripped: the files whose outputs were left out, because with them they are too large.
        seconds: for the notebook, where they are fewer than the course's setting.
        is_first_round: whether one that needs more is to be put off.
        file: the file that is graded as this notebook, by its path in what was handed in.
        notices: what had to be repaired, for the student.
        is_unreadable: whether there is no notebook in the file.
        undecided: why a person must look at it, if that is so.
        grades: what the gradebook is to hold, where a step notes it in place of saving it.
    """

    refused: Message | None = None
    stripped: tuple[str, ...] = ()
    seconds: float | None = None
    is_first_round: bool = False
    file: str | None = None
    notices: tuple[Message, ...] = ()
    is_unreadable: bool = False
    undecided: Message | None = None
    grades: NotebookGrades | None = None

    def put_in(self, resources: Any) -> None:
        """Makes this what the steps find in `resources`."""
        resources[_KEY] = self

    @classmethod
    def of(cls, resources: Any) -> Handover:
        """What is known so far of the notebook that `resources` are of."""
        found: Handover = resources.setdefault(_KEY, cls())
        return found
