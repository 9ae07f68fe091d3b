"""What students could copy: how much each callable that they get with a course earns as an answer."""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import inspect
import io
import pkgutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import torch

import grader.kit
from grader.course import Checks
from grader.evidence.answers import check_notebook, references
from grader.evidence.observing import Scene, in_a_fork, on_scene
from grader.grading.release import released
from grader.wire.values import is_fake

MOST: Final = 0.2
"""The share of an exercise's points that a released callable may earn."""

_PACKAGE: Final = "_aulatorch_released"

_SAMPLES: Final = 5
"""Calls of a right answer, of each of its functions, that what lies elsewhere is tried on first."""

_SECONDS: Final = 120.0
_SECONDS_EACH: Final = 5.0
"""That trying all of them, or one, may take."""

Found = tuple[str, str, Callable[..., Any]]
"""A callable: the module that defines it, the expression that gives it there, itself."""


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


@dataclass(frozen=True)
class _Sample:
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    value: Any


def giveaways(
    checks: Path, source: Path, only: Sequence[str] = (), elsewhere: Iterable[Path] = ()
) -> Iterator[Giveaway]:
    """Tries each released callable as the answer to each exercise whose function takes as many arguments.

    A callable of a check's, which takes `student` first, is none. One that passes no visible check but those that a
    function without a body passes is not tried on the hidden ones, which mirror them. Those of other assignments and
    of `grader.kit` are many: they are tried where they agree with the right answer on one of the visible checks' first
    calls; a class, where it has the methods.

    Args:
        checks: the assignment's folder of checks.
        source: its source notebook.
        only: the exercises that are tried; all, by default.
        elsewhere: the folders of checks of other assignments.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = list(_released(checks, Path(folder, "own"), _PACKAGE))
        others = [
            found
            for place, other in enumerate(elsewhere)
            for found in _released(other, Path(folder, str(place)), f"{_PACKAGE}_{place}")
        ]
        others += [found for module in _kit() for found in _callables(module)]
        for exercise, solution in references(source).items():
            if only and exercise not in only:
                continue
            samples = _samples(checks, source, exercise, solution)
            methods = [_methods(node) for node in ast.parse(solution).body if isinstance(node, ast.ClassDef)]
            tried = []
            for module, name, function in (*own, *_likely(others, samples, methods)):
                answer = _answer(solution, module, name, function)
                if answer is not None:
                    tried.append((module.removeprefix(f"{_PACKAGE}."), name, answer))
            shares = _shares(checks, source, exercise, [_without_bodies(solution), *(answer for *_, answer in tried)])
            for (module, name, _), share in zip(tried, shares[1:], strict=True):
                yield Giveaway(exercise, module, name, share)


def _released(checks: Path, folder: Path, package: str) -> Iterator[Found]:
    for path, content in released(Checks.in_folder(checks)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for module in _modules(folder, package):
        yield from _callables(module)


def _kit() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(grader.kit.__path__, f"{grader.kit.__name__}."):
        yield importlib.import_module(found.name)


# ------------------------------------------------------------------------------------------------- what is likely

_noted: list[_Sample] = []


def noting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, that keeps what it is asked and what it answers."""
    count = 0

    @wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        if count == _SAMPLES or any(isinstance(item, torch.Tensor) and is_fake(item) for item in args):
            return function(*args, **kwargs)
        count += 1
        try:
            asked = copy.deepcopy((args, kwargs))
        except Exception:  # noqa: BLE001 - of whatever a check passes
            return function(*args, **kwargs)
        value = function(*args, **kwargs)
        with contextlib.suppress(Exception):
            _noted.append(_Sample(*asked, copy.deepcopy(value)))
        return value

    return noted


def _samples(checks: Path, source: Path, exercise: str, solution: str) -> list[_Sample]:
    """Calls of the right answer's functions by the visible checks."""
    names = [node.name for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef)]
    if not names:
        return []
    lines = [solution, f"from {__name__} import noting", *(f"{name} = noting({name})" for name in names)]
    _noted.clear()
    check_notebook(checks, source, {exercise: "\n".join(lines) + "\n"}, seed=1, hidden=False)
    return list(_noted)


def _methods(node: ast.ClassDef) -> set[str]:
    return {item.name for item in node.body if isinstance(item, ast.FunctionDef)} - {"__init__"}


def _likely(others: Sequence[Found], samples: Sequence[_Sample], methods: Sequence[set[str]]) -> list[Found]:
    """Those that agree with the right answer, tried in a copy of this process: nobody knows what they do to one."""

    def places(chosen: Sequence[int]) -> list[int]:
        return [place for place in chosen if _is_likely(others[place][2], samples, methods)]

    everyone = range(len(others))
    found = in_a_fork(partial(places, everyone), _SECONDS)
    if found is None:  # one of them ended the process, or never ended
        found = [place for place in everyone if in_a_fork(partial(places, [place]), _SECONDS_EACH)]
    return [others[place] for place in found]


def _is_likely(function: Callable[..., Any], samples: Sequence[_Sample], methods: Sequence[set[str]]) -> bool:
    if inspect.isclass(function) and any(names <= set(dir(function)) for names in methods):
        return True
    return any(_agrees(function, sample) for sample in samples)


def _agrees(function: Callable[..., Any], sample: _Sample) -> bool:
    try:
        args, kwargs = copy.deepcopy((sample.args, sample.kwargs))
        inspect.signature(function).bind(*args, **kwargs)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return _same(function(*args, **kwargs), sample.value)
    except Exception:  # noqa: BLE001 - of a callable that was given what it is not made for
        return False


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, torch.Tensor | np.ndarray) or isinstance(right, torch.Tensor | np.ndarray):
        a, b = torch.as_tensor(left), torch.as_tensor(right)
        return a.shape == b.shape and torch.allclose(
            a.detach().double(), b.detach().double(), rtol=1e-3, equal_nan=True
        )
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


def _shares(checks: Path, source: Path, exercise: str, answers: Sequence[str]) -> list[float]:
    """The share of an exercise's points that each answer earns; the first is one without bodies."""
    found = Checks.in_folder(checks)
    seen = on_scene(found.without_hidden(), source, exercise, lambda there: [_tried(there, item) for item in answers])
    chosen = [answer for answer, (passed, _) in zip(answers, seen, strict=True) if passed - seen[0][0]]
    if not chosen:
        return [share for _, share in seen]
    more = on_scene(found, source, exercise, lambda there: [_tried(there, item)[1] for item in chosen])
    share_of = dict(zip(chosen, more, strict=True))
    return [share_of.get(answer, share) for answer, (_, share) in zip(answers, seen, strict=True)]


def _tried(there: Scene, answer: str) -> tuple[frozenset[tuple[str, str]], float]:
    """The checks that an answer passes, and the share of the points that they are worth."""

    def run() -> tuple[frozenset[tuple[str, str]], float]:
        results = there.results(answer, 1)
        passed = [result for result in results if result.passed]
        earned = sum(result.weight for result in passed) / sum(result.weight for result in results)
        return frozenset((result.check, result.case) for result in passed), earned

    return there.forked(run, _SECONDS) or (frozenset(), 0.0)


def _modules(folder: Path, package_name: str) -> Iterator[ModuleType]:
    """The modules in a folder, imported as those of one package."""
    for name in [name for name in sys.modules if name.split(".")[0] == package_name]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for inner in (folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())):
        package = ModuleType(package_name if inner == folder else f"{package_name}.{inner.name}")
        package.__path__ = [str(inner)]
        sys.modules[package.__name__] = package
    for path in sorted(folder.rglob("*.py")):
        yield importlib.import_module(".".join([package_name, *path.relative_to(folder).with_suffix("").parts]))


def _callables(module: ModuleType) -> Iterator[Found]:
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


def _without_bodies(solution: str) -> str:
    """A solution cell whose functions only raise, and whose classes are empty."""
    lines = []
    for node in ast.parse(solution).body:
        if isinstance(node, ast.FunctionDef):
            lines.append(f"def {node.name}(*args, **kwargs):\n    raise NotImplementedError()")
        elif isinstance(node, ast.ClassDef):
            lines.append(f"class {node.name}:\n    pass")
    return "\n".join(lines) + "\n"


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True
