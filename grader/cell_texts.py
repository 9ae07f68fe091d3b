"""What people read in a notebook's code: docstrings, comments, what is printed and written into a plot.

A notebook that is written in two languages has one code for both: a gettext catalogue translates these texts when it is
generated. They are taken as they stand in the source, so that nothing else of a cell can change; what is in a solution
is left out, for no student gets it. Imports nothing but the standard library.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_WRITING: Final = frozenset({"print", "text", "annotate", "title", "suptitle", "xlabel", "ylabel"}) | {
    f"set_{name}" for name in ("title", "xlabel", "ylabel", "label", "description")
}
"""Functions and methods that show the strings they are called with."""
_SHOWN: Final = frozenset({"label", "title", "xlabel", "ylabel", "desc"})
"""Arguments that are shown, of whatever function."""

_SOLUTION: Final = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
_LITERAL: Final = re.compile(r"""[A-Za-z]*("{3}|'{3}|"|')(.*)\1\Z""", re.DOTALL)
_NO_WORDS: Final = re.compile(r"\{[^{}]*\}|\$[^$]*\$|\\.")
_WORD: Final = re.compile(r"[^\W\d_]{2}")

Translate = Callable[[str], str]


@dataclass(frozen=True)
class _Place:
    """A text in a cell's source.

    Attributes:
        start: where it begins.
        end: where it ends.
        indent: the column of a docstring, whose paragraphs are texts; None for a text of one piece.
    """

    start: int
    end: int
    indent: int | None = None


def texts_in(source: str) -> list[str]:
    """The texts of a cell in order, each once: of a docstring, its paragraphs without their indentation."""
    found: dict[str, None] = {}

    def note(text: str) -> str:
        found[text] = None
        return text

    translated(source, note)
    return list(found)


def translated(source: str, translate: Translate) -> str:
    """A cell with its texts translated; a cell that is not Python stays as it is.

    Args:
        source: of the cell.
        translate: gives a text in the other language. Both are as Python's source has them: between the quotes.
    """
    pieces, position = [], 0
    for place in sorted(_places(source), key=lambda place: place.start):
        text = source[place.start : place.end]
        written = translate(text) if place.indent is None else _docstring(text, place.indent, translate)
        pieces += [source[position : place.start], written]
        position = place.end
    return "".join([*pieces, source[position:]])


def without_prose(source: str) -> str:
    """What a cell computes: its lines without comments and docstrings, as different languages' cells have in common."""
    try:
        tree, at = ast.parse(source), _Offsets(source)
    except (SyntaxError, ValueError):
        return source
    spans = [*((at.start(node), at.end(node)) for node in _docstrings(tree)), *_comments(source, at)]
    for start, end in sorted(spans, reverse=True):
        source = source[:start] + source[end:]
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def _docstring(text: str, indent: int, translate: Translate) -> str:
    """A docstring, without its quotes, paragraph by paragraph."""
    written: list[str] = []
    for is_blank, group in _grouped((" " * indent + text).split("\n")):
        written += group if is_blank else _paragraph(group, translate)
    return "\n".join(written)[indent:]


def _grouped(lines: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    for is_blank, group in itertools.groupby(lines, lambda line: not line.strip()):
        yield is_blank, list(group)


def _paragraph(lines: list[str], translate: Translate) -> list[str]:
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    text = translate("\n".join(line[margin:] for line in lines))
    return textwrap.indent(text, " " * margin).split("\n")


class _Offsets:
    """Where Python's lines and columns are in a source."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def start(self, node: ast.expr) -> int:
        return self._of_bytes(node.lineno, node.col_offset)

    def end(self, node: ast.expr) -> int:
        return self._of_bytes(node.end_lineno or 0, node.end_col_offset or 0)

    def of(self, place: tuple[int, int]) -> int:
        """Of a token's line and column."""
        return self._starts[place[0] - 1] + place[1]

    def _of_bytes(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def _places(source: str) -> Iterator[_Place]:
    """The texts of a cell, without those of its solutions."""
    try:
        tree, at = ast.parse(source), _Offsets(source)
    except (SyntaxError, ValueError):
        return
    solutions = [match.span() for match in _SOLUTION.finditer(source)]

    def is_given(start: int) -> bool:
        return not any(first <= start < last for first, last in solutions)

    for node in _docstrings(tree):
        start, end = _inside(source, at.start(node), at.end(node))
        if is_given(start):
            yield _Place(start, end, node.col_offset)
    for node in _shown(tree):
        start, end = _inside(source, at.start(node), at.end(node))
        if is_given(start) and _has_words(source[start:end]):
            yield _Place(start, end)
    for start, end in _comments(source, at):
        text = source[start:end]
        words = text.lstrip("# ")
        if is_given(start) and not text.startswith("###") and _has_words(words):
            yield _Place(end - len(words), end)


def _has_words(text: str) -> bool:
    return _WORD.search(_NO_WORDS.sub(" ", text)) is not None


def _inside(source: str, start: int, end: int) -> tuple[int, int]:
    """What stands between the quotes of a literal."""
    match = _LITERAL.match(source[start:end])
    if match is None:
        return start, start
    return start + match.start(2), start + match.end(2)


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            match node.body[0]:
                case ast.Expr(ast.Constant(value=str()) as text):
                    yield text


def _shown(tree: ast.Module) -> Iterator[ast.expr]:
    """The literals that a cell shows to whoever runs it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            values = [*node.args] if name in _WRITING else []
            values += [keyword.value for keyword in node.keywords if keyword.arg in _SHOWN]
            for value in values:
                yield from _literals(value)


def _literals(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield node
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from _literals(left)
            yield from _literals(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            yield from _literals(value)


def _comments(source: str, at: _Offsets) -> Iterator[tuple[int, int]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield at.of(token.start), at.of(token.end)
