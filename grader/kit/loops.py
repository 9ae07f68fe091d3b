"""The rule "no Python loops", read off the student's source and measured on large inputs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.kit.bindings import (
    Binding,
    Definition,
    all_bindings,
    bindings_used,
    bound_names,
    imports_of,
    is_function,
    names_bound,
    names_loaded,
    names_used,
)
from grader.kit.failures import CheckFailure, UndefinedNameError, student_error
from grader.kit.messages import Message, tr, verbatim
from grader.kit.own_work import own_modules
from grader.kit.student import Student

_LOOP_NODES: Final[Mapping[type[ast.AST], str]] = {
    ast.For: "for",
    ast.AsyncFor: "for",
    ast.While: "while",
    ast.ListComp: "[… for …]",
    ast.SetComp: "{… for …}",
    ast.DictComp: "{…: … for …}",
    ast.GeneratorExp: "(… for …)",
}
_LOOPING_BUILTINS: Final = frozenset({"map", "filter", "zip", "enumerate", "iter"})
_LOOPING_NAMES: Final = frozenset(
    {
        "vmap", "vectorize", "frompyfunc", "apply_along_axis", "apply_over_axes", "fromiter",
        "nditer", "ndenumerate", "ndindex", "tree_map", "while_loop", "map", "map_", "map2_", "apply_",
        "scan", "starmap", "imap", "imap_unordered", "applymap",
    }
)  # fmt: skip
"""What loops in Python whatever library or object it belongs to: ``np.vectorize``, ``x.apply_``, ``pool.map``."""

_LOOPING_PATHS: Final = frozenset({"functools.reduce"})
"""What loops only because of where it comes from: ``np.add.reduce`` is one operation, ``functools.reduce`` a loop."""

_RECURSION: Final = "recursion"
_VMAP: Final = tr("torch.vmap counts as a loop here: it hides the broadcasting that this exercise is about.")


@dataclass(frozen=True)
class Loop:
    """A loop in the student's source."""

    construct: str
    function: str
    text: str


def find_loops(
    cells: Sequence[str], function: str, modules: Mapping[str, str] | None = None, *, apart: Collection[str] = ()
) -> list[Loop]:
    """The loops in `function` and in every function or class of the student's that it uses, itself included.

    Args:
        cells: the notebook's code cells; the last definition of a name counts.
        function: where to begin.
        modules: the sources of the student's own files that the notebook imports, by module.
        apart: functions that are not looked at.
    """
    modules = modules or {}
    bindings = all_bindings(cells, modules)
    pending, loops, uses = [function], list[Loop](), dict[str, set[str]]()
    while pending:
        name = pending.pop(0)
        if name in uses or name not in bindings or name in apart:
            continue
        uses[name] = set()
        binding: Binding | None = bindings[name]
        while binding is not None:
            loops += _loops_in(name, binding, bindings)
            uses[name] |= bindings_used(binding, bindings, modules)
            binding = binding.earlier
        pending += sorted(uses[name])
    loops += [
        Loop(_RECURSION, name, _line(bindings[name].code, bindings[name].node.lineno))  # type: ignore[attr-defined]
        for name in uses
        if is_function(bindings[name].node) and _reaches(name, name, uses)
    ]
    return loops


def assert_no_python_loops(
    student: Student,
    function: str,
    *,
    allowed: int = 0,
    apart: Collection[str] = (),
    hint: Message | None = None,
) -> None:
    """Fails if `function`, or a function of the notebook or of a file beside it that it uses, loops in Python.

    ``for``, ``while``, comprehensions, ``map``, ``zip``, ``vmap``, ``np.vectorize``, recursion and their kin all
    count. A loop that hides from the source does not hide from `assert_scales`.

    A function that does nothing has no loop: let the check first see that the answer is right.

    Args:
        student: the notebook.
        function: the name of the student's function.
        allowed: how many loops the exercise permits.
        apart: functions that are exercises of their own, and judged there.
        hint: in place of the usual one.
    """
    bound = bound_names(student.cells).get(function)
    if bound is None:
        raise UndefinedNameError("NameError", function)
    if _is_stub(bound.node):
        raise student_error({"type": "NotImplementedError", "message": "", "bases": ["NotImplementedError"]})
    loops = find_loops(student.cells, function, own_modules(student), apart=apart)
    if len(loops) <= allowed:
        return
    loop = loops[allowed]
    is_vmap = loop.construct.endswith("vmap")
    if is_vmap:
        hint = _VMAP
    found = {"construct": loop.construct, "function": loop.function}
    raise CheckFailure(
        tr("There is a {construct} in {function}.", **found)
        if is_vmap
        else tr("There is a Python loop ({construct}) in {function}.", **found),
        expected=tr("{n} loops", n=allowed),
        actual=verbatim(loop.text),
        hint=hint
        or tr("Add dimensions of size 1 so that broadcasting visits every pair, and reduce with sum, mean or max."),
    )


def _loops_in(name: str, binding: Binding, bindings: Mapping[str, Binding]) -> Iterator[Loop]:
    node = binding.node
    scope = [node] if isinstance(node, Definition) else _function_values(node)
    imports = imports_of(binding, bindings)
    prefix = f"{binding.module}." if binding.module else ""
    builtins = {used for used in names_used(binding) if prefix + used not in bindings}
    found = [
        (part.lineno, construct)  # type: ignore[attr-defined]
        for root in scope
        for part in ast.walk(root)
        if (construct := _construct(part, imports, builtins, is_inner=part is not node))
    ]
    return (Loop(construct, name, _line(binding.code, line)) for line, construct in sorted(found))


def _function_values(node: ast.AST) -> list[ast.AST]:
    """The parts of an assigned value that make functions, as in ``fast = np.vectorize(slow)``; data has none."""
    value = getattr(node, "value", None)
    if value is None or isinstance(node, ast.Expr):
        return []
    parts = [value.func, *value.args] if isinstance(value, ast.Call) else [value]
    named = [part for part in parts if isinstance(part, ast.Attribute | ast.Name)]
    return [*named, *(part for part in ast.walk(value) if isinstance(part, ast.Lambda))]


def _construct(node: ast.AST, imports: Mapping[str, str], builtins: Collection[str], *, is_inner: bool) -> str | None:
    """What kind of loop `node` is, or what it is called if it stands for something that loops in Python."""
    if type(node) in _LOOP_NODES:
        return _LOOP_NODES[type(node)]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in imports:
            return node.id if _is_looping(imports[node.id]) else None
        return node.id if node.id in _LOOPING_BUILTINS and node.id in builtins else None
    if isinstance(node, ast.Attribute):
        owner = imports.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
        return ast.unparse(node)[:40] if _is_looping(f"{owner}.{node.attr}") else None
    if isinstance(node, ast.FunctionDef) and is_inner:
        return _RECURSION if any(name.id == node.name for name in names_loaded(node)) else None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and is_inner:
        names = {name.id for name in names_loaded(node.value)}
        return _RECURSION if names.intersection(names_bound(node)) else None
    return None


def _is_looping(path: str) -> bool:
    module, _, name = path.rpartition(".")
    return (
        name in _LOOPING_NAMES
        or path in _LOOPING_PATHS
        or module == "itertools"
        or (module == "builtins" and name in _LOOPING_BUILTINS)
    )


def _is_stub(node: ast.AST) -> bool:
    """Whether a function does nothing, after its docstring, but raise NotImplementedError."""
    if not isinstance(node, ast.FunctionDef):
        return False
    body = [item for item in node.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.unparse(body[0])


def _reaches(start: str, goal: str, uses: Mapping[str, set[str]]) -> bool:
    """Whether a chain of one or more uses leads from `start` to `goal`."""
    pending, seen = list(uses.get(start, ())), set[str]()
    while pending:
        name = pending.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            pending += uses.get(name, ())
    return False


def _line(cell: str, line: int) -> str:
    lines = cell.splitlines()
    return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""
