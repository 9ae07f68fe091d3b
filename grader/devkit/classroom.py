"""A class of students who hand in what real classes hand in: perfect, partial, untouched and broken notebooks."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.devkit.answers import CHECKS, ROOT, answers, exercises, solution
from grader.evidence.answers import answered
from grader.kit.cells import exercise_checked

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True)
class Classmate:
    """One student and what they hand in.

    Attributes:
        name: nbgrader's student id.
        what: what is special about the submission.
        content: the notebook file.
        files: other files beside it.
    """

    name: str
    what: str
    content: bytes
    files: tuple[tuple[str, str], ...] = ()


def copy_course(folder: Path, *, assignment: str, language: str = "es") -> None:
    """Copies what a course needs into an empty folder: its settings, one assignment's source and its checks."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    config = folder / "course_config.py"
    text = config.read_text().replace('language = "es"', f'language = "{language}"')
    config.write_text(text.replace('checks_directory = "grader/checks"', 'checks_directory = "checks"'))
    shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
    leftovers = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKS / assignment, folder / "checks" / assignment, ignore=leftovers)


def hand_in(folder: Path, assignment: str, classmates: list[Classmate]) -> None:
    """Writes submissions into nbgrader's ``submitted`` folder."""
    for mate in classmates:
        target = folder / "submitted" / mate.name / assignment
        target.mkdir(parents=True)
        (target / f"{assignment}.ipynb").write_bytes(mate.content)
        for name, text in mate.files:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text)


def classroom(assignment: str, released: NotebookNode) -> list[Classmate]:
    """A class for an assignment.

    Args:
        assignment: its name.
        released: the notebook that students were given.
    """
    names = exercises(assignment)
    given = [answer for answer in answers(assignment) if answer.exercise in names]
    right = {answer.exercise: answer.source for answer in given if answer.is_right}
    wrong = [answer for answer in given if not answer.is_right]
    first = names[0]

    def submission(**changes: str) -> NotebookNode:
        return answered(released, right | changes)

    def edited(edit: Callable[[NotebookNode], None]) -> bytes:
        notebook = submission()
        edit(notebook)
        return as_bytes(notebook)

    partly = {answer.exercise: answer.source for answer in wrong[:: max(len(wrong) // 4, 1)]}
    return [
        Classmate("ada", "perfect: the reference solutions", as_bytes(with_solutions(assignment, released))),
        Classmate("blanca", "perfect, in other ways", as_bytes(submission())),
        Classmate("carmen", "a mistake in some exercises", as_bytes(submission(**partly))),
        Classmate("diego", "the first exercise only", as_bytes(answered(released, {first: right[first]}))),
        Classmate("elena", "untouched", as_bytes(released)),
        Classmate("fermin", "crashes: os._exit in the first answer", as_bytes(submission(**{first: "import os\nos._exit(0)"}))),
        Classmate("gala", "loops for ever in the first answer", as_bytes(submission(**{first: "while True:\n    pass"}))),
        Classmate("hugo", "not JSON at all", b"<html>sign in to download this notebook</html>"),
        Classmate("ines", "cut off in the middle", edited(lambda _: None)[: len(edited(lambda _: None)) * 2 // 3]),
        Classmate("jorge", "deleted every check cell", edited(delete_checks)),
        Classmate("karla", "duplicated every cell", edited(duplicate_cells)),
        Classmate("luis", "tagged the check cells skip-execution and raised their points", edited(retag_checks)),
        Classmate("marta", "floods the output", as_bytes(submission(**{first: f"for _ in range(10**9):\n    print('x' * 1000)\n{right[first]}"}))),
        Classmate("nico", "warns on stderr, raises SystemExit, deletes a variable", edited(noisy_cells)),
        Classmate("olga", "has a torch.py and a grader/ beside the notebook", as_bytes(submission()),
                  (("torch.py", "raise RuntimeError"), ("grader/__init__.py", "raise RuntimeError"))),
        Classmate("pablo", "an empty file", b""),
    ]  # fmt: skip


def as_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def with_solutions(assignment: str, released: NotebookNode) -> NotebookNode:
    """The released notebook with the reference solutions in its answer cells."""
    notebook = copy.deepcopy(released)
    sources = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in solution(assignment).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in sources:
            cell.source = sources[name]
    return notebook


def is_check(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and exercise_checked(cell.source) is not None


def delete_checks(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if not is_check(cell)]


def duplicate_cells(notebook: NotebookNode) -> None:
    doubled = []
    for cell in notebook.cells:
        twin = copy.deepcopy(cell)
        twin.id = f"{cell.id}-copy"[:64]
        doubled += [cell, twin]
    notebook.cells = doubled


def retag_checks(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if is_check(cell):
            cell.metadata["tags"] = ["skip-execution"]
            cell.metadata.nbgrader["points"] = 100


def noisy_cells(notebook: NotebookNode) -> None:
    setup = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    noise = [
        "import warnings, sys\nwarnings.warn('careful')\nprint('to stderr', file=sys.stderr)",
        "raise SystemExit",
        "leftover = 1\ndel leftover",
    ]
    notebook.cells[setup + 1 : setup + 1] = [new_code_cell(source) for source in noise]


def read_notebook(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def results_in(notebook: NotebookNode) -> dict[str, dict[str, object]]:
    """The results that grading left in a notebook, by exercise."""
    from grader.grading.core import read_result

    found = [read_result(cell) for cell in notebook.cells if cell.cell_type == "code"]
    return {str(result["exercise"]): result for result in found if result is not None}
