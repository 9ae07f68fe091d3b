"""Cells and files that hold checks, as their source shows them; imports nothing but the standard library."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_LANGUAGE: Final = re.compile(r"""^(?:grader\.)?use_language\(["'](\w{2,8})["']\)""", re.MULTILINE)
_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+grader\b", re.MULTILINE)


def exercise_checked(source: str) -> str | None:
    """The exercise of a check cell, whose only statement is ``check("exercise")``; None for any other cell."""
    match _statements(source):
        case [ast.Expr(ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str() as exercise)], keywords=[]))]:
            return exercise
    return None


def is_of_ours(source: str) -> bool:
    """Whether an instructor's code cell belongs to AulaTorch: a check cell, or one that imports the package."""
    return exercise_checked(source) is not None or _IMPORT.search(source) is not None


def calls_check(source: str) -> bool:
    """Whether a cell calls ``check``, in whatever form: a check cell, or what was meant to be one."""
    return any(
        isinstance(node, ast.Call) and _called_name(node) == "check"
        for statement in _statements(source)
        for node in ast.walk(statement)
    )


def language_named(cells: Iterable[str]) -> str | None:
    """The language that a notebook's cells ask for last with ``use_language("es")``; None where they name none."""
    found = [name for source in cells for name in _LANGUAGE.findall(source)]
    return found[-1] if found else None


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def checks_in(path: Path) -> Counter[str]:
    """How many checks of which exercise a check file has, without importing it.

    Raises:
        SyntaxError: the file is not Python.
    """
    return Counter(dict(_checks_in(path, path.stat().st_mtime_ns)))


@lru_cache(maxsize=256)
def _checks_in(path: Path, changed: int) -> tuple[tuple[str, int], ...]:  # noqa: ARG001 - the cache's key
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            found.update(set(_exercises_named(node.decorator_list, path.parent)))
    for name in _exercises_named([tree], path.parent):
        found.setdefault(name, 1)  # named for a whole class or file: its checks cannot be counted from here
    return tuple(found.items())


def exercises_that_weigh(path: Path) -> frozenset[str]:
    """The exercises of a check file that have a check with another weight than ``weight=0``.

    Raises:
        SyntaxError: the file is not Python.
    """
    return _exercises_that_weigh(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _exercises_that_weigh(path: Path, changed: int) -> frozenset[str]:  # noqa: ARG001 - the cache's key
    marks = _marks([ast.parse(path.read_text(encoding="utf-8"))], path.parent)
    return frozenset(name for name, mark in marks if not any(map(_is_zero_weight, mark.keywords)))


def _is_zero_weight(keyword: ast.keyword) -> bool:
    return keyword.arg == "weight" and isinstance(keyword.value, ast.Constant) and keyword.value.value == 0


def _exercises_named(nodes: list[Any], folder: Path) -> Iterator[str]:
    return (name for name, _ in _marks(nodes, folder))


def _marks(nodes: list[Any], folder: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each ``exercise("name")`` in `nodes`, and each ``cases_of(module.check)`` with the exercise of that check."""
    for top in nodes:
        for node in ast.walk(top):
            match node:
                case ast.Call(args=[ast.Constant(value=str() as name), *_]) if _called_name(node) == "exercise":
                    yield name, node
                case ast.Call() if _called_name(node) == "cases_of":
                    other = _other_check(node, folder)
                    marks = _marks(list(other.decorator_list), folder) if other is not None else ()
                    yield from ((name, node) for name, _ in marks)


def titles_in(path: Path) -> list[tuple[str, str]]:
    """The exercise and the title of each check of a file, in order, without importing it.

    Raises:
        SyntaxError: the file is not Python.
    """
    found = []
    for check in _functions(path, path.stat().st_mtime_ns).values():
        for exercise, mark in _marks(list(check.decorator_list), path.parent):
            titled = check if _called_name(mark) == "exercise" else _other_check(mark, path.parent)
            text = (ast.get_docstring(titled) if titled is not None else None) or ""
            found.append((exercise, " ".join(text.split("\n\n", 1)[0].split())))
    return found


def _other_check(mark: ast.Call, folder: Path) -> ast.FunctionDef | None:
    """The check that ``cases_of(module.check)`` names."""
    match mark.args:
        case [ast.Attribute(value=ast.Name(id=module), attr=name), *_]:
            return check_named(folder / f"{module}.py", name)
    return None


def check_named(path: Path, name: str) -> ast.FunctionDef | None:
    """A check of a file, as its source shows it; None where there is no such check."""
    try:
        return _functions(path, path.stat().st_mtime_ns).get(name)
    except (OSError, SyntaxError):
        return None


@lru_cache(maxsize=256)
def _functions(path: Path, changed: int) -> dict[str, ast.FunctionDef]:  # noqa: ARG001 - the cache's key
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def _called_name(node: ast.Call) -> str:
    function: Any = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def without_magic(line: str) -> str:
    """A line of a cell that Python's own parser reads: a magic or a shell command counts as nothing."""
    stripped = line.lstrip()
    return line[: len(line) - len(stripped)] + "pass" if stripped.startswith(("%", "!")) else line


def dotted_name(node: ast.expr) -> str:
    """The name that an expression is written as, such as ``get_ipython().system``; empty for what has none."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted_name(node.func)}()"
    return node.id if isinstance(node, ast.Name) else ""
