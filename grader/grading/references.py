"""What a release makes of `grader.kit.references.reference`: bodies left out of sources; imports no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.course import Checks, CourseError, exercises_in, with_imported

_MARK: Final = "reference"
_LEFT_OUT: Final = "raise NotImplementedError  # its values lie in expected.json"


def marked(source: str) -> list[ast.FunctionDef]:
    """The functions of a file that are marked as references, in the file's order."""
    return sorted(_marked(ast.parse(source)), key=lambda function: function.lineno)


def _marked(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(map(_is_mark, node.decorator_list)):
            yield node


def _is_mark(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == _MARK) or (isinstance(node, ast.Attribute) and node.attr == _MARK)


def without_references(path: Path) -> bytes:
    """A file of checks without the bodies of its references; nothing else in it changes.

    Raises:
        CourseError: a body stands on the line of its ``def``.
    """
    content = path.read_bytes()
    if path.suffix != ".py" or _MARK.encode() not in content:
        return content
    lines = content.decode().splitlines(keepends=True)
    for function in reversed(marked(content.decode())):
        body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
        if function.body[0].lineno == function.lineno:
            raise CourseError(f"{path}:{function.lineno}: the body of a reference begins on a line of its own")
        indent = " " * function.body[0].col_offset
        first, last = (body[0].lineno - 1 if body else function.end_lineno or 0), function.end_lineno or 0
        lines[first:last] = [f"{indent}{_LEFT_OUT}\n"]
    return "".join(lines).encode()


def exercises_with_references(checks: Checks) -> list[str]:
    """The exercises whose visible checks use references, in their own file or in one that it imports."""
    using = [path for path in checks.visible if any(marked(file.read_text("utf-8")) for file in with_imported(path))]
    return list(dict.fromkeys(name for path in using for name in exercises_in(path)))


def recorded_values(checks: Checks, notebook: Path, exercises: list[str]) -> dict[str, bytes]:
    """The files with the values that references have in the visible checks of a source notebook.

    A process of its own runs them: who generates an assignment does not wait for torch where there is none.

    Raises:
        CourseError: the checks cannot be run on the notebook.
    """
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(checks.folder.resolve()), str(notebook.resolve()), folder, *exercises]
        command = [sys.executable, "-m", "grader.checking.recording", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CourseError(f"the visible checks cannot be run on {notebook}:\n{done.stderr.strip()[-2000:]}")
        root = Path(folder)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("expected.*"))}
