"""The check cells of a notebook that nbgrader grades."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode

from grader.check_cells import exercise_checked


def check_cells(notebook: NotebookNode) -> dict[str, int]:
    """The position of each exercise's check cell, in the notebook's order, whether there are checks of it or not.

    Args:
        notebook: after nbgrader's sanitizers, so that its graded cells are the released ones.
    """
    found: dict[str, int] = {}
    for index, cell in enumerate(notebook.cells):
        exercise = exercise_graded(cell)
        if exercise is not None:
            found.setdefault(exercise, index)
    return found


def exercise_graded(cell: NotebookNode) -> str | None:
    """The exercise of a graded check cell; None for any other cell."""
    if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
        return exercise_checked(cell.source)
    return None
