"""How a notebook is graded: the settings and check files that `grade_notebook` needs, in one value."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox.cells import Limits
from grader.settings import AulaTorch
from grader.testing.runner import check_files


@dataclass(frozen=True)
class Policy:
    """How to grade.

    Attributes:
        language: of the messages to the student.
        samples: check files that students have.
        hidden: check files that they do not have.
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
        thresholds: accuracy thresholds by measurement, the course's own; others are the calibrated ones.
        readable: folders of released data that it may read.
        private: places of the course that it may not read, wherever Python's import path leads.
        accept_unprotected: names of protections that the course does without where the machine lacks them.
        figures: whether figures are drawn: ``always``, ``never``, or ``auto``, where a person grades a part.
        show_hidden_titles: whether students see what each hidden check is about.
    """

    language: str
    samples: tuple[Path, ...]
    hidden: tuple[Path, ...]
    seed: int
    cell_seconds: float = 60.0
    call_seconds: float = 10.0
    notebook_seconds: float = 600.0
    restarts: int = 8
    output_characters: int = 200_000
    reply_bytes: int = 256 * 2**20
    device: str = "cpu"
    dataset: str = "digits"
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    memory_bytes: int = 4 * 2**30
    scratch_bytes: int = 2**30
    readable: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    accept_unprotected: tuple[str, ...] = ()
    figures: str = "auto"
    show_hidden_titles: bool = True

    @classmethod
    def from_settings(cls, settings: AulaTorch) -> Policy:
        """The policy of a course.

        Raises:
            SettingsError: a setting names a folder that does not exist.
        """
        hidden = settings.hidden_path
        return cls(
            language=settings.language,
            samples=tuple(check_files(settings.samples_path)),
            hidden=tuple(check_files(hidden)) if hidden is not None else (),
            seed=settings.seed if settings.seed >= 0 else secrets.randbelow(2**31),
            cell_seconds=settings.cell_timeout,
            call_seconds=settings.call_timeout,
            notebook_seconds=settings.notebook_timeout,
            restarts=settings.restarts,
            output_characters=settings.output_limit,
            reply_bytes=int(settings.reply_limit * 2**20),
            device=settings.device,
            dataset=settings.dataset,
            thresholds=dict(settings.thresholds),
            memory_bytes=int(settings.memory_limit * 2**30),
            scratch_bytes=int(settings.scratch_limit * 2**20),
            readable=tuple(str(path) for path in settings.data_paths),
            private=tuple(str(path) for path in settings.private_paths),
            accept_unprotected=tuple(settings.accept_unprotected),
            figures=settings.figures,
            show_hidden_titles=settings.show_hidden_titles,
        )

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
