"""Cells that only show something are not run while grading, unless something that runs needs what they bind."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import CourseError
from grader.devkit.answers import assignments, policy_of, solution
from grader.grading.core import grade_notebook
from grader.grading.names import Names, names_in
from grader.grading.showing import TAG, seal, set_aside_shown
from grader.sandbox.zygote import Zygote

NAMES = [
    ("x = y", {"x"}, {"y"}),
    ("y = 1\nx = y", {"x", "y"}, set()),
    ("x = x + 1", {"x"}, {"x"}),
    ("x += 1", {"x"}, {"x"}),
    ("x[0] = 1", set(), {"x"}),
    ("x.a.b = 1", set(), {"x"}),
    ("import a.b as c, d.e\nfrom f import g", {"c", "d", "g"}, set()),
    ("def f(x, y=z):\n    return x + w", {"f"}, {"z", "w"}),
    ("w = 1\ndef f(x):\n    return x + w", {"f", "w"}, set()),
    ("def f():\n    global k\n    k = 1", {"f", "k"}, set()),
    ("@d\nclass A(B):\n    a = c\n    def m(self):\n        return q", {"A"}, {"d", "B", "c", "q"}),
    ("[f(v) for v in data if g]", set(), {"f", "data", "g"}),
    ("h = lambda q: q + r", {"h"}, {"r"}),
    ("for i in n:\n    t = i\nprint(t)", {"i", "t"}, {"n", "print", "t"}),
    ("with a as b:\n    c = b\nd = c", {"b", "c", "d"}, {"a"}),
    ("try:\n    v = 1\nexcept E as e:\n    u = e", {"v", "e", "u"}, {"E"}),
    ("match s:\n    case [p, *_]:\n        t = p", {"p", "t"}, {"s"}),
    ("(a := b)", {"a"}, {"b"}),
    ("del x", set(), {"x"}),
    ("this is no Python", set(), set()),
    ("%matplotlib inline\nx = y", {"x"}, {"y"}),
    ("%%time\nx = y", {"x"}, {"y"}),
]


@pytest.mark.parametrize(("source", "binds", "needs"), NAMES)
def test_the_names_that_a_cell_binds_and_needs(source: str, binds: set[str], needs: set[str]) -> None:
    found = names_in(source)
    assert found.needs == needs
    assert found.binds - found.needs == binds - needs
    assert not found.is_open


@pytest.mark.parametrize(
    "source",
    [
        "eval('x')",
        "def f():\n    return globals()['x']",
        "from m import *",
        "import __main__",
        "%timeit f(x)",
        "!echo {x}",
        "files = !ls {x}",
        "%%bash\necho $x",
        "x?",
        "Out[3]",
    ],
)
def test_a_cell_that_may_use_any_name(source: str) -> None:
    assert names_in(source).is_open


def test_a_cell_that_is_no_python_does_nothing() -> None:
    assert names_in("x = (") == Names()


def notebook(*cells: str) -> NotebookNode:
    """Those that begin with ``#!`` are tagged."""
    made = [new_code_cell(source, metadata={"tags": [TAG]} if source.startswith("#!") else {}) for source in cells]
    return new_notebook(cells=made)


def sealed(*cells: str) -> NotebookNode:
    made = notebook(*cells)
    seal(made, "hw.ipynb")
    return made


def test_a_released_cell_has_a_digest_in_place_of_its_tag() -> None:
    made = sealed("a = 1", "#! shows\nprint(a)")
    assert "tags" not in made.cells[1].metadata
    assert set_aside_shown(made, "en") == {1}
    assert "not run while grading" in made.cells[1].outputs[0].text
    assert made.cells[0].outputs == []


def test_what_a_student_changed_is_run() -> None:
    made = sealed("a = 1", "#! shows\nprint(a)", "#! shows too\nb = 2")
    made.cells[1].source += "\na = 3"
    assert set_aside_shown(made, "en") == {2}


def test_what_a_student_s_cell_needs_is_run_and_what_that_needs() -> None:
    made = sealed("a = 1", "#!\ndata = [a]", "#!\nmore = data + data", "#!\nother = data")
    made.cells.append(new_code_cell("def f(x, other):\n    return x + more + other"))
    assert set_aside_shown(made, "en") == {3}


def test_all_is_run_where_a_student_s_cell_may_use_any_name() -> None:
    made = sealed("a = 1", "#!\ndata = [a]")
    made.cells.append(new_code_cell("print(eval('data'))"))
    assert set_aside_shown(made, "en") == set()


def test_a_tag_on_what_another_cell_needs_is_refused() -> None:
    made = notebook("a = 1", "#! data\ndata = [a]", "print(data)")
    with pytest.raises(CourseError, match=r"hw.ipynb, the cell that begins with '#! data'.*'print\(data\)' needs data"):
        seal(made, "hw.ipynb")


@pytest.mark.parametrize(
    "cell",
    [
        new_markdown_cell("Text", metadata={"tags": [TAG]}),
        new_code_cell("x = 1", metadata={"tags": [TAG], "nbgrader": {"grade_id": "x_answer"}}),
        new_code_cell('check("x")', metadata={"tags": [TAG]}),
    ],
)
def test_a_tag_on_another_kind_of_cell_is_refused(cell: NotebookNode) -> None:
    with pytest.raises(CourseError, match="only a code cell"):
        seal(new_notebook(cells=[cell]), "hw.ipynb")


@pytest.mark.slow
@pytest.mark.parametrize("assignment", assignments())
def test_answers_of_ours_are_graded_alike_without_what_only_shows(assignment: str, zygote: Zygote) -> None:
    made = solution(assignment)
    seal(made, f"{assignment}.ipynb")
    policy = policy_of(assignment, seed=7)
    graded = grade_notebook(nbformat.writes(made).encode(), policy, zygote=zygote)
    assert all(result.passed for result in graded.exercises)
    cells = nbformat.reads(graded.notebook.decode(), as_version=4).cells
    shown = [cell for cell in cells if "aulatorch_only_shows" in cell.metadata]
    assert len(shown) > 10
    assert all("not run while grading" in cell.outputs[0].text for cell in shown)
