"""Putting the released structure back into a submitted notebook: its graded and locked cells, as they were given."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nbformat.notebooknode import NotebookNode

from grader.grading.submissions import grade_id_in, new_cell
from grader.kit.cells import exercise_checked
from grader.kit.messages import Message, tr

NOTICE_KEY: Final = "aulatorch_notice"
"""In a cell's metadata: the text of a notice for its panel, between repair and grading."""


@dataclass(frozen=True)
class ReleasedCell:
    """One of nbgrader's cells as it was released.

    Attributes:
        grade_id: its name.
        cell_id: its nbformat id.
        cell_type: ``code`` or ``markdown``.
        metadata: all of its metadata, nbgrader's included.
        source: as released.
        is_fixed: graded or locked, so that students may not change it.
    """

    grade_id: str
    cell_id: str
    cell_type: str
    metadata: Mapping[str, Any]
    source: str
    is_fixed: bool


def repair(notebook: NotebookNode, released: Sequence[ReleasedCell]) -> list[Message]:
    """Repairs a submitted notebook in place.

    Every cell that nbgrader knows gets back its metadata (points, type, tags); fixed cells get back their source
    and their place after the cell they check; lost ones return, copies become plain cells, and what claims to be
    graded and is not loses the claim.

    Args:
        notebook: well-formed, from `read_submission`.
        released: nbgrader's cells in the order of the released notebook.

    Returns:
        What was repaired, for the student.
    """
    known = {cell.grade_id: cell for cell in released}
    _adopt(notebook, released)
    _drop_claims(notebook, known)
    notices = _reset(notebook, known)
    notices += _restore(notebook, released)
    _reorder(notebook, released)
    return notices


def grade_id_of(cell: NotebookNode) -> str | None:
    """The name under which nbgrader knows a cell."""
    return grade_id_in(cell.metadata)


def _adopt(notebook: NotebookNode, released: Sequence[ReleasedCell]) -> None:
    """Finds nbgrader's cells that lost their metadata, by their id or by the exercise they check."""
    present = {grade_id_of(cell) for cell in notebook.cells}
    for lost in released:
        if lost.grade_id in present:
            continue
        exercise = exercise_checked(lost.source) if lost.is_fixed else None
        for cell in notebook.cells:
            same_id = cell.id == lost.cell_id
            same_check = exercise is not None and exercise_checked(cell.source) == exercise
            if grade_id_of(cell) is None and (same_id or same_check):
                cell.metadata["nbgrader"] = {"grade_id": lost.grade_id}
                break


def _drop_claims(notebook: NotebookNode, known: Mapping[str, ReleasedCell]) -> None:
    """Takes nbgrader's metadata from cells that it does not know, and from all but the last copy of one it does."""
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        cell.metadata.pop(NOTICE_KEY, None)
        name = grade_id_of(cell)
        if name is not None and name in known and name not in seen:
            seen.add(name)
        else:
            cell.metadata.pop("nbgrader", None)


def _reset(notebook: NotebookNode, known: Mapping[str, ReleasedCell]) -> list[Message]:
    changed = False
    for index, cell in enumerate(notebook.cells):
        name = grade_id_of(cell)
        if name is None:
            continue
        given = known[name]
        source = given.source if given.is_fixed else cell.source
        changed |= given.is_fixed and (cell.source != source or cell.cell_type != given.cell_type)
        notebook.cells[index] = made(given, source, cell.id)
        if given.cell_type == "markdown" and "attachments" in cell:
            notebook.cells[index].attachments = cell.attachments
    return [tr("Cells that may not be changed were set back to how they were given.")] if changed else []


def _restore(notebook: NotebookNode, released: Sequence[ReleasedCell]) -> list[Message]:
    present = {grade_id_of(cell) for cell in notebook.cells}
    restored = 0
    for position, lost in enumerate(released):
        if not lost.is_fixed or lost.grade_id in present:
            continue
        cell = made(lost, lost.source, lost.cell_id if all(c.id != lost.cell_id for c in notebook.cells) else None)
        if exercise_checked(lost.source) is not None:
            cell.metadata[NOTICE_KEY] = PUT_BACK.text
        notebook.cells.insert(_place(notebook, released, position), cell)
        present.add(lost.grade_id)
        restored += 1
    return [tr("{n} deleted cells were put back.", n=restored)] if restored else []


PUT_BACK: Final = tr("This check cell had been deleted; it was put back.")


def _place(notebook: NotebookNode, released: Sequence[ReleasedCell], position: int) -> int:
    """Where a lost cell belongs: after the nearest cell that stood before it, or else before the next one."""
    indices = {grade_id_of(cell): index for index, cell in enumerate(notebook.cells)}
    for earlier in reversed(released[:position]):
        if earlier.grade_id in indices:
            return indices[earlier.grade_id] + 1
    return 0


def _reorder(notebook: NotebookNode, released: Sequence[ReleasedCell]) -> None:
    """Moves a check cell that stands before its exercise's answer to behind it."""
    for position, fixed in enumerate(released):
        if not fixed.is_fixed or position == 0:
            continue
        indices = {grade_id_of(cell): index for index, cell in enumerate(notebook.cells)}
        before = released[position - 1].grade_id
        here, there = indices.get(fixed.grade_id), indices.get(before)
        if here is not None and there is not None and here < there:
            cell = notebook.cells.pop(here)
            notebook.cells.insert(there, cell)


def made(given: ReleasedCell, source: str, cell_id: str | None) -> NotebookNode:
    """A released cell with a source and, where there is one, an id."""
    cell = new_cell(given.cell_type, source, copy.deepcopy(dict(given.metadata)))
    if cell_id is not None:
        cell.id = cell_id
    return cell
