"""The process that observes known mistakes while grading: it sees what a kernel sees, and ends with its zygote."""

from __future__ import annotations

import copy
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from grader.checking.evidence import Evidence, evidence_of
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, policy_of, solution
from grader.evidence.answers import answered
from grader.evidence.observing import source_of
from grader.grading.cells import check_cells
from grader.grading.observer import ObserverError, Place, observed
from grader.grading.run import NotebookRun
from grader.grading.zygotes import new_zygote
from grader.sandbox.zygote import Zygote, ZygoteError

SEED = 11


@pytest.fixture
def own_zygote() -> Iterator[Zygote]:
    """One that has no kernels of other tests."""
    with new_zygote() as zygote:
        yield zygote


def place(assignment: str, exercise: str) -> Place:
    policy = policy_of(assignment, seed=SEED)
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    return Place(policy.checks, source, exercise, tuple(policy.variables.items()))


def in_a_kernel(where: Place, name: str, zygote: Zygote) -> Evidence:
    """What the checks observe in a mistake where a student makes it."""
    assignment = where.checks.folder.name
    source = source_of(where.checks, where.notebook, where.exercise, name)
    assert source is not None
    notebook = copy.deepcopy(answered(solution(assignment), {where.exercise: source}))
    with NotebookRun(zygote, notebook, {}, policy_of(assignment, seed=SEED), check_cells(notebook)) as run:
        found = evidence_of(run_checks(run, [where.exercise], where.checks))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("assignment", "exercise", "name"),
    [
        ("01_tensors", "random_tensors", "dtype_forgotten"),
        ("03_autograd", "two_branch_grads", "swapped"),
        ("05_cnn", "early_stopping", "late"),
    ],
)
def test_an_observer_sees_what_a_kernel_shows(assignment: str, exercise: str, name: str, zygote: Zygote) -> None:
    where = place(assignment, exercise)
    theirs = in_a_kernel(where, name, zygote)
    ours = observed(zygote, where, name, SEED)
    assert ours is not None
    assert ours.agrees(theirs)
    assert ours.traces.keys() == theirs.traces.keys()
    assert any(key.startswith("hidden::") for key in ours.traces)


def test_nothing_is_observed_of_a_mistake_that_there_is_not(zygote: Zygote) -> None:
    assert observed(zygote, place("03_autograd", "two_branch_grads"), "never_heard_of", SEED) is None


def test_a_notebook_that_ends_its_process_costs_its_own_mistakes_alone(tmp_path: Path, zygote: Zygote) -> None:
    notebook = solution("03_autograd")
    notebook.cells[0] = nbformat.v4.new_code_cell("import os\nos._exit(3)", metadata=notebook.cells[0].metadata)
    first = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    first.source = "import os\nos._exit(3)"
    nbformat.write(notebook, tmp_path / "03_autograd.ipynb")
    checks = Checks.in_folder(CHECKS / "03_autograd")
    with pytest.raises(ObserverError, match="ends its process"):
        observed(zygote, Place(checks, tmp_path / "03_autograd.ipynb", "graph_ops"), "depth_first", SEED)
    assert observed(zygote, place("03_autograd", "two_branch_grads"), "swapped", SEED) is not None


def test_an_observer_that_was_killed_is_replaced_and_none_outlives_its_zygote(own_zygote: Zygote) -> None:
    where = place("03_autograd", "two_branch_grads")
    first = observed(own_zygote, where, "swapped", SEED)
    assert first is not None
    for process in _observers(own_zygote):
        process.send_signal(signal.SIGKILL)
    assert observed(own_zygote, where, "swapped", SEED) == first
    for scene in [scene for process in _observers(own_zygote) for scene in process.children()]:
        scene.send_signal(signal.SIGKILL)
    assert observed(own_zygote, where, "swapped", SEED) == first
    everybody = [child for process in _observers(own_zygote) for child in (process, *process.children(recursive=True))]
    assert len(everybody) >= 2
    own_zygote.close()
    _, alive = psutil.wait_procs(everybody, timeout=20)
    assert not alive


def test_a_zygote_that_was_killed_with_its_observer_is_said_and_costs_no_name(own_zygote: Zygote) -> None:
    where = place("03_autograd", "two_branch_grads")
    first = observed(own_zygote, where, "swapped", SEED)
    assert own_zygote._process is not None
    own_zygote._process.kill()
    with pytest.raises(ZygoteError):
        observed(own_zygote, where, "swapped", SEED)
    own_zygote.start()
    assert observed(own_zygote, where, "swapped", SEED) == first


def _observers(zygote: Zygote) -> list[psutil.Process]:
    assert zygote._process is not None
    return [process for process in psutil.Process(zygote._process.pid).children() if process.children()]
