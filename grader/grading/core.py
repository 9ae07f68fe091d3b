"""`grade_notebook`: from a submitted notebook to a graded one, out of process and without side effects."""

from __future__ import annotations

import contextlib
import logging
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.check_cells import language_named
from grader.checking.elsewhere import differs_while_grading, section
from grader.checking.missing import explained
from grader.checking.panel import render
from grader.checking.results import MIME_TYPE, CheckResult, ExerciseResult, Verdict
from grader.checking.runner import run_checks
from grader.course import CourseError
from grader.grading.cells import check_cells
from grader.grading.naming import named
from grader.grading.policy import Policy
from grader.grading.repair import NOTICE_KEY
from grader.grading.run import NotebookRun
from grader.grading.showing import set_aside_shown
from grader.grading.zygotes import new_zygote
from grader.kit.earlier import said_of_stand_ins, telling_stand_ins
from grader.kit.failures import Diagnosis
from grader.kit.messages import Message, add_catalogues, languages, tr
from grader.sandbox.zygote import Zygote

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradedNotebook:
    """A notebook after grading.

    Attributes:
        notebook: JSON, UTF-8; its check cells hold the panels, the scores and the results.
        exercises: the results, in the notebook's order.
        restarts: how often its kernel had to be replaced.
        ran_out: whether its time was over before everything had run.
    """

    notebook: bytes
    exercises: tuple[ExerciseResult, ...]
    restarts: int = 0
    ran_out: bool = False


def undecided(exercise: str, fault: str) -> CheckResult:
    """The result of an exercise whose checks could not run: the grader's fault, to be graded by hand."""
    return CheckResult(
        check="grading",
        case="",
        exercise=exercise,
        title=tr("The checks could not be run."),
        verdict=Verdict.GRADER_ERROR,
        diagnosis=Diagnosis(
            tr("The grader could not decide this check. It costs you nothing: your instructor will grade it.")
        ),
        fault=fault,
    )


def grade_notebook(
    notebook: bytes,
    policy: Policy,
    *,
    files: Mapping[str, bytes] | None = None,
    zygote: Zygote | None = None,
    on_result: Callable[[CheckResult], None] | None = None,
) -> GradedNotebook:
    """Grades a notebook: runs its cells in a process of their own and its checks in this one.

    Pure but for that: nothing is read or written beside its arguments and temporary files.

    Args:
        notebook: JSON in nbformat 4, sanitized.
        policy: how to grade.
        files: the files beside the notebook, by relative path.
        zygote: forks the kernel; without one a zygote is started for this notebook alone.
        on_result: called with each check's result as it comes.

    Raises:
        ZygoteError: no process can be had: the machine's fault, so no grade.
    """
    nb = nbformat.reads(notebook.decode("utf-8"), as_version=4)
    # pytest and the kernel's event loop are synchronous here; a thread keeps them off whatever loop the caller runs.
    with _zygote(zygote) as ready, ThreadPoolExecutor(1, thread_name_prefix="grading") as pool:
        return pool.submit(_grade, nb, policy, files or {}, ready, on_result).result()


@contextlib.contextmanager
def _zygote(given: Zygote | None) -> Iterator[Zygote]:
    if given is not None:
        given.start()
        yield given
    else:
        with new_zygote() as own:
            yield own


def _grade(
    nb: NotebookNode,
    policy: Policy,
    files: Mapping[str, bytes],
    zygote: Zygote,
    on_result: Callable[[CheckResult], None] | None,
) -> GradedNotebook:
    policy = replace(policy, language=_language_of(nb, policy))
    positions = check_cells(nb)
    fault: str | None = None
    results: list[CheckResult] = []
    seconds: defaultdict[str, float] = defaultdict(float)
    others: defaultdict[str, set[str]] = defaultdict(set)
    last = time.monotonic()

    def note(result: CheckResult) -> None:
        nonlocal last
        now = time.monotonic()
        seconds[result.exercise] += now - last
        last = now
        others[result.exercise] |= stand_ins
        stand_ins.clear()
        if on_result is not None:
            on_result(result)

    left_out = set_aside_shown(nb, policy.language)
    with telling_stand_ins() as stand_ins, NotebookRun(zygote, nb, files, policy, positions, left_out) as run:
        try:
            results = run_checks(
                run,
                list(positions),
                policy.checks,
                on_result=note,
                is_taken_back=run.takes_back_fault,
                keeps_session=True,
            )
        except CourseError:
            fault = traceback.format_exc()
        if run.accident is not None:
            raise run.accident  # a check that met it passes for undecided, and a later kernel may have started
        run.finish()
        zygote.require_running()  # its kernels ended with it, and that is no fault of the notebook's
        restarts = run.restarts
    exercises = []
    for exercise, index in positions.items():
        cell = nb.cells[index]
        found = [_shown(result, policy) for result in results if result.exercise == exercise]
        if fault is not None or not found:
            found = [undecided(exercise, fault or f"no check of {exercise!r} ran")]
        mistake, observations = named(found, exercise, policy, zygote)
        result = ExerciseResult(
            exercise,
            float(cell.metadata.nbgrader.points),
            tuple(found),
            notices=(
                *_notices(cell),
                *_explained(nb, index, found, run.questions.asked),
                *said_of_stand_ins(others[exercise]),
            ),
            seed=policy.seed,
            mistake=mistake,
            observations=observations,
            seconds=seconds.get(exercise),
        )
        write_result(cell, result, policy.language)
        exercises.append(result)
        for check in found:
            if check.fault is not None:
                log.error("a fault of the grader in %s of %s:\n%s", check.check, exercise, check.fault)
    return GradedNotebook(nbformat.writes(nb).encode("utf-8", "replace"), tuple(exercises), restarts, run.ran_out)


def _language_of(nb: NotebookNode, policy: Policy) -> str:
    """The language that the notebook asks for, where there are texts in it; else the course's."""
    named = language_named(cell.source for cell in nb.cells if cell.cell_type == "code")
    add_catalogues(policy.checks.locale)
    return named if named in languages() else policy.language


def _shown(result: CheckResult, policy: Policy) -> CheckResult:
    """A result as its student may see it."""
    if result.visible or policy.show_hidden_titles:
        return result
    return replace(result, title=tr("A hidden check."))


def _notices(cell: NotebookNode) -> tuple[Message, ...]:
    noted = cell.metadata.pop(NOTICE_KEY, None)
    return (Message(str(noted)),) if noted else ()


def _explained(nb: NotebookNode, check: int, found: Sequence[CheckResult], asked: Mapping[str, str]) -> list[Message]:
    """Why names are missing that an exercise's checks looked for, and what a wrong answer's cells could not have."""
    cells = [cell.source if cell.cell_type == "code" else "" for cell in nb.cells]
    errors = {
        index: f"{output.ename}: {output.evalue}"
        for index, cell in enumerate(nb.cells)
        if cell.cell_type == "code"
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }
    missing = [] if all(result.passed for result in found) else differs_while_grading(section(cells, check))
    return [*explained(cells, errors, check, found, asked), *missing]


def write_result(cell: NotebookNode, result: ExerciseResult, language: str) -> None:
    """Replaces a check cell's outputs with ours: one result, which nbgrader reads as partial credit.

    It is a single `execute_result`, whose text is the score, whose HTML is the panel that people see, and which
    carries the results as JSON.
    """
    panel = render(result, language, show_score=True)
    cell.outputs = [
        new_output(
            "execute_result",
            data={
                "text/plain": repr(result.score),
                "text/html": panel.html,
                MIME_TYPE: result.to_json(language),
            },
            execution_count=cell.get("execution_count"),
        )
    ]


def read_result(cell: NotebookNode) -> dict[str, object] | None:
    """The results that `write_result` left in a check cell, or None."""
    for output in cell.get("outputs", []):
        found = output.get("data", {}).get(MIME_TYPE) if output.get("output_type") == "execute_result" else None
        if isinstance(found, dict):
            return dict(found)
    return None
