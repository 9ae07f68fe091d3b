"""Lines of a cell that ask for something to be typed, where nobody sits who could: `input()` and `getpass()`.

What stands below them in their cell would be lost with them. So a line that keeps what was typed, or waits for it, is
set aside, and the rest of the cell runs; whoever then misses the name is told which line would have defined it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grader.check_cells import dotted_name, without_magic
from grader.kit.messages import Message, tr

ASKS_NOBODY: Final = tr("input() asks for something to be typed. Write the value into the cell instead.")
"""What such a call says where its line cannot be set aside."""

_ASKING: Final = ("input", "getpass", "getpass.getpass")
_MAX_SOURCE: Final = 50_000
_SHOWN: Final = 60


@dataclass
class Questions:
    """A notebook's cells on their way to where nobody answers, in order.

    Attributes:
        asked: by the name that it would have defined, each line that was set aside.
    """

    asked: dict[str, str] = field(default_factory=dict)
    _has_own_input: bool = False

    def set_aside(self, source: str) -> tuple[str, list[str]]:
        """A cell's source without the lines that ask, and those lines; the others stay where they were."""
        if len(source) > _MAX_SOURCE or not any(name in source for name in _ASKING[:2]):
            return source, []
        lines = source.split("\n")
        try:
            tree = ast.parse("\n".join(map(without_magic, lines)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return source, []
        self._has_own_input |= any(map(_binds_input, _outside_functions(tree)))
        if self._has_own_input:
            return source, []
        removed = []
        for statement in _asking_statements(tree.body):
            start, end = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
            before = lines[start].encode()[: statement.col_offset].decode()
            after = lines[end].encode()[statement.end_col_offset or 0 :].decode().strip()
            if before.strip() or (after and not after.startswith("#")):
                continue  # it shares its line
            line = _shown(statement)
            removed.append(line)
            self.asked |= dict.fromkeys(_bound(statement), line)
            lines[start : end + 1] = [f"{before}pass", *[""] * (end - start)]
        return "\n".join(lines), removed


def said_of_asked(name: str, asked: Mapping[str, str]) -> Message | None:
    """Why a name is missing that a line would have defined which was set aside."""
    if name not in asked:
        return None
    return tr(
        "`{name}` is missing: its line “{line}” asks for something to be typed, and nobody can answer while your"
        " notebook is graded. Write the value into the cell instead.",
        name=name,
        line=asked[name],
    )


def _asking_statements(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a cell that ask, and of its conditions; a loop that waits for an answer would have no end without it."""
    for statement in statements:
        match statement:
            case ast.If(body=body, orelse=orelse):
                yield from _asking_statements([*body, *orelse])
            case ast.With(body=body):
                yield from _asking_statements(body)
            case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                if _asks(value):
                    yield statement


def _asks(value: ast.expr) -> bool:
    """Whether an expression asks as it is computed, and not as a function that it makes is called."""
    return any(isinstance(node, ast.Call) and dotted_name(node.func) in _ASKING for node in _outside_functions(value))


def _outside_functions(root: ast.AST) -> Iterator[ast.AST]:
    """What lies in a tree, but for what functions and classes hold."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=targets):
            pass
        case ast.AnnAssign(target=target):
            targets = [target]
        case _:
            return []
    names = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]


def _shown(statement: ast.stmt) -> str:
    """A statement on one line, cut where it is long."""
    line = ast.unparse(statement).split("\n", 1)[0]
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _binds_input(node: ast.AST) -> bool:
    """Whether a name of the student's own stands for another `input`, as tensors are often called."""
    match node:
        case ast.FunctionDef(name="input") | ast.AsyncFunctionDef(name="input") | ast.ClassDef(name="input"):
            return True
        case ast.Name(id="input", ctx=ast.Store()) | ast.alias(asname="input") | ast.alias(name="input", asname=None):
            return True
    return False
