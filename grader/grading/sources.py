"""The course behind the notebook at hand, as nbgrader's configuration and gradebook have it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from grader.grading.cells import check_cells
from grader.grading.examination import source_path
from grader.grading.repair import ReleasedCell
from grader.settings import AulaTorch


def settings_of(configurable: Any) -> AulaTorch:
    """The course's settings, as nbgrader's configuration and command line give them."""
    return AulaTorch(parent=configurable)


def coursedir_of(configurable: Any) -> CourseDirectory:
    """nbgrader's, of the converter that `configurable` works for."""
    parent = configurable
    while parent is not None:
        if isinstance(parent, BaseConverter) and parent.coursedir is not None:
            return parent.coursedir
        parent = getattr(parent, "parent", None)
    return CourseDirectory(parent=configurable)


def source_notebook(configurable: Any, resources: Mapping[str, Any]) -> NotebookNode | None:
    """The instructor's notebook for the one at hand, or None where the course has no such file."""
    names = resources["nbgrader"]
    path = source_path(coursedir_of(configurable), names["assignment"], names["notebook"])
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> NotebookNode:  # noqa: ARG001 - the cache's key
    """A notebook that nobody changes: each submission asks for it several times."""
    return nbformat.read(path, as_version=4)


def source_notebooks(course: CourseDirectory) -> list[Path]:
    """The instructor's notebooks of an assignment."""
    folder = Path(course.root, course.format_path(course.source_directory, ".", course.assignment_id))
    return [path for path in sorted(folder.glob("*.ipynb")) if path.is_file()]


def has_checks(notebook: NotebookNode | None) -> bool:
    """Whether a notebook has a check cell of ours."""
    return notebook is not None and bool(check_cells(notebook))


def names_with_checks(course: CourseDirectory) -> list[str]:
    """The names of an assignment's notebooks that have checks of ours."""
    found = source_notebooks(course)
    return [path.stem for path in found if has_checks(_read(path, path.stat().st_mtime_ns))]


def released_notebooks(configurable: Any, resources: Mapping[str, Any]) -> dict[str, list[ReleasedCell]]:
    """The released cells of each notebook of an assignment that the course has the source of."""
    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as gradebook:
        names = [notebook.name for notebook in gradebook.find_assignment(about["assignment"]).notebooks]
    found = {}
    for name in names:
        each = {"nbgrader": {**about, "notebook": name}}
        source = source_notebook(configurable, each)
        if source is not None:
            found[name] = released_cells(source, each)
    return found


def released_cells(source: NotebookNode, resources: Mapping[str, Any]) -> list[ReleasedCell]:
    """nbgrader's cells in the order of the source notebook, with what the gradebook says of each."""
    names = resources["nbgrader"]
    found = []
    with Gradebook(names["db_url"]) as gradebook:
        for cell in source.cells:
            meta = cell.metadata.get("nbgrader", {})
            grade_id = meta.get("grade_id")
            if not grade_id:
                continue
            try:
                stored = gradebook.find_source_cell(grade_id, names["notebook"], names["assignment"])
            except MissingEntry:
                continue  # added to the source after the release
            nbgrader_metadata = {**meta, "checksum": stored.checksum, "cell_type": stored.cell_type}
            if meta.get("grade"):
                graded = gradebook.find_graded_cell(grade_id, names["notebook"], names["assignment"])
                nbgrader_metadata["points"] = graded.max_score
            is_fixed = bool(stored.locked)
            metadata: dict[str, Any] = {"nbgrader": nbgrader_metadata}
            if is_fixed:
                metadata |= {"deletable": False, "editable": False}
            found.append(ReleasedCell(grade_id, cell.id, stored.cell_type, metadata, stored.source, is_fixed))
    return found
