"""The course's settings, beside nbgrader's own: `c.AulaTorch.…` in ``course_config.py``."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from traitlets import Bool, Enum, Float, Integer, List, TraitError, Unicode, validate
from traitlets.config import LoggingConfigurable
from traitlets.utils.bunch import Bunch

_SECTIONS: Final[Mapping[str, float]] = {"AulaTorch": 0.7, "ParallelAutograde": 0.85}
"""Our sections of a configuration, and how like them another's name must be to be taken for a slip of the pen."""

_STEPS: Final = ("source", "submitted", "autograded", "feedback", "solution")
"""nbgrader's folders of a course that hold what is not for students."""

_OTHERS: Final = ("ParallelAutogradeApp", "ParallelFeedbackApp")


class SettingsError(TraitError):
    """A setting names what does not exist: nothing is graded with it."""


class Settings(LoggingConfigurable):
    """Settings whose names are taken at their word: a misspelt one is refused, where traitlets would pass it over."""

    def _load_config(
        self, cfg: Any, section_names: list[str] | None = None, traits: dict[str, Any] | None = None
    ) -> None:
        refuse_misspelt_sections(cfg)
        known = self.class_trait_names(config=True)
        name = type(self).__name__
        for setting in cfg.get(name, {}):
            if setting not in known:
                raise SettingsError(
                    f"c.{name}.{setting} is no setting{_meant(setting, known, f'c.{name}.')};"
                    " `grader settings` lists them"
                )
        super()._load_config(cfg, section_names, traits)


def refuse_misspelt_sections(config: Mapping[str, Any]) -> None:
    """Makes sure that no section of a configuration is a misspelt one of ours.

    Raises:
        SettingsError: one is.
    """
    for section in config:
        if section in _SECTIONS or section in _OTHERS:
            continue
        for ours, likeness in _SECTIONS.items():
            ratio = difflib.SequenceMatcher(None, section.lower(), ours.lower()).ratio()
            if ratio >= likeness or "aula" in section.lower():
                raise SettingsError(f"c.{section} is no section of settings; did you mean c.{ours}?")


def _meant(name: str, known: Iterable[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


class AulaTorch(Settings):
    """How an AulaTorch course is graded. Any of these can be given on nbgrader's command line as well, such as
    ``nbgrader autograde 01_tensors --AulaTorch.cell_timeout=20``.
    """

    language = Unicode(
        "en",
        help="Language of the generated notebooks, and of every message to students whose notebook names none: en, es,"
        " or another one that the course's checks are translated to.",
    ).tag(config=True)

    dataset = Enum(
        ("digits", "mnist"),
        default_value="digits",
        help="The images of the exercises: 'digits' comes with the package and needs no download; choose"
        " 'mnist' where every student's machine has torchvision's MNIST.",
    ).tag(config=True)

    device = Enum(
        ("auto", "cpu", "cuda", "mps"),
        default_value="cpu",
        help="Where graded notebooks compute. 'auto' takes a GPU where there is one; 'cpu' gives every student"
        " the same machine.",
    ).tag(config=True)

    cell_timeout = Float(
        60.0, min=0.1, help="Seconds that one cell of a notebook may run before it is interrupted."
    ).tag(config=True)

    call_timeout = Float(
        10.0,
        min=0.1,
        help="Seconds that one call of a student's function by a check may take. A check of training code asks"
        " for more by itself.",
    ).tag(config=True)

    notebook_timeout = Float(
        600.0,
        min=1.0,
        help="Seconds for a whole notebook, cells and checks together. What is left when they are over is graded"
        " as 'too slow'.",
    ).tag(config=True)

    restarts = Integer(
        8,
        min=0,
        help="How often a notebook's kernel is replaced after it died or hung; the cells before are run again.",
    ).tag(config=True)

    memory_limit = Float(
        4.0,
        min=0.5,
        help="GiB of memory that a notebook's kernel and the processes that it starts may hold together.",
    ).tag(config=True)

    figures = Enum(
        ("auto", "always", "never"),
        default_value="auto",
        help="Whether graded notebooks draw their figures, which takes a good part of a submission's time. 'auto'"
        " draws where the notebook has something for a person to grade; a line of text stands for the others. Students"
        " see theirs in the notebook that they handed in.",
    ).tag(config=True)

    output_limit = Integer(
        200_000,
        min=1_000,
        help="Characters of output kept of one cell; the rest is cut as it arrives.",
    ).tag(config=True)

    reply_limit = Float(256.0, min=1.0, help="MiB of tensors that a student's function may return to a check.").tag(
        config=True
    )

    scratch_limit = Float(
        1024.0, min=16.0, help="MiB of files that a notebook may write, in the private folder that it gets."
    ).tag(config=True)

    data_directories = List(
        Unicode(),
        help="Folders of released data that graded notebooks may read, besides the files handed in with them: a"
        " dataset that every student has, for one. Nothing else of the course can be read. Relative folders are the"
        " course's.",
    ).tag(config=True)

    accept_unprotected = List(
        Unicode(),
        help="Names of protections from student code that the course does without where a machine lacks them:"
        " `grader doctor` lists them. Without the name here, nothing is graded on such a machine.",
    ).tag(config=True)

    notebook_size_limit = Float(
        100.0,
        min=1.0,
        help="MiB of a submitted notebook file; a larger one is graded without its outputs, if it is smaller then.",
    ).tag(config=True)

    checks_directory = Unicode(
        "checks",
        help="Folder of the checks, in the course's folder unless it is absolute: a folder for each assignment, with"
        " visible.py, hidden.py and what they import. Students get the visible ones with the notebook; never give"
        " them this folder.",
    ).tag(config=True)

    grade_without_hidden_checks = Bool(
        False,
        help="Grade with the visible checks alone, which students can satisfy by heart. Without this an assignment"
        " that has no hidden checks is not graded at all.",
    ).tag(config=True)

    confine = Enum(
        ("auto", "always"),
        default_value="auto",
        help="Which notebooks run confined, apart from the grader: 'auto' means every one of a course that has a check"
        " of ours; choose 'always' for a course of nbgrader's own assert cells.",
    ).tag(config=True)

    show_hidden_titles = Bool(
        True,
        help="Whether feedback names the hidden checks. Their sources and inputs are never shown.",
    ).tag(config=True)

    seed = Integer(
        -1,
        min=-1,
        help="Seed of the checks' random inputs; -1 draws a new one for each grading and records it, so that"
        " any result can be had again by giving it here.",
    ).tag(config=True)

    @validate("accept_unprotected")
    def _known_protections(self, proposal: Bunch) -> list[str]:
        names: list[str] = proposal["value"]
        if names and sys.platform == "linux":  # nothing is graded elsewhere
            from grader.sandbox.confinement import PROTECTIONS

            for name in names:
                if name not in PROTECTIONS:
                    raise SettingsError(
                        f"c.AulaTorch.accept_unprotected names {name!r}, which is no protection"
                        f"{_meant(name, PROTECTIONS)}; there are: {', '.join(PROTECTIONS)}"
                    )
        return names

    @property
    def root(self) -> Path:
        """The course's folder, as nbgrader has it; the current one where no course is known."""
        if self._coursedir is not None:
            return Path(self._coursedir.root)
        named = self.config.get("CourseDirectory", {}).get("root", "")
        return Path(named).absolute() if isinstance(named, str) else Path.cwd()

    @property
    def checks_path(self) -> Path:
        """The folder of the checks.

        Raises:
            SettingsError: there is no such folder.
        """
        found = self._folder("checks_directory", self.checks_directory)
        if found is None:
            raise SettingsError("c.AulaTorch.checks_directory is empty")
        return found

    @property
    def data_paths(self) -> tuple[Path, ...]:
        """The folders of released data.

        Raises:
            SettingsError: one does not exist.
        """
        found = (self._folder("data_directories", name) for name in self.data_directories)
        return tuple(path for path in found if path is not None)

    @property
    def private_paths(self) -> tuple[Path, ...]:
        """The course's folders that no graded notebook may read: solutions, submissions, grades and checks."""
        coursedir = self._coursedir
        names = [str(getattr(coursedir, f"{step}_directory", step)) for step in _STEPS]
        names.append(self.checks_directory)
        database = str(getattr(coursedir, "db_url", "sqlite:///gradebook.db"))
        names += [database.removeprefix("sqlite:///")] if database.startswith("sqlite:///") else []
        return tuple(Path(os.path.normpath(self.root / name)) for name in names)

    @property
    def _coursedir(self) -> Any:
        """nbgrader's course directory, or None where no course is known."""
        parent = self.parent
        while parent is not None:
            coursedir = getattr(parent, "coursedir", None)
            if coursedir is not None:
                return coursedir
            parent = getattr(parent, "parent", None)
        return None

    def _folder(self, setting: str, name: str) -> Path | None:
        """A folder of a setting; None where the setting is empty."""
        if not name:
            return None
        with contextlib.suppress(RuntimeError):  # the folder of nobody
            name = str(Path(name).expanduser())
        path = Path(os.path.normpath(self.root / name))
        if not path.is_dir():
            what = "is no folder" if path.exists() else "does not exist"
            raise SettingsError(f"c.AulaTorch.{setting} = {name!r}: the folder {path} {what}")
        if not os.access(path, os.R_OK | os.X_OK):
            raise SettingsError(f"c.AulaTorch.{setting} = {name!r}: the folder {path} cannot be read")
        return path
