"""A batch with attackers in it: everybody else gets what they would have got alone."""

from __future__ import annotations

import os
import re
from itertools import cycle
from pathlib import Path

import nbformat
import pytest

from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, answers, exercises
from grader.devkit.classroom import as_bytes
from grader.evidence.answers import answered
from grader.grading.beside import files_beside
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.sandbox.zygote import Zygote
from tests.attacks.attack import CORPUS, read_attack

ASSIGNMENT = "01_tensors"
SIZE = int(os.environ.get("AULATORCH_BATCH", "9"))
"""Submissions, a third of them attacks; the full size is 60."""

ATTACKS = (
    "leave_changed_memory", "starve_fork_bomb", "starve_grader_with_endless_message", "patch_worker",
    "exit_with_signal",
    "forge_wire_replies", "starve_memory_in_cell", "leave_process_behind", "leave_signals", "patch_torch_comparisons",
    "starve_patience_in_cell", "starve_threads", "starve_output_lines", "starve_disk_unlinked", "starve_processors",
    "lie_with_eq", "network_tcp", "forge_published_result", "leave_shadowing_modules", "patch_json",
)  # fmt: skip


def policy() -> Policy:
    return Policy(
        language="en",
        checks=Checks.in_folder(CHECKS / ASSIGNMENT),
        seed=7,
        cell_seconds=10.0,
        call_seconds=10.0,
        notebook_seconds=60.0,
        restarts=2,
        memory_bytes=2 * 2**30,
        scratch_bytes=64 * 2**20,
    )


def scores(notebook: bytes, zygote: Zygote) -> dict[str, float]:
    return {result.exercise: result.score for result in grade_notebook(notebook, policy(), zygote=zygote).exercises}


@pytest.mark.slow
def test_attackers_change_nobody_elses_scores() -> None:
    released = nbformat.read(ROOT / "assignments" / "en" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    given = [answer for answer in answers(ASSIGNMENT) if answer.exercise in exercises(ASSIGNMENT)]
    right = {answer.exercise: answer.source for answer in given if answer.is_right}
    wrong = {answer.exercise: answer.source for answer in given if not answer.is_right}
    first = exercises(ASSIGNMENT)[0]
    kinds = {
        "right": as_bytes(answered(released, right)),
        "wrong": as_bytes(answered(released, wrong)),
        "half": as_bytes(answered(released, right | dict(list(wrong.items())[::2]))),
        "untouched": as_bytes(released),
    }
    alone = {}
    for kind, notebook in kinds.items():
        with Zygote() as zygote:
            alone[kind] = scores(notebook, zygote)
    assert len({tuple(found.values()) for found in alone.values()}) == len(kinds)

    honest, attacks, differences = cycle(kinds), cycle(ATTACKS), []
    with Zygote() as zygote:
        for number in range(SIZE):
            if number % 3 == 0:
                attack = read_attack(CORPUS / f"{next(attacks)}.py")
                source = "\n\n".join(re.sub(r"@\w+@", "1", cell) for kind, cell in attack.cells if kind == "")
                scores(as_bytes(answered(released, right | {first: source})), zygote)
                print(number, attack.name)
                continue
            kind = next(honest)
            found = scores(kinds[kind], zygote)
            print(number, kind, sum(found.values()))
            if found != alone[kind]:
                differences.append((number, kind, found, alone[kind]))
    assert differences == []


def test_a_file_that_was_handed_in_as_a_link_does_not_go_with_the_notebook(tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret")
    handed_in, copied = tmp_path / "submitted", tmp_path / "autograded"
    for folder in (handed_in, copied / "inner"):
        folder.mkdir(parents=True)
    (handed_in / "data.txt").write_text("data")
    (handed_in / "link.txt").symlink_to(secret)
    (handed_in / "inner").symlink_to(tmp_path)
    for name in ("data.txt", "link.txt", "inner/gradebook.db"):  # as nbgrader copies them
        (copied / name).write_bytes((handed_in / name).read_bytes())
    assert files_beside(copied, handed_in=handed_in) == {"data.txt": b"data"}
