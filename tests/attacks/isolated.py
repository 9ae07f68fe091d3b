"""Grading attacks with the grader."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from grader.batch.pool import end_with_owner
from grader.course import Checks
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.grading.zygotes import new_zygote
from grader.sandbox.zygote import Zygote
from tests.attacks.attack import POINTS, Attack, notebook_of
from tests.attacks.world import CHECK_CELLS, World

PATIENCE = 150.0
"""Seconds after which no attack may hold up the batch any more: the notebook's budget, and some for a busy machine."""
OWN_MEMORY = 700 * 2**20
"""Bytes that the grader itself may grow by, whatever the attack: two answers of the size that is allowed."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attack.

    Attributes:
        score: of the exercise under attack, of ten points.
        triple: of the exercise beside it.
        verdicts: of the checks of the exercise under attack.
        restarts: of the kernel.
        damage: what else it achieved.
        seconds: that it took.
    """

    score: float
    triple: float
    verdicts: frozenset[str]
    restarts: int
    damage: tuple[str, ...]
    seconds: float


def problems(attack: Attack, outcome: Outcome) -> list[str]:
    """How an outcome differs from what it must be; empty when it does not."""
    found = list(outcome.damage)
    if outcome.score != attack.score:
        found.append(f"scored {outcome.score}, not {attack.score}")
    if outcome.triple != float(attack.expected.get("triple", POINTS)):
        found.append(f"scored {outcome.triple} in the exercise beside it")
    if not outcome.verdicts <= attack.verdicts:
        found.append(f"came to {sorted(outcome.verdicts)}, not {sorted(attack.verdicts)}")
    if outcome.restarts < int(attack.expected.get("restarts", 0)):
        found.append(f"its kernel was replaced {outcome.restarts} times")
    if outcome.seconds > PATIENCE:
        found.append(f"held the batch up for {outcome.seconds:.0f} s")
    return found


def policy(hidden: Path) -> Policy:
    """Limits that make a corpus run in minutes."""
    return Policy(
        language="en",
        checks=Checks.in_folder(hidden),
        seed=20,
        cell_seconds=3.0,
        call_seconds=4.0,
        notebook_seconds=90.0,
        restarts=4,
        output_characters=50_000,
        reply_bytes=64 * 2**20,
        memory_bytes=2**30,
        scratch_bytes=64 * 2**20,
    )


def run(attack: Attack, world: World, zygote: Zygote) -> Outcome:
    """Grades the attacker's notebook and sees what it achieved."""
    notebook = world.sanitized(notebook_of(attack, world.facts, CHECK_CELLS))
    world.begin()
    before = psutil.Process().memory_info().rss
    start = time.monotonic()
    graded = grade_notebook(nbformat.writes(notebook).encode(), policy(world.hidden), zygote=zygote)
    seconds = time.monotonic() - start
    shown = [cell.get("outputs", []) for cell in nbformat.reads(graded.notebook.decode(), as_version=4).cells]
    nbformat.validate(new_notebook(cells=[new_code_cell(outputs=outputs) for outputs in shown]))
    damage = world.damage(graded.notebook, str(shown), attack.expected.get("forbids", ""))
    if psutil.Process().memory_info().rss - before > OWN_MEMORY:
        damage.append("made the grader itself grow")
    by_name = {result.exercise: result for result in graded.exercises}
    double = by_name["double"]
    if any(result.points != POINTS for result in graded.exercises):
        damage.append("changed the points")
    return Outcome(
        score=double.score,
        triple=by_name["triple"].score,
        verdicts=frozenset(double.verdicts),
        restarts=graded.restarts,
        damage=tuple(damage),
        seconds=seconds,
    )


_world: World | None = None
_zygote: Zygote | None = None


def _prepare() -> None:
    global _world, _zygote
    _world, _zygote = World().__enter__(), new_zygote().__enter__()
    # What a pool's processes do as they end; one that is killed leaves its world to the next.
    Finalize(None, _world.__exit__, (None, None, None), exitpriority=1)
    Finalize(None, _zygote.close, exitpriority=2)
    end_with_owner()


def _run(attack: Attack) -> Outcome:
    assert _world is not None
    assert _zygote is not None
    return run(attack, _world, _zygote)


def start_all(pool: ProcessPoolExecutor, chosen: Iterable[Attack]) -> dict[str, Future[Outcome]]:
    """Starts grading attacks; each process of the pool has its own course and its own zygote for all of them."""
    return {attack.name: pool.submit(_run, attack) for attack in chosen}


def new_pool(workers: int = 2) -> ProcessPoolExecutor:
    """Processes that grade attacks one after another."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_prepare)


def run_all(chosen: Iterable[Attack], workers: int = 2) -> Iterator[tuple[Attack, Outcome]]:
    """Grades attacks, in their order."""
    chosen = list(chosen)
    with new_pool(workers) as pool:
        waiting = start_all(pool, chosen)
        for attack in chosen:
            yield attack, waiting[attack.name].result()
