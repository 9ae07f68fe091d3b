"""The rule "no Python loops", read off the student's source and measured on large inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from IPython.core.inputtransformer2 import TransformerManager

from grader.testing.failures import CheckFailure, UndefinedNameError, WorkerTimeoutError, student_error
from grader.testing.messages import Message, tr, verbatim
from grader.testing.student import Call, Remote, Student

_LOOP_STATEMENTS: Final = {ast.For: "for", ast.While: "while", ast.AsyncFor: "for"}
_COMPREHENSIONS: Final = {
    ast.ListComp: "[… for …]",
    ast.SetComp: "{… for …}",
    ast.DictComp: "{…: … for …}",
    ast.GeneratorExp: "(… for …)",
}
_LOOPING_CALLS: Final = {
    "map",
    "filter",
    "vmap",
    "vectorize",
    "apply_along_axis",
    "fromiter",
    "map_",
    "reduce",
}


@dataclass(frozen=True)
class Loop:
    """A loop in the student's source."""

    construct: str
    function: str
    text: str


def find_loops(cells: Sequence[str], function: str) -> list[Loop]:
    """The loops in `function` and in every function or class of the notebook that it uses, itself included.

    Args:
        cells: the notebook's code cells; the last definition of a name counts.
        function: where to begin.
    """
    defined = definitions(cells)
    pending, seen, loops = [function], set[str](), list[Loop]()
    while pending:
        name = pending.pop()
        if name in seen or name not in defined:
            continue
        seen.add(name)
        node, cell = defined[name]
        loops += [Loop(construct, name, _line(cell, line)) for construct, line in _loops_in(node)]
        pending += [used.id for used in ast.walk(node) if isinstance(used, ast.Name)]
    return loops


def assert_no_python_loops(student: Student, function: str, *, allowed: int = 0, hint: Message | None = None) -> None:
    """Fails if `function`, or a function of the notebook that it uses, loops in Python.

    ``for``, ``while``, comprehensions, ``map``, ``vmap``, ``np.vectorize`` and their kin all count. A loop that
    hides from the source does not hide from `assert_scales`.

    A function that does nothing has no loop: let the check first see that the answer is right.

    Args:
        student: the notebook.
        function: the name of the student's function.
        allowed: how many loops the exercise permits.
        hint: in place of the usual one.
    """
    defined = definitions(student.cells).get(function)
    if defined is None:
        raise UndefinedNameError("NameError", function)
    if "raise NotImplementedError" in ast.unparse(defined[0]):
        raise student_error({"type": "NotImplementedError", "message": "", "bases": ["NotImplementedError"]})
    loops = find_loops(student.cells, function)
    if len(loops) <= allowed:
        return
    loop = loops[allowed]
    raise CheckFailure(
        tr(
            "There is a Python loop ({construct}) in {function}.",
            construct=loop.construct,
            function=loop.function,
        ),
        expected=tr("{n} loops", n=allowed),
        actual=verbatim(loop.text),
        hint=hint
        or tr("Add dimensions of size 1 so that broadcasting visits every pair, and reduce with sum, mean or max."),
    )


def assert_scales(student: Student, function: Remote, *args: Any, seconds: float, hint: Message | None = None) -> Call:
    """Fails unless a call on large inputs answers within `seconds`, as a vectorised function does.

    Returns:
        The call, for further assertions.
    """
    problem = tr("Your function is too slow on a large input: more than {seconds} s.", seconds=f"{seconds:g}")
    hint = hint or tr("A Python loop costs about a microsecond a step: let one tensor operation do all the steps.")
    try:
        with student.time_limit(seconds):
            call = student.call(function, *args)
    except WorkerTimeoutError as error:
        raise CheckFailure(problem, hint=hint) from error
    if call.seconds > seconds:
        raise CheckFailure(problem, hint=hint)
    return call


def definitions(cells: Sequence[str]) -> dict[str, tuple[ast.AST, str]]:
    """The functions and classes that cells define: each name's last definition, and the code of its cell."""
    found: dict[str, tuple[ast.AST, str]] = {}
    for cell in cells:
        try:
            code = TransformerManager().transform_cell(cell)
            tree = ast.parse(code)
        except SyntaxError:
            continue  # the cell did not run either
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[node.name] = (node, code)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                found.update((target.id, (node, code)) for target in node.targets if isinstance(target, ast.Name))
    return found


def _loops_in(node: ast.AST) -> Iterator[tuple[str, int]]:
    for child in ast.walk(node):
        for kind, construct in (_LOOP_STATEMENTS | _COMPREHENSIONS).items():
            if isinstance(child, kind):
                yield construct, child.lineno  # type: ignore[attr-defined]
        if isinstance(child, ast.Call):
            name = child.func.id if isinstance(child.func, ast.Name) else getattr(child.func, "attr", "")
            if name in _LOOPING_CALLS:
                yield name, child.lineno


def _line(cell: str, line: int) -> str:
    lines = cell.splitlines()
    return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""
