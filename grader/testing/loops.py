"""The rule "no Python loops", read off the student's source and measured on large inputs."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from IPython.core.inputtransformer2 import TransformerManager

from grader.testing.failures import CheckFailure, UndefinedNameError, WorkerTimeoutError, student_error
from grader.testing.messages import Message, tr, verbatim
from grader.testing.student import Call, Remote, Student

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
    }
)  # fmt: skip
"""What loops in Python whatever library or object it belongs to: ``np.vectorize``, ``x.apply_``, ``pool.map``."""

_LOOPING_PATHS: Final = frozenset({"functools.reduce"})
"""What loops only because of where it comes from: ``np.add.reduce`` is one operation, ``functools.reduce`` a loop."""

_LOOKUPS: Final = frozenset({"globals", "vars", "getattr", "eval", "exec"})
"""What finds a function by a name in a string."""

_RECURSION: Final = "recursion"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

MAX_OPERATIONS: Final = 500
"""Tensor operations that one call of a vectorised function may need: the course's own need fewer than 30."""

PATIENCE: Final = 10
"""Wall-clock seconds given for each second of computing allowed: the machine may be busy with other things."""

_COUNTER: Final = """
def counting(function, limit):
    from torch.overrides import TorchFunctionMode

    class TooManyOperations(BaseException):
        pass

    class Counter(TorchFunctionMode):
        count = 0

        def __torch_function__(self, operation, types, args=(), kwargs=None):
            self.count += 1
            if self.count > limit:
                raise TooManyOperations
            return operation(*args, **(kwargs or {}))

    def counted(*args):
        counter = Counter()
        try:
            with counter:
                function(*args)
        except TooManyOperations:
            pass
        return counter.count

    return counted
"""
"""Runs beside the student's code: makes a function that returns how many operations a call of `function` needs."""


@dataclass(frozen=True)
class Loop:
    """A loop in the student's source."""

    construct: str
    function: str
    text: str


@dataclass(frozen=True)
class Binding:
    """What a name of the notebook stands for.

    Attributes:
        node: the definition, assignment or import that binds it.
        code: the source of its cell, as Python.
        earlier: the binding that this one uses, in ``f = decorate(f)``.
    """

    node: ast.AST
    code: str
    earlier: Binding | None = None


def find_loops(cells: Sequence[str], function: str) -> list[Loop]:
    """The loops in `function` and in every function or class of the notebook that it uses, itself included.

    Args:
        cells: the notebook's code cells; the last definition of a name counts.
        function: where to begin.
    """
    bindings = _bindings(cells)
    imports = {name: path for binding in bindings.values() for name, path in _imported(binding.node).items()}
    pending, loops, uses = [function], list[Loop](), dict[str, set[str]]()
    while pending:
        name = pending.pop(0)
        if name in uses or name not in bindings:
            continue
        uses[name] = set()
        binding: Binding | None = bindings[name]
        while binding is not None:
            loops += _loops_in(name, binding, imports, bindings.keys())
            uses[name] |= _names_used(binding) & bindings.keys()
            binding = binding.earlier
        pending += sorted(uses[name])
    loops += [
        Loop(_RECURSION, name, _line(bindings[name].code, bindings[name].node.lineno))  # type: ignore[attr-defined]
        for name in uses
        if _is_function(bindings[name].node) and _reaches(name, name, uses)
    ]
    return loops


def assert_no_python_loops(student: Student, function: str, *, allowed: int = 0, hint: Message | None = None) -> None:
    """Fails if `function`, or a function of the notebook that it uses, loops in Python.

    ``for``, ``while``, comprehensions, ``map``, ``zip``, ``vmap``, ``np.vectorize``, recursion and their kin all
    count. A loop that hides from the source does not hide from `assert_scales`.

    A function that does nothing has no loop: let the check first see that the answer is right.

    Args:
        student: the notebook.
        function: the name of the student's function.
        allowed: how many loops the exercise permits.
        hint: in place of the usual one.
    """
    bound = _bindings(student.cells).get(function)
    if bound is None:
        raise UndefinedNameError("NameError", function)
    if _is_stub(bound.node):
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


def assert_scales(
    student: Student,
    function: Remote,
    *args: Any,
    seconds: float,
    operations: int = MAX_OPERATIONS,
    hint: Message | None = None,
) -> Call:
    """Fails unless a call on large inputs needs few tensor operations and little time, as a vectorised one does.

    Operations are counted first, and the count is the same on a slow machine; a function that goes on beyond the
    limit is stopped there. What loops without tensors (over a list, in NumPy) shows in the time: processor seconds
    of the student's process, so that other programs on the machine do not count.

    Args:
        student: the notebook.
        function: the student's function.
        args: large inputs: a loop over one of their dimensions must exceed `operations`.
        seconds: at least ten times what a vectorised answer needs.
        operations: the most calls of PyTorch's functions and methods.
        hint: in place of the usual one.

    Returns:
        The call, for further assertions.
    """
    hint = hint or tr("A Python loop costs about a microsecond a step: let one tensor operation do all the steps.")
    too_slow = CheckFailure(
        tr("Your function is too slow on a large input: more than {seconds} s.", seconds=f"{seconds:g}"), hint=hint
    )
    counted = student.define(_COUNTER, "counting")(function, operations)
    if isinstance(counted, Remote):
        counted.label = function.label
    try:
        with student.time_limit(PATIENCE * seconds):
            count = student.call(counted, *args).value
            if type(count) is not int or count > operations:
                raise CheckFailure(
                    tr("On a large input your function takes too many steps: it loops somewhere."),
                    expected=tr("at most {n} tensor operations", n=operations),
                    actual=tr("more than {n}", n=operations),
                    hint=hint,
                )
            call = student.call(function, *args)
    except WorkerTimeoutError as error:
        raise too_slow from error
    if call.seconds > seconds:
        raise too_slow
    return call


def definitions(cells: Sequence[str]) -> dict[str, tuple[ast.AST, str]]:
    """The functions and classes that cells define: each name's last definition, and the code of its cell."""
    return {
        name: (binding.node, binding.code)
        for name, binding in _bindings(cells).items()
        if isinstance(binding.node, Definition) or _is_function(binding.node)
    }


# ------------------------------------------------------------------------------------------------ source


def _bindings(cells: Sequence[str]) -> dict[str, Binding]:
    """What each global name of the notebook is bound to last, as far as the source tells."""
    found: dict[str, Binding] = {}
    for cell in cells:
        code, tree = _parsed(cell)
        for node in _global_statements(tree.body):
            for name in _names_bound(node):
                binding = Binding(node, code)
                before = found.get(name)
                if before is not None and isinstance(node, ast.Assign) and name in _names_used(binding):
                    binding = Binding(node, code, before)
                found[name] = binding
    return found


@lru_cache(maxsize=512)
def _parsed(cell: str) -> tuple[str, ast.Module]:
    """A cell as Python; empty where it is none, and so did not run either. Every check of a rule asks again."""
    try:
        code = TransformerManager().transform_cell(_without_cell_magic(cell))
        return code, ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "", ast.Module([], [])


def _without_cell_magic(cell: str) -> str:
    """The cell without a first line such as ``%%time``, whose rest runs in the notebook all the same."""
    stripped = cell.lstrip()
    return stripped.partition("\n")[2] if stripped.startswith("%%") else cell


def _global_statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The statements that run in the notebook's own scope, also those inside ``if``, ``with``, ``try``, ``for``."""
    for node in body:
        yield node
        if not isinstance(node, Definition):
            for block in ("body", "orelse", "finalbody"):
                yield from _global_statements(getattr(node, block, []))
            for inner in getattr(node, "handlers", []):
                yield from _global_statements(inner.body)


def _names_bound(node: ast.AST) -> list[str]:
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []


def _names_used(binding: Binding) -> set[str]:
    """The global names that a definition uses.

    An assignment such as ``fast = cache(slow)`` uses `slow`; in ``table = compute()`` the value is data, and how
    it was computed is not the function's loop.
    """
    node = binding.node
    if isinstance(node, Definition):
        decorators = {name.id for item in node.decorator_list for name in _loaded(item)}
        return _globals_of(node, binding.code) | decorators
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return set()
    value = node.value
    made_by = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    is_object = made_by[:1].isupper()  # of one of the notebook's classes
    return {name.id for name in _loaded(value) if name.id != made_by or is_object}


def _loaded(node: ast.AST) -> Iterator[ast.Name]:
    return (name for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load))


def _globals_of(node: Definition, code: str) -> set[str]:
    """The names that a function or class takes from the notebook; its own variables and parameters are none."""
    table = _table_of(node, _symbols(code))
    names = _free_names(table) if table is not None else {name.id for name in _loaded(node)}
    if names & _LOOKUPS:  # globals()["helper"]
        names |= {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and type(item.value) is str}
    return names


@lru_cache(maxsize=256)
def _symbols(code: str) -> symtable.SymbolTable:
    return symtable.symtable(code, "<cell>", "exec")


def _table_of(node: Definition, table: symtable.SymbolTable) -> symtable.SymbolTable | None:
    lines = {node.lineno, *(item.lineno for item in node.decorator_list)}
    for child in table.get_children():
        if child.get_name() == node.name and child.get_lineno() in lines:
            return child
    return None


def _free_names(table: symtable.SymbolTable) -> set[str]:
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return names.union(*(_free_names(child) for child in table.get_children()))


# ------------------------------------------------------------------------------------------------- loops


def _loops_in(name: str, binding: Binding, imports: Mapping[str, str], bound: Collection[str]) -> Iterator[Loop]:
    node = binding.node
    scope = [node] if isinstance(node, Definition) else _function_values(node)
    inner = {key: path for item in ast.walk(node) for key, path in _imported(item).items()}
    builtins = _names_used(binding) - set(bound)
    found = [
        (part.lineno, construct)  # type: ignore[attr-defined]
        for root in scope
        for part in ast.walk(root)
        if (construct := _construct(part, {**imports, **inner}, builtins, is_inner=part is not node))
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
        return _RECURSION if any(name.id == node.name for name in _loaded(node)) else None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and is_inner:
        names = {name.id for name in _loaded(node.value)}
        return _RECURSION if names.intersection(_names_bound(node)) else None
    return None


def _imported(node: ast.AST) -> dict[str, str]:
    """What each name that an import binds is called where it comes from: ``{"reduce": "functools.reduce"}``."""
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    if isinstance(node, ast.Import):
        whole = [(alias.name if alias.asname else alias.name.partition(".")[0], alias.asname) for alias in node.names]
        return {asname or path: path for path, asname in whole}
    return {}


def _is_looping(path: str) -> bool:
    module, _, name = path.rpartition(".")
    return (
        name in _LOOPING_NAMES
        or path in _LOOPING_PATHS
        or module == "itertools"
        or (module == "builtins" and name in _LOOPING_BUILTINS)
    )


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) or isinstance(getattr(node, "value", None), ast.Lambda)


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
