"""The two forms of an answer to an exercise: a file, and a change to a right answer.

A file ``right_*.py`` or ``wrong_*.py`` is the source of a solution cell; its docstring is its title. In lines below,
a wrong one has its title in other languages (``# title.es: …``), its hint in each (``# hint.en: …``), and how much it
matters (``# class: formal``).
``mistakes.toml`` beside them lists wrong answers that differ from a right one by a few lines, as `Mistake` describes.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.course import CourseError, read_toml
from grader.kit.messages import languages, written

if TYPE_CHECKING:
    from grader.checking.evidence import Evidence

FOLDER: Final = "answers"
"""The folder of an exercise's answers, in its folder of checks."""

MISTAKES: Final = "mistakes.toml"
REFERENCE: Final = "solution"
"""What a mistake changes if not another right answer: the solution in the source notebook."""

FATAL, SERIOUS, FORMAL = "fatal", "serious", "formal"
CLASSES: Final = (FATAL, SERIOUS, FORMAL)
"""How much a mistake matters: whether it ruins the result, spoils a part of it, or leaves it right."""

_TEXT = re.compile(r"^# (hint|title)\.(\w+):(.+)$", re.MULTILINE)
_CLASS = re.compile(r"^# class:(.+)$", re.MULTILINE)


class AnswerError(CourseError):
    """An answer cannot be read; says in one line which, and what to change."""


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    Attributes:
        assignment: its name.
        exercise: its name.
        name: ``right_…`` or ``wrong_…``.
        titles: what is special about it, by language.
        source: of the exercise's solution cell.
        hints: what its student is told, by language: one next step, never the answer; none for a right answer.
        path: the file that it is written in.
        severity: one of `CLASSES`; empty where its author leaves it open.
    """

    assignment: str
    exercise: str
    name: str
    titles: Mapping[str, str]
    source: str
    hints: Mapping[str, str]
    path: Path
    severity: str = ""

    @property
    def title(self) -> str:
        """What is special about it, in English where there is that."""
        return self.titles.get("en") or next(iter(self.titles.values()))

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
        title: what is wrong, by language.
        of: the right answer that is changed: `REFERENCE`, or the name of a file ``right_*.py`` beside it.
        change: pairs (old, new), one after the other; each `old` occurs once in the source at that point.
        hint: what its student is told, by language: one next step, never the answer.
        severity: one of `CLASSES`, the key ``class``; empty where it is left open.
    """

    path: Path
    name: str
    title: Mapping[str, str]
    of: str
    change: tuple[tuple[str, str], ...]
    hint: Mapping[str, str]
    severity: str = ""

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
        return Answer(
            assignment, exercise, f"wrong_{self.name}", self.title, source, self.hint, self.path, self.severity
        )


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
    head = "\n".join(lines[: line - 1])
    texts: dict[str, dict[str, str]] = {"title": {"en": _first_paragraph(title)}, "hint": {}}
    for kind, language, told in _TEXT.findall(head):
        texts[kind][language] = told.strip()
    severity = (_CLASS.findall(head) or [""])[0].strip()
    if severity not in ("", *CLASSES):
        raise AnswerError(f"{path}: # class: {severity} is none of {', '.join(CLASSES)}")
    source = "\n".join(lines[line - 1 :]).strip() + "\n"
    return Answer(*_place(path), path.stem, texts["title"], source, texts["hint"], path, severity)


def read_mistakes(path: Path) -> list[Mistake]:
    """The mistakes of a ``mistakes.toml``, in its order; none where there is no such file.

    Raises:
        AnswerError: the file is not as it should be.
    """
    found: dict[str, Mistake] = {}
    for position, table in enumerate(read_tables(path, "mistake"), 1):
        mistake = _mistake(path, position, table)
        if mistake.name in found or path.with_name(f"wrong_{mistake.name}.py").exists():
            raise mistake.error("there is another one of this name")
        found[mistake.name] = mistake
    return list(found.values())


def in_all_languages(texts: Mapping[str, str]) -> dict[str, str]:
    """A text in those languages that its author wrote it in, and those of the course's catalogues."""
    text = written(texts)
    translated = {language: text.render(language) for language in languages()}
    return {name: found for name, found in translated.items() if found != text.text} | dict(texts)


def look_alike(seen: Iterable[tuple[Answer, Evidence | None]]) -> list[tuple[Answer, Answer]]:
    """The pairs of mistakes that no check tells apart, and whose hints differ.

    Args:
        seen: the mistakes of one exercise, and what its checks observed in each with one seed.
    """
    known = [(answer, evidence) for answer, evidence in seen if evidence is not None]
    return [
        (one, other)
        for (one, ones), (other, others) in itertools.combinations(known, 2)
        if ones.agrees(others) and dict(one.hints) != dict(other.hints)
    ]


def read_tables(path: Path, name: str) -> list[dict[str, Any]]:
    """The tables ``[[name]]`` of a TOML file that holds nothing else; none where there is no such file.

    Raises:
        AnswerError: the file is not as it should be.
    """
    try:
        content = read_toml(path)
    except CourseError as error:
        raise AnswerError(str(error)) from None
    tables = content.pop(name, [])
    if content or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise AnswerError(f"{path}: it holds tables [[{name}]] and nothing else")
    return tables


def _mistake(path: Path, position: int, table: Mapping[str, Any]) -> Mistake:
    where = f"{path}: mistake {table.get('name', f'number {position}')!r}"
    keys = ["name", "title", "of", "change", "hint", "class"]
    for key in table:
        if key not in keys:
            raise AnswerError(f"{where}: unknown key {key!r}; there are: {', '.join(keys)}")
    for key in ("name", "of"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise AnswerError(f"{where}: {key} must be a text")
    title, severity = table.get("title"), table.get("class", "")
    if isinstance(title, str):
        title = {"en": title}
    if not isinstance(title, dict) or not _is_by_language(title):
        raise AnswerError(f"{where}: title must be a text, or one for each language: title.en = …")
    if severity not in ("", *CLASSES):
        raise AnswerError(f"{where}: class must be one of {', '.join(CLASSES)}")
    change, hint = table.get("change"), table.get("hint")
    if not isinstance(change, list) or not change or not all(_is_pair(pair) for pair in change):
        raise AnswerError(f"{where}: change must be a list of pairs [old, new] of texts")
    if not isinstance(hint, dict) or not _is_by_language(hint):
        raise AnswerError(f"{where}: it has no hint: hint.en = …, and one for each other language")
    pairs = tuple((old, new) for old, new in change)
    titles = {language: _first_paragraph(text) for language, text in title.items()}
    return Mistake(path, table["name"], titles, table["of"], pairs, hint, severity)


def _is_by_language(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(t, str) and t.strip() for t in value.values())


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
