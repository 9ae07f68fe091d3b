"""What names a notebook's cells and files bind, and which of them a function uses, as their sources show."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from IPython.core.inputtransformer2 import TransformerManager

_LOOKUPS: Final = frozenset({"globals", "vars", "getattr", "eval", "exec"})
"""What finds a function by a name in a string."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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


def definitions(cells: Sequence[str]) -> dict[str, tuple[ast.AST, str]]:
    """The functions and classes that cells define: each name's last definition, and the code of its cell."""
    return {
        name: (binding.node, binding.code)
        for name, binding in bound_names(cells).items()
        if isinstance(binding.node, Definition) or is_function(binding.node)
    }


def modules_named(codes: Sequence[str]) -> set[str]:
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


def all_bindings(cells: Sequence[str], modules: Mapping[str, str]) -> dict[str, Binding]:
    """… of the notebook, and under ``module.name`` those of its files."""
    bindings = bound_names(cells)
    for module, source in modules.items():
        bindings |= {f"{module}.{name}": _within(module, binding) for name, binding in bound_names([source]).items()}
    return bindings


def _within(module: str, binding: Binding) -> Binding:
    earlier = _within(module, binding.earlier) if binding.earlier is not None else None
    return replace(binding, module=module, earlier=earlier)


def bindings_used(binding: Binding, bindings: Mapping[str, Binding], modules: Mapping[str, str]) -> set[str]:
    """The bindings that a definition uses: in its own scope, and in the student's files."""
    prefix = f"{binding.module}." if binding.module else ""
    imports = imports_of(binding, bindings)
    names = names_used(binding)
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
    used |= {path for node in ast.walk(binding.node) for path in names_imported(node).values()}
    return used & bindings.keys()


def imports_of(binding: Binding, bindings: Mapping[str, Binding]) -> dict[str, str]:
    """What the names that imports bind in its scope, and within itself, are called where they come from."""
    scope = [other for other in bindings.values() if other.module == binding.module]
    outer = {name: path for other in scope for name, path in names_imported(other.node).items()}
    return outer | {name: path for node in ast.walk(binding.node) for name, path in names_imported(node).items()}


def names_reached(function: str, bindings: Mapping[str, Binding], modules: Mapping[str, str]) -> set[str]:
    """The bindings that `function` uses, directly or not, itself included; those of libraries it imports, too."""
    pending, seen = [function], set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in bindings:
            continue
        seen.add(name)
        binding = bindings[name]
        prefix = f"{binding.module}." if binding.module else ""
        pending += [*bindings_used(binding, bindings, modules), *(prefix + used for used in names_used(binding))]
    return seen


def bound_names(cells: Sequence[str]) -> dict[str, Binding]:
    """What each global name of the notebook is bound to last, as far as the source tells."""
    found: dict[str, Binding] = {}
    for cell in cells:
        code, tree = _parsed(cell)
        for node in _global_statements(tree.body):
            for name in names_bound(node):
                binding = Binding(node, code)
                before = found.get(name)
                if before is not None and isinstance(node, ast.Assign) and name in names_used(binding):
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


def names_bound(node: ast.AST) -> list[str]:
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        star = f"*{getattr(node, 'module', None) or ''}"
        return [star if alias.name == "*" else alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []


def names_used(binding: Binding) -> set[str]:
    """The global names that a definition uses.

    An assignment such as ``fast = cache(slow)`` uses `slow`; in ``table = compute()`` the value is data, and how
    it was computed is not the function's loop.
    """
    node = binding.node
    if isinstance(node, Definition):
        decorators = {name.id for item in node.decorator_list for name in names_loaded(item)}
        return _globals_of(node, binding.code) | decorators
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return set()
    value = node.value
    made_by = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    is_object = made_by[:1].isupper()  # of one of the notebook's classes
    return {name.id for name in names_loaded(value) if name.id != made_by or is_object}


def names_loaded(node: ast.AST) -> Iterator[ast.Name]:
    return (name for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load))


def _globals_of(node: Definition, code: str) -> set[str]:
    """The names that a function or class takes from the notebook; its own variables and parameters are none."""
    table = _table_of(node, _symbols(code))
    names = _free_names(table) if table is not None else {name.id for name in names_loaded(node)}
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


def names_imported(node: ast.AST) -> dict[str, str]:
    """What each name that an import binds is called where it comes from: ``{"reduce": "functools.reduce"}``."""
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    if isinstance(node, ast.Import):
        whole = [(alias.name if alias.asname else alias.name.partition(".")[0], alias.asname) for alias in node.names]
        return {asname or path: path for path, asname in whole}
    return {}


def is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) or isinstance(getattr(node, "value", None), ast.Lambda)
