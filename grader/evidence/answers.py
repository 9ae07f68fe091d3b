"""The answers to a course's exercises, the notebooks made of them, and what checks find in those.

`grader.evidence.mistakes` says how an answer is written.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.check_cells import exercise_checked
from grader.course import Checks, Course
from grader.evidence.mistakes import FOLDER, MISTAKES, REFERENCE, Answer, AnswerError, read_answer, read_mistakes

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.checking.results import CheckResult

ANSWER: Final = "_answer"
"""What follows the exercise's name in the `grade_id` of its solution cell."""

_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*(\n|\Z)", re.MULTILINE)


def read_answers(checks: Path, notebook: Path) -> list[Answer]:
    """All answers to an assignment's exercises, right ones first in each.

    Args:
        checks: the assignment's folder of checks.
        notebook: its source notebook, with the solutions.

    Raises:
        AnswerError: one of them cannot be used.
    """
    solutions = references(notebook)
    found = []
    for folder in sorted(checks.glob(f"*/{FOLDER}")):
        found += answers_in(folder, solutions.get(folder.parent.name))
    refuse_missing_hints(found)
    return found


def answers_in(folder: Path, reference: str | None) -> list[Answer]:
    """The answers to one exercise, by name.

    Args:
        folder: that holds them.
        reference: the source of the exercise's solution cell; None where there is none.

    Raises:
        AnswerError: one of them cannot be used.
    """
    files = [read_answer(path) for path in sorted(folder.glob("*.py"))]
    bases = bases_in(folder, reference)
    found = files + [mistake.answer(bases) for mistake in read_mistakes(folder / MISTAKES)]
    return sorted(found, key=lambda answer: answer.name)


def texts_in(folder: Path) -> list[Mapping[str, str]]:
    """The titles and hints of an exercise's mistakes, each by language, whether or not the mistakes can be used.

    Raises:
        AnswerError: a file cannot be read.
    """
    found: list[Mapping[str, str]] = []
    for answer in [read_answer(path) for path in sorted(folder.glob("wrong_*.py"))]:
        found += [answer.titles, answer.hints]
    for mistake in read_mistakes(folder / MISTAKES):
        found += [mistake.title, mistake.hint]
    return found


def bases_in(folder: Path, reference: str | None) -> dict[str, str]:
    """The sources of an exercise's right answers, by the names that a mistake calls them."""
    found = {path.stem: read_answer(path).source for path in sorted(folder.glob("right_*.py"))}
    return found if reference is None else {REFERENCE: reference, **found}


def answers_folder(folder: Path, exercise: str) -> Path:
    """Where the answers to an exercise are, or should be.

    Args:
        folder: that the exercise's visible checks lie in: the exercise's own, or the assignment's.
        exercise: its name.
    """
    return (folder if folder.name == exercise else folder / exercise) / FOLDER


def answers_to(checks: Checks, exercise: str) -> Path:
    """The same, for an exercise of an assignment's checks."""
    own = checks.folder / exercise
    return answers_folder(own if own.is_dir() else checks.folder, exercise)


def find_answer(path: Path, name: str, source: Path) -> Answer:
    """One answer, by the file that it is written in.

    Args:
        path: the file.
        name: the mistake's, where it is one of a ``mistakes.toml``.
        source: the source notebook.

    Raises:
        AnswerError: it cannot be used.
    """
    if path.name != MISTAKES:
        return read_answer(path)
    mistake = next(mistake for mistake in read_mistakes(path) if mistake.name == name)
    return mistake.answer(bases_in(path.parent, references(source).get(path.parents[1].name)))


@cache
def hint_languages(checks: Path) -> frozenset[str]:
    """The languages that the wrong answers of an assignment name their hints in."""
    files = [read_answer(path) for path in checks.glob(f"*/{FOLDER}/wrong_*.py")]
    mistakes = [mistake for path in checks.glob(f"*/{FOLDER}/{MISTAKES}") for mistake in read_mistakes(path)]
    hints = [answer.hints for answer in files] + [mistake.hint for mistake in mistakes]
    return frozenset(language for hint in hints for language in hint)


def source_of(checks: Path, exercise: str) -> Path:
    """The instructor's notebook with the solution of an exercise, in the course around an assignment's checks.

    Raises:
        AnswerError: there is none.
        CourseError: the course cannot be used.
    """
    course = Course.around(checks)
    if course is None:
        raise AnswerError(f"{checks} lies in no course: no folder above it has an nbgrader_config.py")
    named = course.source(checks.name)
    for path in [named, *sorted(named.parent.glob("*.ipynb"))]:
        if path.is_file() and exercise in references(path):
            return path
    raise AnswerError(f"no notebook in {named.parent} has a solution cell {exercise}{ANSWER}")


def refuse_missing_hints(answers: Iterable[Answer]) -> None:
    """Makes sure that each wrong answer names its hint in every language that another one names it in.

    Raises:
        AnswerError: one does not.
    """
    wrong = [answer for answer in answers if not answer.is_right]
    languages = {language for answer in wrong for language in answer.hints}
    for answer in wrong:
        missing = sorted(languages - answer.hints.keys()) or ([] if answer.hints else ["any language"])
        if missing:
            raise AnswerError(f"{answer.path}: {answer.name} has no hint in {', '.join(missing)}")


@lru_cache
def read_notebook(path: Path) -> NotebookNode:
    """A notebook, read once; it must not be changed."""
    import nbformat

    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def references(notebook: Path) -> dict[str, str]:
    """The sources of a notebook's solution cells by exercise, without nbgrader's ``### BEGIN SOLUTION`` lines."""
    return solutions_in(read_notebook(notebook).cells)


def solutions_in(cells: Iterable[NotebookNode]) -> dict[str, str]:
    """The same of some cells."""
    named = ((cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source) for cell in cells)
    return {
        name.removesuffix(ANSWER): _MARKER.sub("", source).strip() + "\n"
        for name, source in named
        if name.endswith(ANSWER)
    }


def exercises_checked(notebook: NotebookNode) -> list[str]:
    """The exercises that a notebook's cells check, in order."""
    return [name for cell in notebook.cells if cell.cell_type == "code" and (name := exercise_checked(cell.source))]


def answered(notebook: NotebookNode, given: Mapping[str, str]) -> NotebookNode:
    """The notebook with the solution cells of some exercises replaced.

    Args:
        notebook: a solution or a released notebook.
        given: for each exercise, the source of its solution cell.
    """
    notebook = copy.deepcopy(notebook)
    for exercise, source in given.items():
        cell = next(
            cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise + ANSWER
        )
        cell.source = source
    return notebook


def check_notebook(
    checks: Path,
    source: Path,
    given: Mapping[str, str],
    only: Sequence[str] | None = None,
    *,
    seed: int | None = None,
    hidden: bool = True,
) -> list[CheckResult]:
    """What the checks in a folder find in a source notebook with some answers; see `check_in_process`."""
    from grader.checking.notebooks import InProcessNotebook, exercise_cells
    from grader.checking.runner import run_checks

    notebook = answered(read_notebook(source), given)
    chosen = [name for name in exercises_checked(notebook) if name in (given if only is None else only)]
    found = Checks.in_folder(checks)
    # Some answers write files, and what they leave is nobody's.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return run_checks(
            InProcessNotebook(exercise_cells(notebook), seed=seed), chosen, found if hidden else found.without_hidden()
        )


def function_name(answer: Answer) -> str:
    """The first function or class that an answer defines."""
    tree = ast.parse(answer.source)
    return next(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
