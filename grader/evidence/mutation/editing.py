"""Small changes to a source text at the places that its syntax tree names: all else stays as it is written.

Neither of the kept libraries was fit to be built on. Cosmic Ray's operators know Python alone, turn each of twelve
operators into the eleven others, most of them a `TypeError`, and bring SQLAlchemy, aiohttp and GitPython along;
mutmut's are inside a terminal application and have moved from release to release. Both lack what goes wrong with
tensors: axes, `keepdim`, `detach`, modes, siblings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_ATOMS: Final = (
    ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Set,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.JoinedStr,
)  # fmt: skip
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Edit:
    """A part of a source and what comes in its place.

    Attributes:
        start: its first byte.
        end: the byte after its last one.
        text: what comes there.
    """

    start: int
    end: int
    text: str


class Code:
    """A source with its syntax tree.

    Args:
        source: it.

    Raises:
        SyntaxError: it is not Python.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self._bytes = source.encode()
        self._line_starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self.parents = {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}

    # ---------------------------------------------------------------------------------------------- looking

    def nodes(self) -> Iterator[ast.AST]:
        """The nodes that say what an answer does: no docstrings, annotations, imports, or texts of errors."""
        yield from self._below(self.tree)

    def _below(self, node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr) or self._is_said_only(child, node):
                continue
            yield child
            yield from self._below(child)

    @staticmethod
    def _is_said_only(child: ast.AST, parent: ast.AST) -> bool:
        if isinstance(parent, ast.arg | ast.AnnAssign):
            return child is parent.annotation
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return child is parent.returns or (child is parent.body[0] and is_text(child))
        if isinstance(parent, ast.Module | ast.ClassDef):
            return bool(parent.body) and child is parent.body[0] and is_text(child)
        if isinstance(parent, ast.Raise):
            return True
        return isinstance(parent, ast.Assert) and child is parent.msg

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The first byte of an expression or statement, and the one after its last."""
        assert isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._line_starts[node.lineno - 1] + node.col_offset,
            self._line_starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, node: ast.AST) -> str:
        """How a node is written, without parentheses around it."""
        start, end = self.span(node)
        return self._bytes[start:end].decode()

    def operand(self, node: ast.expr) -> str:
        """How an expression is written where it becomes part of another one: in parentheses if it needs them."""
        text = self.text(node)
        is_atom = isinstance(node, _ATOMS) or (isinstance(node, ast.Tuple) and text.startswith("("))
        return text if is_atom else f"({text})"

    def line_of(self, position: int) -> int:
        """The line, from 0, that a byte lies in."""
        return next(line for line, start in enumerate(self._line_starts[1:]) if position < start or start == len(self))

    def __len__(self) -> int:
        return len(self._bytes)

    def function_around(self, node: ast.AST) -> ast.AST:
        """The innermost function that a node lies in, or the module."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, _FUNCTIONS):
                return node
        return self.tree

    @cached_property
    def _numbers(self) -> set[tuple[ast.AST, str]]:
        """Names that begin as a number, with the function that they are in."""
        found = set()
        for node in self.parents:
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                found |= {
                    (self.function_around(node), name.id)
                    for name, value in pairs
                    if isinstance(name, ast.Name) and _number(value) is not None
                }
        return found

    def is_number(self, node: ast.AST) -> bool:
        """Whether an expression is a name that begins as a number."""
        return isinstance(node, ast.Name) and (self.function_around(node), node.id) in self._numbers

    @staticmethod
    def is_same_number(left: ast.AST, right: ast.AST) -> bool:
        """Whether two expressions are the same number, however it is written."""
        return _number(left) is not None and _number(left) == _number(right)

    @cached_property
    def _bindings(self) -> dict[ast.AST, list[str]]:
        found: dict[ast.AST, list[str]] = {}
        for node in self.parents:
            if isinstance(node, ast.arg):
                found.setdefault(self.function_around(node), []).append(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.setdefault(self.function_around(node), []).append(node.id)
        return found

    def bindings(self, node: ast.AST, name: str) -> int:
        """In how many places the function around `node` gives `name` a value, its parameters included."""
        return self._bindings.get(self.function_around(node), []).count(name)

    def is_local(self, node: ast.AST) -> bool:
        """Whether an expression begins with a name that a function around it, or the cell itself, gives a value."""
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            node = node.func if isinstance(node, ast.Call) else node.value
        if not isinstance(node, ast.Name):
            return True
        place: ast.AST = node
        while place is not self.tree:
            place = self.function_around(place)
            if node.id in self._bindings.get(place, []):
                return True
        return False

    # --------------------------------------------------------------------------------------------- changing

    def replace(self, node: ast.AST, text: str) -> Edit:
        """Writes something else in place of a node."""
        return Edit(*self.span(node), text)

    def swap(self, token: str, left: ast.AST, right: ast.AST, new: str) -> Edit | None:
        """Writes something else in place of what stands between two nodes; None where it cannot be found."""
        start, end = self.span(left)[1], self.span(right)[0]
        between = self._bytes[start:end].decode()
        return Edit(start, end, between.replace(token, new, 1)) if token in between else None

    def call(self, node: ast.Call, arguments: list[str]) -> Edit:
        """Writes a call with other arguments."""
        return self.replace(node, f"{self.operand(node.func)}({', '.join(arguments)})")

    def after(self, statement: ast.stmt, text: str) -> Edit | None:
        """Adds a line after a statement that begins its own, as deep as that."""
        start, end = self.span(statement)
        indent = self._bytes[self._line_starts[statement.lineno - 1] : start].decode()
        return None if indent.strip() else Edit(end, end, f"\n{indent}{text}")

    def applied(self, edit: Edit) -> str:
        """The source with a change."""
        return (self._bytes[: edit.start] + edit.text.encode() + self._bytes[edit.end :]).decode()

    def between(self, edit: Edit) -> str:
        """What a change takes away."""
        return self._bytes[edit.start : edit.end].decode()

    def lines(self, edit: Edit) -> tuple[int, str, str]:
        """The first line, from 1, that a change touches; what stands there before, and after."""
        first, last = self.line_of(edit.start), self.line_of(max(edit.start, edit.end - 1))
        start, end = self._line_starts[first], self._line_starts[last + 1]
        old = self._bytes[start:end].decode()
        new = (self._bytes[start : edit.start] + edit.text.encode() + self._bytes[edit.end : end]).decode()
        return first + 1, _stripped(old), _stripped(new)


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a text and nothing else."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _number(node: ast.AST) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def _stripped(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())
