"""Writes ``docs/exercises.md``: every exercise, what is checked and which mistakes are caught: ``make exercises``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from grader.check_cells import titles_in
from grader.checking.hint_files import read_hints
from grader.course import Checks
from grader.devkit.answers import CHECKS, answers, assignments, exercises, points, solution
from grader.evidence.mistakes import CLASSES, SERIOUS

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "exercises.md"
TOPICS = Path(__file__).with_name("topics.toml")
HEAD = """# The exercises

Five assignments of 100 points. For each exercise: how hard it is (●○○ to ●●●), how long it takes, how many hints
`hint()` has; what its checks verify (their titles, as students read them); and the known mistakes: whoever's code
answers as one does is told its title and its hint. *Hidden* checks run only at grading; *and hidden cases* says that
the same is asked of inputs that students do not have.

A **fatal** mistake ruins the result and costs at least half of the exercise's points, a **formal** one leaves it right
and costs at most a fifth (the tests see to both); a **serious** one costs what the checks that notice it weigh.

This page is made by `make exercises` from the notebooks, the checks and their answers.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for assignment in assignments():
        titles = titles_of(Checks.in_folder(CHECKS / assignment))
        worth = points(assignment)
        parts.append(f"\n## {assignment}\n")
        for exercise in exercises(assignment):
            hints = read_hints(Checks.in_folder(CHECKS / assignment), exercise)
            parts.append(f"\n### `{exercise}` ({worth[exercise]:g} points)\n\n")
            parts.append(f"{' · '.join(map(str, hints.effort()))} · {len(hints.steps)} hints\n\n")
            parts += [f"- {title}\n" for title in titles[exercise]]
            for severity in CLASSES:
                if found := mistakes(assignment, exercise, severity):
                    parts.append(f"\n{severity.capitalize()}: {'; '.join(found)}.\n")
    return "".join([*parts, *topics()])


TOPICS_HEAD = """
## Topics

What the five tutorials teach that the course grew out of, and where it is taught here: an exercise, or the section of a
notebook with cells to look at.

| topic | tutorial | where |
|---|---|---|
"""

HEADING = re.compile(r"#+ (.+?)( \(\d+ points\))?$", re.MULTILINE)


def topics() -> Iterator[str]:
    """The table of topics, line by line.

    Raises:
        KeyError: a topic names a cell that its notebook does not have.
    """
    places = {assignment: places_of(assignment) for assignment in assignments()}
    yield TOPICS_HEAD
    for tutorial, topic, *where in tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topics"]:
        found = []
        for place in where:
            assignment, cell = place.split("/")
            found.append(f"{assignment}: {places[assignment][cell]}")
        yield f"| {topic} | {tutorial} | {'; '.join(dict.fromkeys(found))} |\n"


def places_of(assignment: str) -> dict[str, str]:
    """What each cell of the English notebook belongs to, by its id: the exercise that it checks, or its section."""
    places, section = {}, "the beginning"
    for cell in solution(assignment).cells:
        if "es" in cell.metadata.get("tags", ()):
            continue
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        section = f"*{heading[1]}*" if heading else section
        nbgrader = cell.metadata.get("nbgrader", {})
        places[cell.id] = f"`{nbgrader['grade_id']}`" if nbgrader.get("grade") else section
    return places


def titles_of(checks: Checks) -> dict[str, list[str]]:
    """The titles of an assignment's checks by exercise, with a note where only hidden cases have it, or they too."""
    visible = [item for path in checks.visible for item in titles_in(path)]
    hidden = [item for path in checks.hidden for item in titles_in(path)]
    found: dict[str, list[str]] = {}
    for item in dict.fromkeys([*visible, *hidden]):
        note = " *(hidden)*" if item not in visible else " *(and hidden cases)*" if item in hidden else ""
        found.setdefault(item[0], []).append(f"{item[1]}{note}")
    return found


def mistakes(assignment: str, exercise: str, severity: str) -> list[str]:
    """What is wrong with each wrong answer of a class: its title."""
    wrong = (answer for answer in answers(assignment) if answer.exercise == exercise and not answer.is_right)
    titles = {answer.title.rstrip(".") for answer in wrong if (answer.severity or SERIOUS) == severity}
    return sorted((title[0].lower() + title[1:] if title.split()[0][1:].islower() else title) for title in titles)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
