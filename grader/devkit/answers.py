"""Right and wrong answers to exercises, and the notebooks made of them.

They lie in the exercise's folder of checks, in ``answers/``. A file ``right_*.py`` or ``wrong_*.py`` is the source of a
solution cell; its docstring is its title; a wrong one names a part of the hint that it must get, in each of the course's
languages, in lines ``# hint.en: …`` below. ``mistakes.toml`` lists wrong answers that differ from a right one by a few
lines, as `Mistake` describes.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.kit.cells import exercise_checked

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.checking.results import CheckResult

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "grader" / "checks"
STUB = "raise NotImplementedError()"

FOLDER: Final = "answers"
"""The folder of an exercise's answers, in its folder of checks."""

MISTAKES: Final = "mistakes.toml"
REFERENCE: Final = "solution"
"""What a mistake changes if not another right answer: the solution in the source notebook."""

_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*(\n|\Z)", re.MULTILINE)
_HINT = re.compile(r"^# hint\.(\w+):(.+)$", re.MULTILINE)


class AnswerError(Exception):
    """An answer cannot be read; says in one line which, and what to change."""


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    Attributes:
        assignment: its name.
        exercise: its name.
        name: ``right_…`` or ``wrong_…``.
        title: what is special about it.
        source: of the exercise's solution cell.
        hints: for each language a part of the hint that it must get; none for a right answer.
        path: the file that it is written in.
    """

    assignment: str
    exercise: str
    name: str
    title: str
    source: str
    hints: Mapping[str, str]
    path: Path

    @property
    def is_right(self) -> bool:
        """Whether it must pass every check."""
        return self.name.startswith("right_")

    def __str__(self) -> str:
        return f"{self.exercise}/{self.name}"


@dataclass(frozen=True)
class Mistake:
    """One table ``[[mistake]]`` of a ``mistakes.toml``: a wrong answer as a change to a right one.

    Attributes:
        path: the file.
        name: unique in its exercise.
        title: what is wrong.
        of: the right answer that is changed: `REFERENCE`, or the name of a file ``right_*.py`` beside it.
        change: pairs (old, new), one after the other; each `old` occurs once in the source at that point.
        hint: for each language a part of the hint that it must get.
    """

    path: Path
    name: str
    title: str
    of: str
    change: tuple[tuple[str, str], ...]
    hint: Mapping[str, str]

    def error(self, problem: str) -> AnswerError:
        """An error that names the file and the mistake."""
        return AnswerError(f"{self.path}: mistake {self.name!r}: {problem}")

    def answer(self, bases: Mapping[str, str]) -> Answer:
        """The wrong answer.

        Args:
            bases: the sources of the right answers by name.

        Raises:
            AnswerError: it is none: there is no such right answer, or the change does not fit it.
        """
        if self.of not in bases:
            raise self.error(f"there is no right answer {self.of!r} to change; there are: {', '.join(sorted(bases))}")
        source = bases[self.of]
        for old, new in self.change:
            count = source.count(old)
            if count != 1:
                found = "does not occur" if count == 0 else f"occurs {count} times"
                raise self.error(f"{_shortened(old)} {found} in {self.of!r}; it must occur once")
            source = source.replace(old, new)
        if source == bases[self.of]:
            raise self.error("the change has no effect")
        try:
            ast.parse(source)
        except SyntaxError as error:
            raise self.error(f"what comes of it is not Python: {error}") from None
        assignment, exercise = _place(self.path)
        return Answer(assignment, exercise, f"wrong_{self.name}", self.title, source, self.hint, self.path)


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


def bases_in(folder: Path, reference: str | None) -> dict[str, str]:
    """The sources of an exercise's right answers, by the names that a mistake calls them."""
    found = {path.stem: read_answer(path).source for path in sorted(folder.glob("right_*.py"))}
    return found if reference is None else {REFERENCE: reference, **found}


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


def read_answer(path: Path) -> Answer:
    """The answer in a file ``right_*.py`` or ``wrong_*.py``.

    Raises:
        AnswerError: it is none.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise AnswerError(f"{path}: it is not Python: {error}") from None
    title = ast.get_docstring(tree)
    if not path.stem.startswith(("right_", "wrong_")) or not title or len(tree.body) < 2:
        raise AnswerError(f"{path}: an answer is called right_… or wrong_… and begins with a docstring")
    first = tree.body[1]
    line = min([first.lineno, *(node.lineno for node in getattr(first, "decorator_list", []))])
    lines = text.splitlines()
    hints = {language: hint.strip() for language, hint in _HINT.findall("\n".join(lines[: line - 1]))}
    source = "\n".join(lines[line - 1 :]).strip() + "\n"
    return Answer(*_place(path), path.stem, _first_paragraph(title), source, hints, path)


def read_mistakes(path: Path) -> list[Mistake]:
    """The mistakes of a ``mistakes.toml``, in its order; none where there is no such file.

    Raises:
        AnswerError: the file is not as it should be.
    """
    if not path.is_file():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AnswerError(f"{path}: it is not TOML: {error}") from None
    tables = content.pop("mistake", [])
    if content or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise AnswerError(f"{path}: it holds tables [[mistake]] and nothing else")
    found: dict[str, Mistake] = {}
    for position, table in enumerate(tables, 1):
        mistake = _mistake(path, position, table)
        if mistake.name in found or path.with_name(f"wrong_{mistake.name}.py").exists():
            raise mistake.error("there is another one of this name")
        found[mistake.name] = mistake
    return list(found.values())


def _mistake(path: Path, position: int, table: Mapping[str, Any]) -> Mistake:
    where = f"{path}: mistake {table.get('name', f'number {position}')!r}"
    keys = list(Mistake.__dataclass_fields__)[1:]
    for key in table:
        if key not in keys:
            raise AnswerError(f"{where}: unknown key {key!r}; there are: {', '.join(keys)}")
    for key in ("name", "title", "of"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise AnswerError(f"{where}: {key} must be a text")
    change, hint = table.get("change"), table.get("hint")
    if not isinstance(change, list) or not change or not all(_is_pair(pair) for pair in change):
        raise AnswerError(f"{where}: change must be a list of pairs [old, new] of texts")
    if not isinstance(hint, dict) or not hint or not all(isinstance(text, str) and text for text in hint.values()):
        raise AnswerError(f"{where}: it has no hint: hint.en = …, and one for each other language")
    pairs = tuple((old, new) for old, new in change)
    return Mistake(path, table["name"], _first_paragraph(table["title"]), table["of"], pairs, hint)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) for text in value) and value[0] != ""


def _place(path: Path) -> tuple[str, str]:
    """The assignment and the exercise that a file of answers belongs to."""
    return path.parents[2].name, path.parents[1].name


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n", 1)[0].split())


def _shortened(text: str) -> str:
    lines = text.strip().splitlines()
    return repr(lines[0] + (" …" if len(lines) > 1 else "")) if lines else repr(text)


# ------------------------------------------------------------------------------------------------- notebooks


@lru_cache
def _notebook(path: Path) -> NotebookNode:
    import nbformat

    return nbformat.read(path, as_version=4)


def references(notebook: Path) -> dict[str, str]:
    """The sources of a notebook's solution cells by exercise, without nbgrader's ``### BEGIN SOLUTION`` lines."""
    suffix = "_answer"
    cells = ((cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source) for cell in _notebook(notebook).cells)
    return {
        name.removesuffix(suffix): _MARKER.sub("", source).strip() + "\n"
        for name, source in cells
        if name.endswith(suffix)
    }


def _source(assignment: str) -> Path:
    return ROOT / "solutions" / assignment / f"{assignment}.ipynb"


@cache
def _answers(assignment: str) -> tuple[Answer, ...]:
    return tuple(read_answers(CHECKS / assignment, _source(assignment)))


def answers(assignment: str) -> list[Answer]:
    """All answers to the exercises of an assignment of this repository."""
    return list(_answers(assignment))


def assignments() -> list[str]:
    """The names of all assignments of this repository."""
    return sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))


def solution(assignment: str) -> NotebookNode:
    """The notebook with the reference solutions."""
    return copy.deepcopy(_notebook(_source(assignment)))


def exercises(assignment: str) -> list[str]:
    """The exercises of an assignment, in the notebook's order."""
    return exercises_checked(_notebook(_source(assignment)))


def exercises_checked(notebook: NotebookNode) -> list[str]:
    """The exercises that a notebook's cells check, in order."""
    return [name for cell in notebook.cells if cell.cell_type == "code" and (name := exercise_checked(cell.source))]


def points(assignment: str) -> dict[str, float]:
    """What each exercise is worth."""
    return {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in _notebook(_source(assignment)).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def answered(notebook: NotebookNode, given: Mapping[str, str]) -> NotebookNode:
    """The notebook with the solution cells of some exercises replaced.

    Args:
        notebook: a solution or a released notebook.
        given: for each exercise, the source of its solution cell.
    """
    notebook = copy.deepcopy(notebook)
    for exercise, source in given.items():
        cell = next(
            cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_answer"
        )
        cell.source = source
    return notebook


def check_in_process(
    assignment: str,
    given: Mapping[str, str],
    only: Sequence[str] | None = None,
    *,
    seed: int | None = None,
    hidden: bool = True,
) -> list[CheckResult]:
    """What an assignment's checks find, with the notebook run in this process.

    Args:
        assignment: its name.
        given: answers in place of the reference solutions, by exercise.
        only: the exercises to check; the ones given, by default.
        seed: of the random inputs.
        hidden: whether hidden checks run as well.
    """
    return check_notebook(CHECKS / assignment, _source(assignment), given, only, seed=seed, hidden=hidden)


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
    from grader.checking.notebooks import InProcessNotebook
    from grader.checking.runner import run_checks
    from grader.course import Checks

    notebook = answered(_notebook(source), given)
    chosen = [name for name in exercises_checked(notebook) if name in (given if only is None else only)]
    found = Checks.in_folder(checks)
    # Some answers write files, and what they leave is nobody's.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return run_checks(
            InProcessNotebook(_cells(notebook), seed=seed), chosen, found if hidden else found.without_hidden()
        )


def _cells(notebook: NotebookNode) -> list[str]:
    """The code that exercises need: nbgrader's cells, and where none is locked before the first answer, all up to it.

    The demonstrations around the exercises take time and must not matter.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answer = next((place for place, cell in enumerate(code) if cell.metadata.get("nbgrader", {}).get("solution")), 0)
    has_setup = any("nbgrader" in cell.metadata for cell in code[:answer])
    return [
        cell.source
        for place, cell in enumerate(code)
        if "nbgrader" in cell.metadata or (place < answer and not has_setup)
    ]


def function_name(answer: Answer) -> str:
    """The first function or class that an answer defines."""
    tree = ast.parse(answer.source)
    return next(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
