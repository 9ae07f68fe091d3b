"""Fixtures for all tests; torch computes with one thread, as it does for a graded notebook."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

import pytest
import torch

from grader.course import RELEASED, Checks
from grader.devkit.answers import CHECKS

if TYPE_CHECKING:
    from grader.sandbox.zygote import Zygote

torch.set_num_threads(1)

collect_ignore_glob = ["attacks/checks/*"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A warm zygote, shared by all tests of a session."""
    from grader.grading.zygotes import new_zygote

    with new_zygote() as running:
        yield running


def hand_out(assignment: str, folder: Path) -> None:
    """Puts an assignment's visible checks into the folder of a notebook, as a release does."""
    from grader.grading.release import released_files

    checks = Checks.in_folder(CHECKS / assignment)
    for path in released_files(checks):
        target = folder / RELEASED / path.relative_to(checks.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
