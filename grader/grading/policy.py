"""How a notebook is graded: the settings and checks that `grade_notebook` needs, in one value."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course import Checks
from grader.notebook.budget import BUDGETS_VARIABLE
from grader.notebook.datasets import DATASET_VARIABLE
from grader.notebook.device import DEVICE_VARIABLE
from grader.sandbox.cells import Limits
from grader.settings import AulaTorch


@dataclass(frozen=True)
class Policy:
    """How to grade.

    Attributes:
        language: of the messages to the student.
        checks: the assignment's.
        seed: of the checks' random inputs.
        cell_seconds: a cell's time limit.
        call_seconds: the time limit of one call by a check.
        notebook_seconds: the time limit of the whole notebook.
        restarts: how often its kernel is replaced.
        output_characters: kept of one cell's output.
        reply_bytes: of tensors that one answer may hold.
        memory_bytes: that its processes may hold together.
        scratch_bytes: that its folder may hold.
        device: where the notebook computes.
        dataset: the course's images.
        readable: folders of released data that it may read.
        private: places of the course that it may not read, wherever Python's import path leads.
        accept_unprotected: names of protections that the course does without where the machine lacks them.
        figures: whether figures are drawn: ``always``, ``never``, or ``auto``, where a person grades a part.
        show_hidden_titles: whether students see what each hidden check is about.
        sources: the instructor's notebooks, whose solutions the known mistakes change; without them none is named.
    """

    language: str
    checks: Checks
    seed: int
    cell_seconds: float = 60.0
    call_seconds: float = 10.0
    notebook_seconds: float = 600.0
    restarts: int = 8
    output_characters: int = 200_000
    reply_bytes: int = 256 * 2**20
    device: str = "cpu"
    dataset: str = "digits"
    memory_bytes: int = 4 * 2**30
    scratch_bytes: int = 2**30
    readable: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    accept_unprotected: tuple[str, ...] = ()
    figures: str = "auto"
    show_hidden_titles: bool = True
    sources: tuple[Path, ...] = ()

    @classmethod
    def of(cls, settings: AulaTorch, checks: Checks, sources: Iterable[Path] = ()) -> Policy:
        """The policy of an assignment.

        Args:
            settings: the course's.
            checks: the assignment's.
            sources: the instructor's notebooks of it.

        Raises:
            SettingsError: a setting names a folder that does not exist.
        """
        return cls(
            language=settings.language,
            checks=checks,
            seed=settings.seed if settings.seed >= 0 else _seed_of_this_run(),
            cell_seconds=settings.cell_timeout,
            call_seconds=settings.call_timeout,
            notebook_seconds=settings.notebook_timeout,
            restarts=settings.restarts,
            output_characters=settings.output_limit,
            reply_bytes=int(settings.reply_limit * 2**20),
            device=settings.device,
            dataset=settings.dataset,
            memory_bytes=int(settings.memory_limit * 2**30),
            scratch_bytes=int(settings.scratch_limit * 2**20),
            readable=tuple(str(path) for path in settings.data_paths),
            private=tuple(str(path) for path in settings.private_paths),
            accept_unprotected=tuple(settings.accept_unprotected),
            figures=settings.figures,
            show_hidden_titles=settings.show_hidden_titles,
            sources=tuple(sources),
        )

    @property
    def variables(self) -> Mapping[str, str]:
        """What the notebook's environment says of its course."""
        return {
            DEVICE_VARIABLE: self.device,
            DATASET_VARIABLE: self.dataset,
            BUDGETS_VARIABLE: json.dumps(self.checks.training),
        }

    @property
    def limits(self) -> Limits:
        """What a kernel may use."""
        return Limits(
            cell_seconds=self.cell_seconds,
            output_characters=self.output_characters,
            reply_bytes=self.reply_bytes,
            memory_bytes=self.memory_bytes,
            scratch_bytes=self.scratch_bytes,
            cpu_seconds=self.notebook_seconds,
        )


@cache
def _seed_of_this_run() -> int:
    """One seed for all that this process grades: what known mistakes answer to it is found out once."""
    return secrets.randbelow(2**31)
