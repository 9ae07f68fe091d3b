"""Whether a function does its work itself, in the notebook or in files beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from typing import Any, Final

from grader.kit.bindings import all_bindings, modules_named, names_imported, names_reached
from grader.kit.failures import CheckFailure
from grader.kit.messages import Message, tr
from grader.kit.student import Student
from grader.kit.tracing import traced_call

MAX_IMPORTS: Final = 5
"""How long a chain of the student's own files is followed."""

_READER: Final = """
def read_sources(names):
    import sys
    import sysconfig

    libraries = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
    sources = {}
    for name in names:
        file = getattr(sys.modules.get(name), "__file__", None) or ""
        if file.endswith(".py") and "-packages" not in file and not file.startswith(libraries):
            try:
                with open(file, encoding="utf-8") as source:
                    sources[name] = source.read(100_000)
            except (OSError, ValueError):
                pass
    return sources
"""
"""Runs beside the student's code: the sources of modules that are files of the student's own."""


def assert_own_work(
    student: Student, function: str, *args: Any, libraries: Collection[str], hint: Message | None = None
) -> None:
    """Fails if `function` leaves its work to one of `libraries`, such as ``sklearn``.

    Args:
        student: the notebook.
        function: the name of the student's function.
        args: of a call in which it is seen what runs.
        libraries: the packages that the exercise forbids.
        hint: what to use instead.
    """
    modules = own_modules(student)
    bindings = all_bindings(student.cells, modules)
    _, ran = traced_call(student, student[function], *args)
    found = [name for name in libraries if name in ran] or [
        path.partition(".")[0]
        for name in names_reached(function, bindings, modules)
        for part in ast.walk(bindings[name].node)
        for path in (*names_imported(part).values(), *_module_written(part, libraries))
        if path.partition(".")[0] in libraries
    ]
    if found:
        raise CheckFailure(
            tr("{function} leaves its work to {library}.", function=function, library=found[0]), hint=hint
        )


def _module_written(node: ast.AST, libraries: Collection[str]) -> list[str]:
    """The module of one of `libraries` that a text of the source names, as ``import_module`` takes it."""
    match node:
        case ast.Constant(value=str() as text) if re.fullmatch(
            rf"({'|'.join(map(re.escape, libraries))})(\.\w+)*", text
        ):
            return [text]
    return []


def own_modules(student: Student) -> dict[str, str]:
    """The sources of the student's own files that the notebook imports, and of those that they import."""
    sources: dict[str, str] = {}
    wanted = modules_named(student.cells)
    for _ in range(MAX_IMPORTS):  # one file imports another
        missing = sorted(wanted - sources.keys())[:100]
        if not missing:
            break
        found = student.define(_READER, "read_sources")(missing)
        if not isinstance(found, dict) or not found:
            break
        sources |= {name: text for name, text in found.items() if isinstance(name, str) and isinstance(text, str)}
        wanted = sources.keys() | modules_named(list(found.values()))
    return sources
