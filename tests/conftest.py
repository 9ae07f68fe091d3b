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

from grader.checking import hints, selfcheck
from grader.course import RELEASED
from grader.devkit.answers import ROOT
from grader.evidence.observing import start_autograd
from grader.wire.defaults import default_device

if TYPE_CHECKING:
    from grader.sandbox.zygote import Zygote

torch.set_num_threads(1)
start_autograd()  # before any test pretends a GPU

collect_ignore_glob = ["attacks/checks/*"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A warm zygote, shared by all tests of a session."""
    from grader.grading.zygotes import new_zygote

    with new_zygote() as running:
        yield running


def hand_out(assignment: str, folder: Path) -> None:
    """Puts an assignment's visible checks into the folder of a notebook, as they are released."""
    shutil.copytree(ROOT / "assignments" / "en" / assignment / RELEASED, folder / RELEASED, dirs_exist_ok=True)


SETTINGS = {
    "autograd": (torch.is_grad_enabled, torch.set_grad_enabled),
    "dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "device": (default_device, torch.set_default_device),
    "threads": (torch.get_num_threads, torch.set_num_threads),
    "deterministic": (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
}
"""What any code of a process can set for all that comes after it: how it is read, and set."""


@pytest.fixture(autouse=True)
def _what_torch_is_set_to(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves torch set otherwise would change what the tests after it see: it fails, and it is undone."""
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    yield
    after = {name: read() for name, (read, _) in SETTINGS.items()}
    for name, (_, put) in SETTINGS.items():
        if after[name] != before[name]:
            put(before[name])
    assert after == before, f"{request.node.nodeid} leaves torch set otherwise"


@pytest.fixture(autouse=True)
def _a_kernel_of_its_own() -> None:
    """What a notebook's kernel remembers of its checks and hints is of one notebook, and here of one test."""
    selfcheck._SEEN.clear()
    hints._SHOWN.clear()
