"""Writes ``docs/exercises.md``: every exercise, what is checked and which mistakes are caught: ``make exercises``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from grader.devkit.answers import assignments, exercises, points

TARGET = ROOT / "docs" / "exercises.md"
HEAD = """# The exercises

Five assignments of 100 points. For each exercise: what its checks verify (their titles, as students read them; *hidden*
ones run only at grading), and the wrong answers that the tests know to be caught, each with a hint of its own.

This page is made by `make exercises` from the notebooks, the checks and `tests/submissions`.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for assignment in assignments():
        titles = {kind: titles_of(ROOT / "grader" / kind / f"test_{assignment}.py") for kind in ("samples", "hidden")}
        worth = points(assignment)
        parts.append(f"\n## {assignment}\n")
        for exercise in exercises(assignment):
            parts.append(f"\n### `{exercise}` ({worth[exercise]:g} points)\n\n")
            for kind, label in (("samples", ""), ("hidden", " *(hidden)*")):
                parts += [f"- {title}{label}\n" for title in titles[kind].get(exercise, [])]
            parts.append(f"\nCaught: {'; '.join(mistakes(assignment, exercise))}.\n")
    return "".join(parts)


def titles_of(path: Path) -> dict[str, list[str]]:
    """The titles of a file's checks, by exercise."""
    found: dict[str, list[str]] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for exercise in marked(node):
            title = " ".join((ast.get_docstring(node) or "").split("\n\n", 1)[0].split())  # type: ignore[arg-type]
            found.setdefault(exercise, []).append(title)
    return found


def marked(node: ast.stmt) -> Iterator[str]:
    """The exercises that a check is marked with."""
    for decorator in getattr(node, "decorator_list", []):
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "exercise":
            yield ast.literal_eval(decorator.args[0])


def mistakes(assignment: str, exercise: str) -> list[str]:
    """What is wrong with each wrong answer: the first line of its docstring."""
    folder = ROOT / "tests" / "submissions" / assignment / exercise
    docstrings = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in folder.glob("wrong_*.py"))
    first_lines = {(text or "").strip().splitlines()[0].rstrip(".") for text in docstrings if text}
    return sorted((line[0].lower() + line[1:] if line[1:2].islower() else line) for line in first_lines)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
