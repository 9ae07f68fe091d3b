"""Cells of an instructor's notebook that only show something: graded notebooks do not run them without need.

An author tags such a cell `TAG`. When the assignment is generated, the released cell gets a digest of its source; while
that is what it was, the cell is not run in a graded notebook. What a student wrote, or changed, always is. So is a
tagged cell whose names another cell that runs needs, however far away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.check_cells import exercise_checked
from grader.course import CourseError
from grader.grading.names import names_in
from grader.kit.messages import tr

TAG: Final = "only-shows"
"""Of a cell in an instructor's notebook."""

_KEY: Final = "aulatorch_only_shows"
"""In a released cell's metadata: a digest of its source."""

_REMARK: Final = tr("(not run while grading: this cell only shows something)")


def seal(notebook: NotebookNode, name: str) -> None:
    """Puts a digest of its source into each tagged cell, in place of the tag.

    Args:
        notebook: as it is released, in its language.
        name: of its file.

    Raises:
        CourseError: a cell is tagged that a cell without the tag needs, or that nbgrader locks or grades.
    """
    marked = {index for index, cell in enumerate(notebook.cells) if TAG in cell.metadata.get("tags", [])}
    code = _code(notebook)
    for index in marked:
        cell = notebook.cells[index]
        if index not in code or "nbgrader" in cell.metadata:
            raise CourseError(f"{name}, {_called(cell)}: only a code cell that is not nbgrader's can be tagged {TAG!r}")
    for index, of in _needed(code, marked).items():
        needs = names_in(code[of]).needs & names_in(code[index]).binds
        raise CourseError(
            f"{name}, {_called(notebook.cells[index])}: it is tagged {TAG!r}, and {_called(notebook.cells[of])} needs"
            f" {', '.join(sorted(needs)) or 'names that it does not say'}: take the tag away"
        )
    for index in marked:
        cell = notebook.cells[index]
        cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != TAG]
        if not cell.metadata["tags"]:
            del cell.metadata["tags"]
        cell.metadata[_KEY] = _digest(cell.source)


def draws_figures(notebook: NotebookNode, figures: str) -> bool:
    """Whether a notebook's figures are drawn while it is graded.

    Args:
        notebook: to be graded.
        figures: the setting: ``always``, ``never``, or ``auto``, for those in which a person grades something.
    """
    if figures != "auto":
        return figures == "always"
    roles = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return any(role.get("task") or (role.get("grade") and role.get("solution")) for role in roles)


def set_aside_shown(notebook: NotebookNode, language: str) -> set[int]:
    """Says in the outputs of those cells that are not to be run that they were not.

    Args:
        notebook: as it was handed in.
        language: to say it in.

    Returns:
        Their positions.
    """
    code = _code(notebook)
    cells = {index: notebook.cells[index] for index in code}
    sealed = {index: cell for index, cell in cells.items() if cell.metadata.get(_KEY) == _digest(cell.source)}
    marked = {index for index, cell in sealed.items() if "nbgrader" not in cell.metadata}
    unneeded = marked - _needed(code, marked).keys()
    for index in unneeded:
        text = f"{_REMARK.render(language)}\n"
        notebook.cells[index].outputs = [new_output("stream", name="stdout", text=text)]
    return unneeded


def _code(notebook: NotebookNode) -> dict[int, str]:
    """The sources of the code cells that are run; a check cell needs nothing."""
    return {
        index: cell.source
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and exercise_checked(cell.source) is None
    }


def _needed(code: Mapping[int, str], marked: Iterable[int]) -> dict[int, int]:
    """Those of the marked cells that have to run, each with a cell that needs it."""
    left = set(marked)
    running = [index for index in code if index not in left]
    needed: dict[int, int] = {}
    while running:
        user = running.pop()
        for index in sorted(left):
            if _needs(code[user], code[index]):
                left.remove(index)
                needed[index] = user
                running.append(index)
    return needed


def _needs(user: str, cell: str) -> bool:
    names = names_in(user)
    return names.is_open or not names.needs.isdisjoint(names_in(cell).binds)


def _digest(source: str) -> str:
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:16]


def _called(cell: NotebookNode) -> str:
    """How a person finds a cell: by its name, or by its first line."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return f"cell {name!r}" if name else f"the cell that begins with {cell.source.strip().split(chr(10))[0]!r}"
