"""Writes ``docs/exercises.md``: every exercise, what is checked and which mistakes are caught: ``make exercises``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import Checks
from grader.devkit.answers import CHECKS, answers, assignments, exercises, points

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "exercises.md"
HEAD = """# The exercises

Five assignments of 100 points. For each exercise: what its checks verify (their titles, as students read them; *hidden*
ones run only at grading), and the wrong answers that the tests know to be caught, each with a hint of its own.

This page is made by `make exercises` from the notebooks, the checks and their answers.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for assignment in assignments():
        checks = Checks.in_folder(CHECKS / assignment)
        titles = [(titles_of(checks.visible), ""), (titles_of(checks.hidden), " *(hidden)*")]
        worth = points(assignment)
        parts.append(f"\n## {assignment}\n")
        for exercise in exercises(assignment):
            parts.append(f"\n### `{exercise}` ({worth[exercise]:g} points)\n\n")
            for found, label in titles:
                parts += [f"- {title}{label}\n" for title in found.get(exercise, [])]
            parts.append(f"\nCaught: {'; '.join(mistakes(assignment, exercise))}.\n")
    return "".join(parts)


def titles_of(files: Iterable[Path]) -> dict[str, list[str]]:
    """The titles of the checks in some files, by exercise."""
    found: dict[str, list[str]] = {}
    for node in (node for path in files for node in ast.parse(path.read_text(encoding="utf-8")).body):
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
    """What is wrong with each wrong answer: its title."""
    wrong = (answer for answer in answers(assignment) if answer.exercise == exercise and not answer.is_right)
    titles = {answer.title.rstrip(".") for answer in wrong}
    return sorted((title[0].lower() + title[1:] if title[1:2].islower() else title) for title in titles)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
