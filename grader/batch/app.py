"""`grader autograde` as an nbgrader application: the same options, the same configuration files."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import NbGraderException
from rich.console import Console
from sqlalchemy.exc import SAWarning
from traitlets import TraitError, default

from grader.batch.coordinator import Coordinator
from grader.batch.saving import AutogradeError
from grader.batch.settings import ParallelAutograde
from grader.config_files import fault_in_config_file
from grader.course import CONFIG
from grader.grading.permissions import exposures, warning
from grader.settings import AulaTorch

_INTERRUPTED = 130


class ParallelAutogradeApp(AutogradeApp):
    """`nbgrader autograde`, with its work spread out."""

    name = "grader-autograde"
    description = "Autograde submissions in parallel: nbgrader's autograde, with the same files and the same gradebook"

    examples = """
        Everything that is new or has changed, on all cores:

            grader autograde 01_tensors

        Two at a time, or on the workers of a Dask cluster:

            grader autograde 01_tensors --jobs 2
            grader autograde 01_tensors --dask tcp://10.0.0.1:8786

        Some students only; again, though nothing has changed:

            grader autograde 01_tensors --students ada,blas --force

        Interrupted? The same command goes on with what is missing.
        """

    aliases = AutogradeApp.aliases | {
        "jobs": "ParallelAutograde.jobs",
        "j": "ParallelAutograde.jobs",
        "dask": "ParallelAutograde.dask",
        "students": "ParallelAutograde.students",
        "log": "ParallelAutograde.log",
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
        """Reads the command line and the configuration; exits with 1 where that has an error."""
        try:
            super().initialize(argv, **({"root": root} if root else {}))  # nbgrader before 0.9.6 takes none
        except Exception as error:
            fault = fault_in_config_file(error)
            if fault is None:
                raise
            self.fail("Nothing is graded, for the configuration has an error: %s", fault)

    def start(self) -> None:
        """Grades, and exits with 1 where a submission was not graded, 130 where somebody interrupted it."""
        NbGrader.start(self)
        warnings.filterwarnings("ignore", category=SAWarning)  # SQLAlchemy's advice to nbgrader's authors
        self._take_assignment()
        self._refuse_no_course()
        console = Console()
        try:
            exposed = exposures(self.coursedir, AulaTorch(parent=self))
            if exposed:
                console.print(warning(exposed), style="yellow", markup=False, highlight=False, soft_wrap=True)
            coordinator = Coordinator(self.coursedir, self.config, console, parent=self)
            tally = coordinator.run()
        except KeyboardInterrupt:
            console.print("interrupted; the same command goes on with what is missing", style="yellow")
            sys.exit(_INTERRUPTED)
        except AutogradeError as error:
            console.print(f"stopped: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            console.print("What is graded is saved; the same command goes on with what is missing.")
            sys.exit(1)
        except TraitError as error:
            self.fail(f"nothing is graded: {error}")
        except NbGraderException as error:
            self.fail(str(error))
        if tally.failed or tally.quarantined:
            sys.exit(1)

    def _take_assignment(self) -> None:
        if len(self.extra_args) + bool(self.coursedir.assignment_id) != 1:
            self.fail("Name one assignment, as an argument or with --assignment")
        if self.extra_args:
            self.coursedir.assignment_id = self.extra_args[0]

    def _refuse_no_course(self) -> None:
        """Ends where there is no course, before a gradebook or a lock is made there."""
        root = Path(self.coursedir.root)
        folders = (self.coursedir.source_directory, self.coursedir.submitted_directory)
        if not (root / CONFIG).is_file() and not any((root / folder).is_dir() for folder in folders):
            self.fail(f"nothing is graded: {root} is no course: it has no {CONFIG}")
