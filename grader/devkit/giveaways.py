"""What students could copy: how much each callable that is released with an assignment's checks earns as an answer."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from grader.course import Checks
from grader.evidence.answers import check_notebook, references
from grader.grading.release import released

MOST: Final = 0.2
"""The share of an exercise's points that a released callable may earn."""

_PACKAGE: Final = "_aulatorch_released"


@dataclass(frozen=True)
class Giveaway:
    """A released callable that was tried as the answer to an exercise.

    Attributes:
        exercise: its name.
        module: that the callable lies in, such as ``standardize.judges``.
        name: the callable's.
        share: of the exercise's points, that it earns.
    """

    exercise: str
    module: str
    name: str
    share: float


def giveaways(checks: Path, source: Path, only: Sequence[str] = ()) -> Iterator[Giveaway]:
    """Tries each released callable as the answer to each exercise whose function takes as many arguments.

    A callable of a check's, which takes `student` first, is none. One that passes no visible check is not tried on the
    hidden ones, which mirror them.

    Args:
        checks: the assignment's folder of checks.
        source: its source notebook.
        only: the exercises that are tried; all, by default.
    """
    solutions = references(source)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in released(Checks.in_folder(checks)).items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        found = [item for module in _modules(Path(folder)) for item in _callables(module)]
        for exercise, solution in solutions.items():
            for module, name, function in found if not only or exercise in only else ():
                answer = _answer(solution, module, name, function)
                if answer is not None:
                    share = _share(checks, source, exercise, answer)
                    yield Giveaway(exercise, module.removeprefix(f"{_PACKAGE}."), name, share)


def _share(checks: Path, source: Path, exercise: str, answer: str) -> float:
    share = 0.0
    for hidden in (False, True):
        results = check_notebook(checks, source, {exercise: answer}, seed=1, hidden=hidden)
        share = sum(result.weight for result in results if result.passed) / sum(result.weight for result in results)
        if not share:
            break
    return share


def _modules(folder: Path) -> Iterator[ModuleType]:
    """The modules in a folder, imported as those of one package."""
    for name in [name for name in sys.modules if name.split(".")[0] == _PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for inner in (folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())):
        package = ModuleType(_PACKAGE if inner == folder else f"{_PACKAGE}.{inner.name}")
        package.__path__ = [str(inner)]
        sys.modules[package.__name__] = package
    for path in sorted(folder.rglob("*.py")):
        yield importlib.import_module(".".join([_PACKAGE, *path.relative_to(folder).with_suffix("").parts]))


def _callables(module: ModuleType) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """The functions and classes that a module defines, also those in its tables: module, expression, callable."""
    for name, value in list(vars(module).items()):
        yield from ((module.__name__, *item) for item in _inside(name, value, module.__name__))


def _inside(name: str, value: object, module: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str | int | float):
                yield from _inside(f"{name}[{key!r}]", item, module)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _inside(f"{name}[{position}]", item, module)
    elif callable(value) and getattr(value, "__module__", None) == module:
        yield name, value


def _answer(solution: str, module: str, name: str, function: Callable[..., Any]) -> str | None:
    """A solution cell whose functions call `function`, where it takes their arguments; None where it takes none's."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return None
    if next(iter(signature.parameters), "") == "student":
        return None
    lines = [f"from {module} import {name.split('[')[0]}"]
    fits = False
    for node in ast.parse(solution).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines.append(ast.unparse(node))
        elif isinstance(node, ast.ClassDef):
            lines.append(f"{node.name} = {name}")
            fits = fits or inspect.isclass(function)
        elif isinstance(node, ast.FunctionDef):
            positional = node.args.posonlyargs + node.args.args
            takes = any(
                _takes(signature, count)
                for count in range(len(positional) - len(node.args.defaults), len(positional) + 1)
            )
            body = f"return {name}(*args, **kwargs)" if takes else "raise NotImplementedError()"
            lines.append(f"def {node.name}(*args, **kwargs):\n    {body}")
            fits = fits or takes
    return "\n".join(lines) + "\n" if fits else None


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True
