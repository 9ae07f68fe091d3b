"""A course with one small assignment of its own, whose checks lie outside the package: graded in a second a student."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.devkit.answers import ROOT

ASSIGNMENT = "warmup"

RIGHT = {"double": "def double(x):\n    return 2 * x", "count": "def count(items):\n    return len(items)"}
WRONG = {"double": "def double(x):\n    return x + 2", "count": "def count(items):\n    return 1"}

CONFIG = """\
from grader.configure import configure

c = get_config()
configure(c)
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.db_url = "sqlite:///{database}"
c.AulaTorch.language = "en"
c.AulaTorch.cell_timeout = 5.0
c.AulaTorch.call_timeout = 5.0
"""

VISIBLE = """\
import torch
from grader.kit import assert_close, assert_equal, exercise


@exercise("double")
def test_double(student):
    \"\"\"Twice a tensor.\"\"\"
    assert_close(student.double(torch.tensor([1.0, 2.0, 5.0])), torch.tensor([2.0, 4.0, 10.0]))


@exercise("count")
def test_count(student):
    \"\"\"The number of items.\"\"\"
    assert_equal(student.count([1, 2, 3]), 3)
"""

HIDDEN = """\
from grader.kit import assert_close, exercise


@exercise("double", weight=3)
def test_double_of_anything(student, rng):
    \"\"\"Twice any tensor.\"\"\"
    x = rng.normal(4)
    assert_close(student.double(x), x + x)
"""


def make_course(folder: Path, extra: str = "") -> None:
    """Makes the course, its assignment generated.

    Args:
        folder: where to; it exists, and may have files of its own.
        extra: more lines of configuration.
    """
    template = Path(_template().name)
    shutil.copytree(template, folder, dirs_exist_ok=True)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(template), str(folder)) + extra)


@cache
def _template() -> tempfile.TemporaryDirectory[str]:
    """The course, made once."""
    made = tempfile.TemporaryDirectory(prefix="warmup-")
    folder = Path(made.name)
    checks = folder / "checks" / ASSIGNMENT
    checks.mkdir(parents=True)
    (checks / "visible.py").write_text(VISIBLE)
    (checks / "hidden.py").write_text(HIDDEN)
    (folder / "nbgrader_config.py").write_text(CONFIG.format(database=folder / "gradebook.db"))
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(_source(), source / f"{ASSIGNMENT}.ipynb")
    run(folder, "nbgrader", "generate_assignment", ASSIGNMENT)
    return made


def _source() -> NotebookNode:
    cells = [new_markdown_cell("# Warming up"), new_code_cell("import torch\nfrom grader import check")]
    for name, points in (("double", 8), ("count", 2)):
        answer = f"### BEGIN SOLUTION\n{RIGHT[name]}\n### END SOLUTION"
        cells.append(_cell(answer, f"{name}_answer", solution=True, locked=False))
        cells.append(_cell(f'check("{name}")', name, grade=True, locked=True, points=points))
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def _cell(source: str, name: str, **flags: Any) -> NotebookNode:
    meta = {"grade_id": name, "schema_version": 3, "grade": False, "solution": False, "task": False} | flags
    return new_code_cell(source, metadata={"nbgrader": meta})


def released(folder: Path) -> NotebookNode:
    """The notebook that students get."""
    return nbformat.read(folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def hand_in(folder: Path, student: str, answers: dict[str, str] | None = None, *, content: bytes | None = None) -> None:
    """Hands in answers, or whatever bytes."""
    if content is None:
        notebook = released(folder)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_answer")
            if cell.metadata.get("nbgrader", {}).get("solution") and name in (answers or {}):
                cell.source = (answers or {})[name]
        content = nbformat.writes(notebook).encode()
    target = folder / "submitted" / student / ASSIGNMENT
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{ASSIGNMENT}.ipynb").write_bytes(content)


def command(program: str, *arguments: str) -> list[str]:
    """A command line for nbgrader or for ours."""
    module = {"nbgrader": "nbgrader", "grader": "grader.cli"}[program]
    return [sys.executable, "-m", module, *arguments]


def environment(folder: Path) -> dict[str, str]:
    """With the course's folder on Python's path: a course may have steps of its own."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}


def run(folder: Path, program: str, *arguments: str, code: int = 0) -> str:
    """Runs a command in the course's folder; returns what it printed."""
    done = subprocess.run(
        command(program, *arguments),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def events(folder: Path, kind: str | None = None, assignment: str = ASSIGNMENT) -> list[dict[str, Any]]:
    """The events in the log of `grader autograde`, of one kind or of all."""
    path = folder / f"autograde-{assignment}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [event for event in found if kind in (None, event["event"])]
