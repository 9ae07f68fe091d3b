"""The pytest plugin: the `exercise` marker, the `student` and `rng` fixtures, notebooks as test files.

It is installed as a pytest entry point, so everything heavy is imported only when a check is run.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from grader.kit.observations import Notes
    from grader.kit.randomness import Rng
    from grader.kit.student import Student


class Stage(Protocol):
    """Where checks find the notebook under test."""

    @property
    def seed(self) -> int:
        """Of the checks' random inputs."""

    def student(self, exercise: str) -> Student:
        """The notebook, run up to the check cell of `exercise` and no further."""


STAGE: pytest.StashKey[Stage] = pytest.StashKey()
NOTES: pytest.StashKey[Notes] = pytest.StashKey()
NAMED: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker."""
    config.addinivalue_line(
        "markers", "exercise(name, weight=1): a check of the exercise `name`; its share of the points"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects notebooks that hold check cells: ``pytest 01_tensors.ipynb`` runs their visible checks."""
    if file_path.suffix != ".ipynb":
        return None
    from grader.checking.notebooks import NotebookFile, has_checks

    return NotebookFile.from_parent(parent, path=file_path) if has_checks(file_path) else None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Imports check files with what lies beside them."""
    from grader.checking.files import CheckFile, is_check_file

    return CheckFile.from_parent(parent, path=module_path) if is_check_file(module_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows a notebook's failed check as its diagnosis; ``--tb=long`` still shows the traceback."""
    report = yield
    note = getattr(item.parent, "note", None)
    if note is not None and not report.skipped and (call.when == "call" or report.failed):
        note(item, call.excinfo.value if call.excinfo is not None else None)
    explain = getattr(item.parent, "explain", None)
    if report.failed and explain is not None and call.excinfo is not None and item.config.option.tbstyle == "auto":
        report.longrepr = explain(call.excinfo.value)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Notes what a notebook's check observes."""
    if not hasattr(item.parent, "note"):
        return (yield)
    from grader.kit.observations import noting

    with noting() as notes:
        item.stash[NOTES] = notes
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a notebook's check that waits for another one that did not pass."""
    refuse = getattr(item.parent, "refuse_unmet", None)
    if refuse is not None:
        refuse(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names the mistakes of notebooks that were tested, each once for its exercise."""
    for line in config.stash.get(NAMED, []):
        terminalreporter.write_line(line)


def exercise_of(item: pytest.Item) -> str | None:
    """The exercise that a check belongs to."""
    mark = item.get_closest_marker("exercise")
    return str(mark.args[0]) if mark is not None and mark.args else None


def _stage(item: pytest.Item) -> Stage:
    for node in reversed(item.listchain()):
        if STAGE in node.stash:
            return node.stash[STAGE]
    if STAGE in item.config.stash:
        return item.config.stash[STAGE]
    raise pytest.UsageError(
        "a check needs a notebook to look at: run `pytest NOTEBOOK.ipynb` or `grader check NOTEBOOK.ipynb`"
    )


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's notebook, run up to the exercise's check cell."""
    exercise = exercise_of(request.node)
    if exercise is None:
        raise pytest.UsageError(f"{request.node.name} takes `student` and has no @exercise(…)")
    return _stage(request.node).student(exercise)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Rng:
    """Random inputs, seeded afresh for every grading."""
    from grader.kit.randomness import Rng

    exercise = exercise_of(request.node) or ""
    return Rng(_stage(request.node).seed, f"{exercise}/{request.node.path.stem}::{request.node.name}")
