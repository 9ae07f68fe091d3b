"""What a course is to the workers that grade it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Final

from nbgrader.converters import Autograde
from traitlets.config import Config

from grader.batch.tasks import Cell, Course, folder_files
from grader.course import checks_of
from grader.grading.examination import Graded
from grader.settings import AulaTorch

_COORDINATOR_ONLY: Final = (
    *("CourseDirectory", "ParallelAutograde", "Application"),
    *(
        f"{section}.{name}"
        for section in ("Autograde", "BaseConverter")
        for name in ("pre_convert_hook", "post_convert_hook", "force")
    ),
)
"""Settings that workers do not need, and that change no grade."""


def course_of(
    converter: Autograde,
    config: Config,
    structure: Mapping[str, tuple[Cell, ...]],
    settings: AulaTorch,
    graded: Graded | None,
) -> Course:
    """What workers need of an assignment: folders are given as their files, or found here once and for all.

    Args:
        converter: nbgrader's, with the course's configuration.
        config: that configuration.
        structure: the released cells of each notebook.
        settings: the course's.
        graded: what it is graded with; None for a course of nbgrader's own.

    Raises:
        SettingsError: a setting names a folder that does not exist.
    """
    coursedir = converter.coursedir
    assignment = coursedir.assignment_id
    folder = coursedir.format_path(coursedir.source_directory, ".", assignment)
    sources = {}
    for name in structure:
        with suppress(FileNotFoundError), open(f"{folder}/{name}.ipynb", "rb") as file:  # noqa: PTH123
            sources[name] = file.read()
    found = without(config, *_COORDINATOR_ONLY)
    if settings.data_directories:
        found.AulaTorch.data_directories = [str(path) for path in settings.data_paths]
    if graded is not None:
        found.AulaTorch.confine = "always"
    checks = checks_of(settings, assignment).folder if graded is not None else None
    return Course(
        assignment=assignment,
        structure=structure,
        sources=sources,
        checks=folder_files(checks) if checks is not None else {},
        answers=folder_files(checks, answers=True) if checks is not None else {},
        config=found,
        private=tuple(str(path) for path in settings.private_paths),
    )


def without(config: Config, *names: str) -> Config:
    """A copy of a configuration without some sections, or some of their settings (``Autograde.force``)."""
    kept = deepcopy(config)
    for name in names:
        section, _, setting = name.partition(".")
        if setting:
            kept.get(section, {}).pop(setting, None)
        else:
            kept.pop(section, None)
    return kept
