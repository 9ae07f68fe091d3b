"""`grader feedback` as an nbgrader application: the same options, the same configuration files."""

from __future__ import annotations

import sys
import warnings

import click
from nbgrader.apps import GenerateFeedbackApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import NbGraderException
from rich.console import Console
from sqlalchemy.exc import DBAPIError, SAWarning
from traitlets import TraitError

from grader.batch.app import SpreadApp
from grader.batch.feedback import FeedbackError, Printer
from grader.batch.records import UnknownAssignmentError
from grader.command_line import INTERRUPTED


class ParallelFeedbackApp(SpreadApp, GenerateFeedbackApp):
    """`nbgrader generate_feedback`, with its work spread out."""

    name = "grader-feedback"
    description = "Make feedback pages in parallel: nbgrader's pages, in the same places"
    examples = ""

    aliases = GenerateFeedbackApp.aliases | SpreadApp.spread_aliases | {"log": "ParallelAutograde.feedback_log"}

    def start(self) -> None:
        """Makes pages, and exits with 1 where some could not be made, 130 where somebody interrupted it.

        Raises:
            click.UsageError: there is no such assignment.
            click.ClickException: nothing can be made.
        """
        NbGrader.start(self)
        warnings.filterwarnings("ignore", category=SAWarning)  # SQLAlchemy's advice to nbgrader's authors
        self.take_assignment()
        self.refuse_no_course("nothing is made")
        console = Console()
        try:
            tally = Printer(self.coursedir, self.config, console, parent=self).run()
        except KeyboardInterrupt:
            console.print("interrupted; the same command goes on with what is missing", style="yellow")
            sys.exit(INTERRUPTED)
        except FeedbackError as error:
            console.print(f"stopped: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            sys.exit(1)
        except UnknownAssignmentError as error:
            raise click.UsageError(str(error)) from None
        except (NbGraderException, TraitError) as error:
            self.fail("nothing is made: %s", error)
        except DBAPIError as error:
            self.fail_for_gradebook(error)
        if tally.failed:
            sys.exit(1)
