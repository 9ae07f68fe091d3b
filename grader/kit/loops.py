"""The rule "no Python loops", read off the student's source and measured on large inputs."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from IPython.core.inputtransformer2 import TransformerManager

from grader.kit.failures import CheckFailure, UndefinedNameError, WorkerTimeoutError, student_error
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Call, Remote, Student

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

_LOOKUPS: Final = frozenset({"globals", "vars", "getattr", "eval", "exec"})
"""What finds a function by a name in a string."""

_RECURSION: Final = "recursion"

_VMAP: Final = tr("torch.vmap counts as a loop here: it hides the broadcasting that this exercise is about.")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

MAX_OPERATIONS: Final = 500
"""Tensor operations that one call of a vectorised function may need: the course's own need fewer than 30."""

PATIENCE: Final = 10
"""Wall-clock seconds given for each second of computing allowed: the machine may be busy with other things."""

MAX_IMPORTS: Final = 5
"""How long a chain of the student's own files is followed."""

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

_TRACER: Final = """
def tracing(function, limit):
    import sys
    import sysconfig
    import threading

    libraries = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}) + ("<frozen ",)
    count, packages = 0, set()

    class TooManyLines(BaseException):
        pass

    def traced(frame, event, argument):
        nonlocal count
        if event == "call":
            file = frame.f_code.co_filename
            if "site-packages" in file or "dist-packages" in file or file.startswith(libraries):
                packages.add(str(frame.f_globals.get("__name__")).partition(".")[0])
                return None
        elif event == "line":
            count += 1
            if count > limit:
                is_main = threading.current_thread() is threading.main_thread()
                raise TooManyLines if is_main else SystemExit  # a thread ends by that without a word
        return traced

    def counted(*args):
        before = sys.gettrace()
        threading.settrace(traced)
        sys.settrace(traced)
        try:
            function(*args)
        except TooManyLines:
            pass
        finally:
            sys.settrace(before)
            threading.settrace(before)
        return count, sorted(packages)

    return counted
"""
"""Runs beside the student's code: makes a function that returns how many lines outside of Python's and installed
libraries a call of `function` runs, wherever their source lies, and which libraries it runs."""

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


@dataclass(frozen=True)
class Loop:
    """A loop in the student's source."""

    construct: str
    function: str
    text: str


@dataclass(frozen=True)
class Binding:
    """What a name of the notebook, or of a file that it imports, stands for.

    Attributes:
        node: the definition, assignment or import that binds it.
        code: the source of its cell or file, as Python.
        earlier: the binding that this one uses, in ``f = decorate(f)``.
        module: of the file; empty for the notebook.
    """

    node: ast.AST
    code: str
    earlier: Binding | None = None
    module: str = ""


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
    bindings = _all_bindings(cells, modules)
    pending, loops, uses = [function], list[Loop](), dict[str, set[str]]()
    while pending:
        name = pending.pop(0)
        if name in uses or name not in bindings or name in apart:
            continue
        uses[name] = set()
        binding: Binding | None = bindings[name]
        while binding is not None:
            loops += _loops_in(name, binding, bindings)
            uses[name] |= _bindings_used(binding, bindings, modules)
            binding = binding.earlier
        pending += sorted(uses[name])
    loops += [
        Loop(_RECURSION, name, _line(bindings[name].code, bindings[name].node.lineno))  # type: ignore[attr-defined]
        for name in uses
        if _is_function(bindings[name].node) and _reaches(name, name, uses)
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
    bound = _bindings(student.cells).get(function)
    if bound is None:
        raise UndefinedNameError("NameError", function)
    if _is_stub(bound.node):
        raise student_error({"type": "NotImplementedError", "message": "", "bases": ["NotImplementedError"]})
    loops = find_loops(student.cells, function, _own_modules(student), apart=apart)
    if len(loops) <= allowed:
        return
    loop = loops[allowed]
    if loop.construct.endswith("vmap"):
        hint = _VMAP
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
    """Fails unless a call on large inputs needs few tensor operations, lines and seconds, as a vectorised one does.

    Operations are counted first, then the lines that run outside of libraries, wherever their source lies; both
    counts are the same on a slow machine, and a function that goes on beyond the limit is stopped there. What is slow
    within a library shows in the time: processor seconds of the student's process, so that other programs on the
    machine do not count.

    Args:
        student: the notebook.
        function: the student's function.
        args: large inputs: a loop over one of their dimensions must exceed `operations`.
        seconds: at least ten times what a vectorised answer needs.
        operations: the most calls of PyTorch's functions and methods, and the most lines.
        hint: in place of the usual one.

    Returns:
        The call, for further assertions.
    """
    hint = hint or tr("A Python loop costs about a microsecond a step: let one tensor operation do all the steps.")
    too_slow = CheckFailure(
        tr("Your function is too slow on a large input: more than {seconds} s.", seconds=f"{seconds:g}"), hint=hint
    )
    too_many = tr("On a large input your function takes too many steps: it loops somewhere.")
    counted = _labelled(student.define(_COUNTER, "counting")(function, operations), function)
    try:
        with student.time_limit(PATIENCE * seconds):
            count = student.call(counted, *args).value
            if type(count) is not int or count > operations:
                raise CheckFailure(
                    too_many,
                    expected=tr("at most {n} tensor operations", n=operations),
                    actual=tr("more than {n}", n=operations),
                    hint=hint,
                )
            lines, _ = _traced(student, function, *args, limit=operations)
            if lines > operations:
                raise CheckFailure(
                    too_many,
                    expected=tr("at most {n} lines run", n=operations),
                    actual=tr("more than {n}", n=operations),
                    hint=hint,
                )
            call = student.call(function, *args)
    except WorkerTimeoutError as error:
        raise too_slow from error
    if call.seconds > seconds:
        raise too_slow
    return call


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
    modules = _own_modules(student)
    bindings = _all_bindings(student.cells, modules)
    _, ran = _traced(student, student[function], *args)
    found = [name for name in libraries if name in ran] or [
        path.partition(".")[0]
        for name in _reached(function, bindings, modules)
        for part in ast.walk(bindings[name].node)
        for path in _imported(part).values()
        if path.partition(".")[0] in libraries
    ]
    if found:
        raise CheckFailure(
            tr("{function} leaves its work to {library}.", function=function, library=found[0]), hint=hint
        )


def definitions(cells: Sequence[str]) -> dict[str, tuple[ast.AST, str]]:
    """The functions and classes that cells define: each name's last definition, and the code of its cell."""
    return {
        name: (binding.node, binding.code)
        for name, binding in _bindings(cells).items()
        if isinstance(binding.node, Definition) or _is_function(binding.node)
    }


# ----------------------------------------------------------------------------------------------- running


def _labelled(remote: Any, function: Remote) -> Any:
    """A wrapped function, shown to the student under the name of what it wraps."""
    if isinstance(remote, Remote):
        remote.label = function.label
    return remote


def _traced(student: Student, function: Remote, *args: Any, limit: int = 10**9) -> tuple[int, list[str]]:
    """How many lines of the student's a call runs, to `limit`, and which libraries."""
    traced = _labelled(student.define(_TRACER, "tracing")(function, limit), function)
    match student.call(traced, *args).value:
        case int() as lines, list() as libraries:
            return lines, [str(name) for name in libraries]
    return limit + 1, []


def _own_modules(student: Student) -> dict[str, str]:
    """The sources of the student's own files that the notebook imports, and of those that they import."""
    sources: dict[str, str] = {}
    wanted = _modules_named(student.cells)
    for _ in range(MAX_IMPORTS):  # one file imports another
        missing = sorted(wanted - sources.keys())[:100]
        if not missing:
            break
        found = student.define(_READER, "read_sources")(missing)
        if not isinstance(found, dict) or not found:
            break
        sources |= {name: text for name, text in found.items() if isinstance(name, str) and isinstance(text, str)}
        wanted = sources.keys() | _modules_named(list(found.values()))
    return sources


# ------------------------------------------------------------------------------------------------ source


def _modules_named(codes: Sequence[str]) -> set[str]:
    """The modules that some code imports, by their full names."""
    return {
        name
        for code in codes
        for node in ast.walk(_parsed(code)[1])
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if name and name.partition(".")[0] not in {"torch", "numpy", "grader", "matplotlib", "sklearn"}
    }


def _all_bindings(cells: Sequence[str], modules: Mapping[str, str]) -> dict[str, Binding]:
    """… of the notebook, and under ``module.name`` those of its files."""
    bindings = _bindings(cells)
    for module, source in modules.items():
        bindings |= {f"{module}.{name}": _within(module, binding) for name, binding in _bindings([source]).items()}
    return bindings


def _within(module: str, binding: Binding) -> Binding:
    earlier = _within(module, binding.earlier) if binding.earlier is not None else None
    return replace(binding, module=module, earlier=earlier)


def _bindings_used(binding: Binding, bindings: Mapping[str, Binding], modules: Mapping[str, str]) -> set[str]:
    """The bindings that a definition uses: in its own scope, and in the student's files."""
    prefix = f"{binding.module}." if binding.module else ""
    imports = _imports_of(binding, bindings)
    names = _names_used(binding)
    used = {prefix + name for name in names} | {imports[name] for name in names if name in imports}
    stars = {name.removeprefix(prefix) for name in bindings if name.startswith(f"{prefix}*")}
    used |= {f"{star.removeprefix('*')}.{name}" for star in stars for name in names}
    for node in ast.walk(binding.node):
        if isinstance(node, ast.Attribute):
            owner, _, name = ast.unparse(node).rpartition(".")
            root, _, rest = owner.partition(".")
            path = ".".join(filter(None, (imports.get(root, root), rest)))
            if path in modules:
                used.add(f"{path}.{name}")
    used |= {path for node in ast.walk(binding.node) for path in _imported(node).values()}
    return used & bindings.keys()


def _imports_of(binding: Binding, bindings: Mapping[str, Binding]) -> dict[str, str]:
    """What the names that imports bind in its scope, and within itself, are called where they come from."""
    scope = [other for other in bindings.values() if other.module == binding.module]
    outer = {name: path for other in scope for name, path in _imported(other.node).items()}
    return outer | {name: path for node in ast.walk(binding.node) for name, path in _imported(node).items()}


def _reached(function: str, bindings: Mapping[str, Binding], modules: Mapping[str, str]) -> set[str]:
    """The bindings that `function` uses, directly or not, itself included; those of libraries it imports, too."""
    pending, seen = [function], set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in bindings:
            continue
        seen.add(name)
        binding = bindings[name]
        prefix = f"{binding.module}." if binding.module else ""
        pending += [*_bindings_used(binding, bindings, modules), *(prefix + used for used in _names_used(binding))]
    return seen


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
        star = f"*{getattr(node, 'module', None) or ''}"
        return [star if alias.name == "*" else alias.asname or alias.name.partition(".")[0] for alias in node.names]
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


def _loops_in(name: str, binding: Binding, bindings: Mapping[str, Binding]) -> Iterator[Loop]:
    node = binding.node
    scope = [node] if isinstance(node, Definition) else _function_values(node)
    imports = _imports_of(binding, bindings)
    prefix = f"{binding.module}." if binding.module else ""
    builtins = {used for used in _names_used(binding) if prefix + used not in bindings}
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
