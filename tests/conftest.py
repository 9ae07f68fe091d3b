"""Fixtures for all tests; torch computes with one thread, as it does for a graded notebook."""

from __future__ import annotations

import os
from collections.abc import Iterator

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

import pytest
import torch

from grader.sandbox.zygote import Zygote

torch.set_num_threads(1)

collect_ignore_glob = ["submissions/*", "attacks/checks/*"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A warm zygote, shared by all tests of a session."""
    with Zygote() as running:
        yield running
