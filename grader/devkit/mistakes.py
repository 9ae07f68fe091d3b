"""The two forms of an answer to an exercise: a file, and a change to a right answer.

A file ``right_*.py`` or ``wrong_*.py`` is the source of a solution cell; its docstring is its title; a wrong one names
a part of the hint that it must get, in each of the course's languages, in lines ``# hint.en: …`` below.
``mistakes.toml`` beside them lists wrong answers that differ from a right one by a few lines, as `Mistake` describes.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.course import CourseError

FOLDER: Final = "answers"
"""The folder of an exercise's answers, in its folder of checks."""

MISTAKES: Final = "mistakes.toml"
REFERENCE: Final = "solution"
"""What a mistake changes if not another right answer: the solution in the source notebook."""

_HINT = re.compile(r"^# hint\.(\w+):(.+)$", re.MULTILINE)


class AnswerError(CourseError):
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
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) for text in value) and value[0] != ""
    )


def _place(path: Path) -> tuple[str, str]:
    """The assignment and the exercise that a file of answers belongs to."""
    return path.parents[2].name, path.parents[1].name


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n", 1)[0].split())


def _shortened(text: str) -> str:
    lines = text.strip().splitlines()
    return repr(lines[0] + (" …" if len(lines) > 1 else "")) if lines else repr(text)
