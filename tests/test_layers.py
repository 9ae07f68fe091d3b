"""Imports point one way, what students get holds nothing hidden, and `docs/architecture.md` names what there is.

All of it is read from the sources. Imports inside functions count, and so do those for types alone: a module that names
a type of another knows of it.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, assignments
from grader.grading.release import released_files
from tests.attacks.attack import CORPUS

PACKAGE: Final = ROOT / "grader"

_BASE: Final = {"access", "cell_texts", "check_cells", "settings", "course"}
_CHECKING: Final = {"checking", "kit", "wire", "notebook", *_BASE}
_EVIDENCE: Final = {"evidence", *_CHECKING}
_GRADING: Final = {"grading", "sandbox", "needs", *_EVIDENCE}
_ALL: Final = {
    "cli",
    "command_line",
    "config_files",
    "doctor",
    "in_force",
    "hub",
    "devkit",
    "batch",
    "report",
    "feedback",
    *_GRADING,
}

MAY_IMPORT: Final[Mapping[str, set[str]]] = {
    "cell_texts": set(),
    "check_cells": set(),
    "settings": set(),
    "access": set(),
    "config_files": {"access"},
    "unconfined": set(),
    "needs": set(),
    "command_line": {"kit.messages", *_BASE},
    "in_force": {"batch.settings", "command_line", "config_files", *_BASE},
    "configure": {"config_files", "needs"},
    "course": {"access", "check_cells", "config_files", "settings"},
    "wire": set(),
    "sandbox": {"wire", "settings"},
    "kit": {"wire", *_BASE},
    "notebook": {"kit.messages", "kit.not_found", *_BASE},
    "checking": _CHECKING,
    "evidence": _EVIDENCE,
    "grading": _GRADING,
    "feedback": _GRADING,
    "report": _GRADING | {"command_line"},
    "batch": _GRADING | {"command_line", "config_files", "feedback"},
    "devkit": _ALL - {"cli", "doctor", "hub"},
    "hub": {"kit.messages", "command_line", "batch.settings", "grading.sharing", *_BASE},
    "doctor": _ALL,  # a command of `grader`
    "cli": _ALL,
    "__main__": {"cli"},
    "": _ALL | {"unconfined"},  # the package itself, for notebooks: it imports what is asked for
}
"""What each room may import beside itself: rooms, or modules of theirs."""

EXCEPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("grader.settings", "sandbox"): "c.AulaTorch.accept_unprotected is compared with the protections that there are",
}

CHECKS_MAY_IMPORT: Final = {"grader", "grader.kit", "grader.notebook"}
LIBRARIES_OF_CHECKS: Final = {"torch", "torchvision", "numpy", "pytest", "sklearn", "PIL"}


@dataclass(frozen=True)
class Import:
    """An import statement's module.

    Attributes:
        name: the module, in full.
        line: where it is written.
        at_import: whether it is imported with the module that says so.
    """

    name: str
    line: int
    at_import: bool


def modules() -> dict[str, Path]:
    """The engine's modules by name; AulaTorch's own course is none of them."""
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "checks")
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(path: Path, known: Mapping[str, Path]) -> list[Import]:
    """What a file imports, in whatever place; ``from package import module`` is an import of the module."""

    def visit(node: ast.AST, at_import: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield Import(inner if inner in known else module, node.lineno, at_import)
        is_later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        for child in ast.iter_child_nodes(node):
            yield from visit(child, at_import and not is_later)

    return list(visit(ast.parse(path.read_text(encoding="utf-8")), True))


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


MODULES: Final = modules()
IMPORTS: Final = {name: imports(path, MODULES) for name, path in MODULES.items()}


def _is_allowed(module: str, imported: str) -> bool:
    here, there = room_of(module), room_of(imported)
    allowed = MAY_IMPORT[here]
    return there in {here, *allowed} or any(imported == f"grader.{name}" for name in allowed)


def test_every_room_has_its_place() -> None:
    assert {room_of(name) for name in MODULES} <= MAY_IMPORT.keys()


def test_imports_point_one_way() -> None:
    assert len(MODULES) > 90
    against = [
        f"{MODULES[module].relative_to(ROOT)}:{found.line}: {found.name}"
        for module, all_found in IMPORTS.items()
        for found in all_found
        if found.name.partition(".")[0] == "grader"
        and not _is_allowed(module, found.name)
        and (module, room_of(found.name)) not in EXCEPTIONS
    ]
    assert against == []


@pytest.mark.parametrize(("module", "room"), EXCEPTIONS, ids="->".join)
def test_an_exception_is_still_needed(module: str, room: str) -> None:
    print(f"allowed: {module} -> {room}: {EXCEPTIONS[module, room]}")
    assert any(room_of(found.name) == room for found in IMPORTS[module])


def test_the_rooms_themselves_go_round_in_no_circle() -> None:
    rooms = {room: {name.partition(".")[0] for name in allowed} - {room} for room, allowed in MAY_IMPORT.items()}
    rooms["notebook"].discard("kit")  # of which it may import one module, that imports nothing of notebooks
    rooms["doctor"].discard("cli")  # a command, that reads its options as the others do
    list(TopologicalSorter(rooms).static_order())


def test_no_modules_import_each_other() -> None:
    def loaded_with(module: str) -> set[str]:
        own = set(_and_packages(module))
        names = [name for found in IMPORTS[module] if found.at_import for name in _and_packages(found.name)]
        return {name for name in names if name in MODULES and name not in own}

    order = list(TopologicalSorter({module: loaded_with(module) for module in MODULES}).static_order())
    assert order.index("grader.wire.values") < order.index("grader.kit.student") < order.index("grader.grading.core")


def _and_packages(module: str) -> list[str]:
    """A module and the packages that it is in, all of which are imported with it."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def test_messages_know_nothing_of_notebooks() -> None:
    names = {found.name for found in IMPORTS["grader.kit.messages"]}
    assert not {name for name in names if name.startswith("grader.") and name != "grader.course"}


def test_checks_import_the_kit_and_well_known_libraries() -> None:
    files = [path for path in sorted(CHECKS.rglob("*.py")) if "answers" not in path.parts]
    assert len(files) > 100
    against = [
        f"{path.relative_to(ROOT)}:{found.line}: {found.name}"
        for path in files
        for found in imports(path, MODULES)
        if not _is_for_checks(found.name)
    ]
    assert against == []


def _is_for_checks(name: str) -> bool:
    top = name.partition(".")[0]
    if top == "grader":
        return ".".join(name.split(".")[:2]) in CHECKS_MAY_IMPORT
    return name.startswith(".") or top in LIBRARIES_OF_CHECKS or top in sys.stdlib_module_names


def test_attacks_import_what_there_is() -> None:
    """An attack whose import fails scores nothing, as if it had been fought off."""
    said = re.compile(r"^\s*(?:from (grader[\w.]*) import (\w+)|import (grader[\w.]*))", re.MULTILINE)
    found = [(path.name, *match) for path in CORPUS.glob("*.py") for match in said.findall(path.read_text("utf-8"))]
    assert len(found) > 10
    for attack, package, name, module in found:
        at_hand = importlib.import_module(package or module)
        assert not name or hasattr(at_hand, name) or f"{package}.{name}" in MODULES, attack


@pytest.mark.parametrize("assignment", assignments())
def test_a_release_holds_nothing_hidden(assignment: str) -> None:
    checks = Checks.in_folder(CHECKS / assignment)
    hidden = [path for path in checks.folder.rglob("hidden*.py") if "answers" not in path.parts]
    names = {name for path in hidden for name in re.findall(r"^(?:def|class) (\w+)", path.read_text(), re.MULTILINE)}
    texts = {path: path.read_bytes() for path in released_files(checks)}
    visible = {name for name in names for text in texts.values() if re.search(rf"def {name}\b".encode(), text)}
    assert {path for path in hidden if path.name == "hidden.py"} == set(checks.hidden)
    assert set(checks.visible) <= texts.keys()
    assert not set(hidden) & texts.keys()
    assert not [name for name in names - visible for text in texts.values() if re.search(rf"\b{name}\b".encode(), text)]
    assert not [path for path in texts if "answers" in path.parts or b"hidden" in path.name.encode()]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/jupyterhub.md"])
def test_pages_name_files_that_are_there(page: str) -> None:
    named = re.findall(r"`((?:grader|tests|docs|solutions|benchmarks)/[^`\s]*)`", (ROOT / page).read_text("utf-8"))
    patterns = [re.sub(r"NN_name|EXERCISE", "*", name).rstrip("/") for name in named]
    assert not [name for name, pattern in zip(named, patterns, strict=True) if not any(ROOT.glob(pattern))]


def test_the_page_of_the_architecture_has_a_row_for_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert "checking" in rooms
    assert not [room for room in rooms if f"`{room}/`" not in text and f"`{room}/NN_name/`" not in text]
