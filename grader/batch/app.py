"""`grader autograde` as an nbgrader application: the same options, the same configuration files."""

from __future__ import annotations

import difflib
import logging
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from nbgrader.apps import AutogradeApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import NbGraderException
from rich.console import Console
from sqlalchemy.exc import DBAPIError, SAWarning
from traitlets import TraitError, default
from traitlets.config import Config, Configurable

from grader.batch.coordinator import Coordinator
from grader.batch.records import UnknownAssignmentError
from grader.batch.saving import AutogradeError
from grader.batch.settings import ParallelAutograde
from grader.command_line import INTERRUPTED
from grader.config_files import fault_in_config_file
from grader.course import CONFIG
from grader.grading.permissions import exposures, warning
from grader.settings import AulaTorch, Settings

_OUTDATED: Final = {
    *("NbGrader", "NbGraderConfig", "BasicConfig", "BaseNbGraderApp", "BaseApp", "Exchange", "TransferApp"),
    *("BaseNbConvertApp", "AutogradeApp", "FeedbackApp", "Feedback"),
}
"""Sections that nbgrader had in earlier years, or whose settings it moved, and still understands."""


_TRAIT: Final = re.compile(r"--([A-Z]\w*)\.(\w+)(?==|$)")


class SpreadApp(NbGrader):
    """An nbgrader application whose work is spread out, and which says what is wrong as `grader` says it."""

    spread_aliases: Final = {
        "jobs": "ParallelAutograde.jobs",
        "j": "ParallelAutograde.jobs",
        "dask": "ParallelAutograde.dask",
        "students": "ParallelAutograde.students",
    }

    @default("log_level")
    def _quiet(self) -> int:
        return logging.WARNING  # what is of interest is on display

    @default("raise_config_file_errors")
    def _stops_at_errors(self) -> bool:
        return True  # without its configuration a course would be graded as somebody else's

    @default("classes")
    def _classes_default(self) -> list[Any]:
        return [*super()._classes_default(), ParallelAutograde, AulaTorch]

    def initialize(self, argv: list[str] | None = None, root: str = "") -> None:
        """Reads the command line and the configuration.

        Raises:
            click.UsageError: the command line is wrong.
            click.ClickException: the configuration is.
        """
        try:
            super().initialize(argv, **({"root": root} if root else {}))  # nbgrader before 0.9.6 takes none
        except click.ClickException:
            raise
        except Exception as error:
            fault = fault_in_config_file(error)
            if fault is None:
                raise
            self.fail("Nothing is done, for the configuration has an error: %s", fault)
        self._refuse_unknown_sections()

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Reads the command line, and tries the values of our own settings.

        Raises:
            click.UsageError: it is wrong.
        """
        _refuse_unknown_settings(argv or ())
        try:
            NbGrader.parse_command_line.__wrapped__(self, argv)  # without traitlets' own way of failing
            kinds: tuple[type[Settings], ...] = (AulaTorch, ParallelAutograde)
            for kind in kinds:
                kind(config=Config({kind.__name__: self.cli_config.get(kind.__name__, Config())}))
        except TraitError as error:
            raise click.UsageError(str(error)) from None

    def fail(self, msg: str, *args: Any) -> NoReturn:
        """Ends the command with one line and exit code 1."""
        raise click.ClickException(msg % args if args else msg)

    def fail_for_gradebook(self, error: DBAPIError) -> NoReturn:
        """Ends the command where the gradebook is none, or of another version."""
        why = " ".join(str(error.orig).split())
        upgrade = "; after an update of nbgrader, `nbgrader db upgrade` may help" if "no such" in why else ""
        self.fail(f"the gradebook {self.coursedir.db_url} cannot be used: {why}{upgrade}")

    def take_assignment(self) -> None:
        """Takes the assignment's name from the command line or the configuration.

        Raises:
            click.UsageError: there is none, or there are several.
        """
        if len(self.extra_args) + bool(self.coursedir.assignment_id) != 1:
            raise click.UsageError("Name one assignment, as an argument or with --assignment")
        if self.extra_args:
            self.coursedir.assignment_id = self.extra_args[0]

    def refuse_no_course(self, what: str) -> None:
        """Ends where there is no course, before a gradebook or a lock is made there."""
        root = Path(self.coursedir.root)
        folders = (self.coursedir.source_directory, self.coursedir.submitted_directory)
        if not (root / CONFIG).is_file() and not any((root / folder).is_dir() for folder in folders):
            self.fail(f"{what}: {root} is no course: it has no {CONFIG}")

    def _refuse_unknown_sections(self) -> None:
        """Refuses what the command line sets and nothing has: traitlets would pass it over.

        A course may have steps of its own, whose names stand in its configuration.
        """
        classes = _classes()
        named = {name.rpartition(".")[2] for name in _texts(self.config)}
        for section in self.cli_config:
            if section not in {*_OUTDATED, *named, *classes}:
                raise click.UsageError(f"{section} is no section of settings{_meant(section, classes)}")


def _refuse_unknown_settings(arguments: Iterable[str]) -> None:
    """Refuses settings that their sections do not have: traitlets would only warn of them.

    Raises:
        click.UsageError: a section has no such setting.
    """
    classes = _classes()
    for match in filter(None, map(_TRAIT.match, arguments)):
        section, name = match.groups()
        if section in classes and section not in {*_OUTDATED, AulaTorch.__name__, ParallelAutograde.__name__}:
            known = classes[section].class_trait_names(config=True)
            if name not in known:
                raise click.UsageError(f"{section} has no setting {name!r}{_meant(name, known)}")


def _classes() -> dict[str, type[Any]]:
    return {kind.__name__: kind for kind in _below(Configurable)}


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a configuration, and the names of the classes in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, type):
        yield value.__name__
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _meant(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


class ParallelAutogradeApp(SpreadApp, AutogradeApp):
    """`nbgrader autograde`, with its work spread out."""

    name = "grader-autograde"
    description = "Autograde submissions in parallel: nbgrader's autograde, with the same files and the same gradebook"
    examples = ""

    aliases = AutogradeApp.aliases | SpreadApp.spread_aliases | {"log": "ParallelAutograde.log"}
    flags = AutogradeApp.flags | {
        "dry-run": ({"ParallelAutograde": {"dry_run": True}}, "Say what would change, and write nothing."),
        "allow-lower": ({"ParallelAutograde": {"allow_lower": True}}, "Let a submission get fewer points than it has."),
    }

    def start(self) -> None:
        """Grades, and exits with 1 where a submission was not graded, 130 where somebody interrupted it.

        Raises:
            click.UsageError: there is no such assignment.
            click.ClickException: nothing can be graded.
        """
        NbGrader.start(self)
        warnings.filterwarnings("ignore", category=SAWarning)  # SQLAlchemy's advice to nbgrader's authors
        self.take_assignment()
        self.refuse_no_course("nothing is graded")
        console = Console()
        try:
            exposed = exposures(self.coursedir, AulaTorch(parent=self))
            if exposed:
                console.print(warning(exposed), style="yellow", markup=False, highlight=False, soft_wrap=True)
            tally = Coordinator(self.coursedir, self.config, console, parent=self).run()
        except KeyboardInterrupt:
            console.print("interrupted; the same command goes on with what is missing", style="yellow")
            sys.exit(INTERRUPTED)
        except AutogradeError as error:
            console.print(f"stopped: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            console.print("What is graded is saved; the same command goes on with what is missing.")
            sys.exit(1)
        except TraitError as error:
            self.fail("nothing is graded: %s", error)
        except UnknownAssignmentError as error:
            raise click.UsageError(str(error)) from None
        except NbGraderException as error:
            self.fail("%s", error)
        except DBAPIError as error:
            self.fail_for_gradebook(error)
        is_dry = ParallelAutograde(parent=self).dry_run
        if tally.failed or tally.quarantined or (tally.kept and not is_dry):
            sys.exit(1)
