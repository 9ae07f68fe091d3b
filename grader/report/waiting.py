"""What waits for a person, why, and what settles it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from grader.command_line import ids_listed
from grader.kit.messages import Message, tr
from grader.report.collect import AssignmentReport, State, StudentReport
from grader.report.gradebook import Cell

_MOST_NAMED: Final = 20
"""Students that a command names; more are graded with the whole class."""


@dataclass(frozen=True)
class Waiting:
    """Students who wait for the same thing.

    Attributes:
        why: a sentence.
        cell: the cell that it is about; None where it is about whole submissions.
        students: who.
        links: the page of formgrader for each of them, where there is one.
        command: what to type; empty where a page settles it.
        page: of formgrader, for all of them.
    """

    why: str
    cell: Cell | None
    students: tuple[str, ...]
    links: tuple[str, ...]
    command: str = ""
    page: str = ""


def waiting_in(report: AssignmentReport, formgrader: str, *, is_anonymous: bool = False) -> list[Waiting]:
    """All that waits, most students first.

    Args:
        report: of a class.
        formgrader: its address.
        is_anonymous: whether no command may name a student.
    """
    formgrader = formgrader.rstrip("/")
    groups: dict[tuple[Cell | None, str, bool], list[StudentReport]] = {}
    for student in report.students:
        for cell, why, again in _reasons(student):
            groups.setdefault((cell, str(why), again), []).append(student)
    found = []
    for (cell, reason, again), students in groups.items():
        names = "STUDENT" if is_anonymous else ids_listed(student.student for student in students)
        command = f"grader autograde {shlex.quote(report.assignment)}"
        if again and len(students) <= _MOST_NAMED:
            command += f" --students {names if is_anonymous else shlex.quote(names)}"
        command += " --force" if again else ""
        pages = [student.pages.get(cell[0], "") if cell is not None else "" for student in students]
        page = f"{formgrader}/gradebook/{quote(report.assignment)}/{quote(cell[0])}/" if cell is not None else ""
        links = tuple(f"{formgrader}/submissions/{quote(page)}/" if page else "" for page in pages)
        is_by_page = cell is not None and not again
        found.append(
            Waiting(
                reason,
                cell,
                tuple(student.student for student in students),
                links,
                "" if is_by_page else command,
                page,
            )
        )
    return sorted(found, key=lambda group: -len(group.students))


def _reasons(student: StudentReport) -> list[tuple[Cell | None, Message, bool]]:
    """What a student waits for: the cell, the reason, and whether grading again can settle it."""
    found: list[tuple[Cell | None, Message, bool]] = []
    if student.state is State.UNGRADED:
        found.append((None, tr("Handed in, and not graded yet."), False))
    if student.is_outdated:
        found.append((None, tr("Handed in again, and not graded since."), False))
    if student.is_lost:
        found.append(
            (None, tr("The graded notebook is not there, or cannot be read: its mistakes are not counted."), True)
        )
    for cell in student.by_hand:
        exercise = student.exercises.get(cell)
        faults = exercise.undecided if exercise else []
        if cell in student.given_by_hand:
            found.append(
                (cell, tr("Graded by hand, and graded again since: see whether the points still hold."), False)
            )
        elif faults:
            titles = ", ".join(dict.fromkeys(check.title for check in faults))
            why = tr(
                "The grader could not decide: {checks} Repair the checks and grade again, or grade by hand.",
                checks=titles,
            )
            found.append((cell, why, True))
        else:
            found.append((cell, tr("A person gives the points."), False))
    return found
