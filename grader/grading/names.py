"""Which names a notebook's cell binds, and which it needs from other cells, as its source shows."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PYTHON_CELL: Final = re.compile(r"\A\s*%%(?:capture|time)\b.*\n?")
_OF_THE_SESSION: Final = re.compile(r"^[ \t]*%(?:matplotlib|config|load_ext|autoreload|reload_ext)\b.*$", re.MULTILINE)
_OPEN: Final = frozenset({"globals", "locals", "vars", "eval", "exec", "get_ipython", "dir", "__main__", "In", "Out"})
"""What gives a cell names that it does not say."""

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Names:
    """The names in one cell.

    Attributes:
        binds: what it assigns, imports or defines for other cells.
        needs: what it uses without having bound it before.
        is_open: whether it may use any name without saying so, as with ``eval``, a shell command or a magic.
    """

    binds: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    is_open: bool = False


@lru_cache(maxsize=2048)
def names_in(source: str) -> Names:
    """The names in a cell; none in one that Python cannot read, which does nothing."""
    source = _OF_THE_SESSION.sub("", _PYTHON_CELL.sub("", source))
    if re.search(r"^\s*[%!?]|\?\s*$|=\s*[%!]", source, re.MULTILINE):
        return Names(is_open=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Names()
    inner = list(_tables_in(table))
    binds = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    binds |= {symbol.get_name() for own in inner for symbol in own.get_symbols() if symbol.is_declared_global()}
    free = [symbol for own in inner for symbol in own.get_symbols() if symbol.is_global() and symbol.is_referenced()]
    used_inside = {symbol.get_name() for symbol in free}
    needs: set[str] = set(used_inside - binds)
    _follow(tree.body, set(), needs)
    used = needs | used_inside | {symbol.get_name() for symbol in table.get_symbols()}
    is_open = not used.isdisjoint(_OPEN) or any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names) for node in ast.walk(tree)
    )
    return Names(frozenset(binds), frozenset(needs), is_open)


def _tables_in(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables_in(child)


def _follow(block: Sequence[ast.stmt], bound: set[str], needs: set[str]) -> None:
    """Goes through statements in the order in which they run; what only a branch or a loop binds may not be bound."""
    for statement in block:
        bodies = list(_bodies(statement))
        loads, stores = _used(statement, bodies)
        needs |= loads - bound
        bound |= stores
        certain = isinstance(statement, ast.With | ast.AsyncWith)
        for body in bodies:
            _follow(body, bound if certain else set(bound), needs)


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, _SCOPES):
        return
    for _, value in ast.iter_fields(statement):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value, list):
            yield from (item.body for item in value if isinstance(item, ast.ExceptHandler | ast.match_case))


def _used(statement: ast.stmt, bodies: Sequence[Sequence[ast.stmt]]) -> tuple[set[str], set[str]]:
    """What a statement itself loads and stores, its blocks and other scopes left out."""
    blocks = {id(inner) for body in bodies for inner in body}
    loads: set[str] = set()
    stores: set[str] = set()
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        match node:
            case ast.Name(ctx=ast.Store()):
                stores.add(node.id)
            case ast.Name():
                loads.add(node.id)
            case ast.Import() | ast.ImportFrom():
                stores |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                stores.add(name)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            loads.add(node.target.id)
        if isinstance(node, _SCOPES):
            if not isinstance(node, ast.Lambda):
                stores.add(node.name)
            left += _outside(node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            left.append(node.generators[0].iter)  # the rest is a scope of its own
        else:
            left += [child for child in ast.iter_child_nodes(node) if id(child) not in blocks]
    return loads, stores


def _outside(scope: ast.AST) -> Iterator[ast.AST]:
    """What a definition evaluates where it stands: decorators, defaults, annotations, bases."""
    for name, value in ast.iter_fields(scope):
        if name != "body":
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST))
