"""The released structure comes back, whatever a student did to the cells."""

import copy
from collections.abc import Callable

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.grading.repair import NOTICE_KEY, ReleasedCell, grade_id_of, repair


def meta(grade_id: str, *, grade: bool = False, solution: bool = False) -> dict[str, object]:
    found = {"grade_id": grade_id, "grade": grade, "solution": solution, "locked": not solution, "schema_version": 3}
    return found | ({"points": 5} if grade else {})


def released() -> list[ReleasedCell]:
    def fixed(name: str, cell_id: str, source: str, *, grade: bool) -> ReleasedCell:
        return ReleasedCell(name, cell_id, "code", {"nbgrader": meta(name, grade=grade)}, source, True)

    def answer(name: str, cell_id: str) -> ReleasedCell:
        return ReleasedCell(name, cell_id, "code", {"nbgrader": meta(name, solution=True)}, "STUB", False)

    return [
        fixed("setup", "setup", "import torch", grade=False),
        answer("outer_answer", "outer-answer"),
        fixed("outer", "outer", 'check("outer")', grade=True),
        answer("norm_answer", "norm-answer"),
        fixed("norm", "norm", 'check("norm")', grade=True),
    ]


def handed_in() -> NotebookNode:
    cells = [new_markdown_cell("# Title", id="title")]
    for given in released():
        source = given.source if given.is_fixed else f"def {given.grade_id}(): ..."
        cells.append(new_code_cell(source, id=given.cell_id, metadata=copy.deepcopy(dict(given.metadata))))
    return new_notebook(cells=cells)


ORDER = [None, "setup", "outer_answer", "outer", "norm_answer", "norm"]


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if grade_id_of(cell) == name)


def test_an_honest_notebook_is_left_alone() -> None:
    notebook = handed_in()
    before = copy.deepcopy(notebook)
    assert repair(notebook, released()) == []
    assert notebook == before


@pytest.mark.parametrize("name", ["setup", "outer", "norm"])
def test_a_deleted_fixed_cell_returns_to_its_place(name: str) -> None:
    notebook = handed_in()
    notebook.cells = [cell for cell in notebook.cells if grade_id_of(cell) != name]
    assert repair(notebook, released())
    names = [grade_id_of(cell) for cell in notebook.cells]
    assert [found for found in names if found is not None] == ORDER[1:]


def test_a_notebook_without_any_cell_gets_its_fixed_cells_in_order() -> None:
    notebook = new_notebook()
    repair(notebook, released())
    assert [grade_id_of(cell) for cell in notebook.cells] == ["setup", "outer", "norm"]
    assert NOTICE_KEY in cell_of(notebook, "outer").metadata


def test_a_deleted_answer_is_not_put_back_over_the_student_s_own() -> None:
    notebook = handed_in()
    notebook.cells = [cell for cell in notebook.cells if grade_id_of(cell) != "outer_answer"]
    repair(notebook, released())
    assert "outer_answer" not in [grade_id_of(cell) for cell in notebook.cells]


def test_copies_become_plain_cells() -> None:
    notebook = handed_in()
    notebook.cells = [twin for cell in notebook.cells for twin in (cell, copy.deepcopy(cell))]
    repair(notebook, released())
    names = [grade_id_of(cell) for cell in notebook.cells if grade_id_of(cell)]
    assert names == ORDER[1:]
    assert len(notebook.cells) == 12
    assert all("nbgrader" not in cell.metadata for cell in notebook.cells if grade_id_of(cell) is None)


def raise_points(cell: NotebookNode) -> None:
    cell.metadata.nbgrader["points"] = 100


def skip(cell: NotebookNode) -> None:
    cell.metadata["tags"] = ["skip-execution", "raises-exception"]


def rewrite(cell: NotebookNode) -> None:
    cell.source = "print('10')"


def unlock(cell: NotebookNode) -> None:
    cell.metadata.nbgrader.update(locked=False, solution=True)


def damage_metadata(cell: NotebookNode) -> None:
    cell.metadata.nbgrader = {"grade_id": "outer", "points": [], "schema_version": "one"}


def retype(cell: NotebookNode) -> None:
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


@pytest.mark.parametrize("tamper", [raise_points, skip, rewrite, unlock, damage_metadata, retype])
def test_a_tampered_check_cell_is_set_back(tamper: Callable[[NotebookNode], None]) -> None:
    notebook = handed_in()
    tamper(cell_of(notebook, "outer"))
    repair(notebook, released())
    cell = cell_of(notebook, "outer")
    assert (cell.cell_type, cell.source) == ("code", 'check("outer")')
    assert cell.metadata == {"nbgrader": meta("outer", grade=True)}


def test_a_retyped_answer_is_code_again_with_the_student_s_source() -> None:
    notebook = handed_in()
    retype(cell_of(notebook, "outer_answer"))
    repair(notebook, released())
    cell = cell_of(notebook, "outer_answer")
    assert (cell.cell_type, cell.source) == ("code", "def outer_answer(): ...")


def test_a_cell_that_claims_to_be_graded_and_is_not_loses_the_claim() -> None:
    notebook = handed_in()
    notebook.cells.append(new_code_cell("5", metadata={"nbgrader": meta("bonus", grade=True)}))
    notebook.cells.append(new_code_cell("5", metadata={"nbgrader": "not a dict"}))
    repair(notebook, released())
    assert all("nbgrader" not in cell.metadata for cell in notebook.cells[-2:])


def test_cells_without_their_metadata_are_recognised() -> None:
    notebook = handed_in()
    for cell in notebook.cells:
        cell.metadata = {}
    cell = notebook.cells[3]
    cell.id = "changed"  # recognised by what it checks; the others by their ids
    repair(notebook, released())
    assert [grade_id_of(cell) for cell in notebook.cells] == ORDER


def test_a_check_moved_before_its_answer_goes_behind_it() -> None:
    notebook = handed_in()
    notebook.cells.insert(0, notebook.cells.pop(3))
    repair(notebook, released())
    assert [grade_id_of(cell) for cell in notebook.cells] == ORDER


def test_a_student_cannot_write_notices() -> None:
    notebook = handed_in()
    cell_of(notebook, "outer").metadata[NOTICE_KEY] = "full marks"
    repair(notebook, released())
    assert NOTICE_KEY not in cell_of(notebook, "outer").metadata
