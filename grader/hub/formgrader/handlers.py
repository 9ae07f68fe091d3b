"""What Formgrader's pages ask for: to grade a submission, to grade a class, and how far that is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, PackageLoader
from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.formgrader.base import BaseApiHandler, BaseHandler, check_notebook_dir, check_xsrf
from tornado import web
from traitlets import TraitError

from grader.batch.settings import ParallelAutograde
from grader.hub.formgrader import EXTENSION, SCRIPT
from grader.hub.formgrader.runs import Runs, Work
from grader.kit.messages import SOURCE_LANGUAGE, Message, tr
from grader.settings import AulaTorch

_RUNS: Final = "aulatorch_runs"
_STATIC: Final = Path(__file__).parent / "static"
_MOST: Final = 255
"""Characters of a name, which is a folder's."""


def add_handlers(application: web.Application) -> None:
    """Puts the handlers before nbgrader's, whose addresses are partly the same."""
    application.settings[_RUNS] = Runs()
    pages = [
        (r"/formgrader/manage_submissions/([^/]+)", SubmissionsPage),
        (r"/formgrader/api/submission/([^/]+)/([^/]+)/autograde", GradeOne),
        (r"/formgrader/api/assignment/([^/]+)/autograde", GradeAll),
    ]
    base = application.settings["base_url"]
    rules: list[Any] = [(url_path_join(base, pattern), handler) for pattern, handler in pages]
    folder, _, name = SCRIPT.rpartition("/")
    rules.append((url_path_join(base, folder, f"({name})"), web.StaticFileHandler, {"path": str(_STATIC)}))
    application.add_handlers(".*$", rules)
    known = application.default_router.rules
    known.insert(0, known.pop(-2))  # tornado puts new ones before the last, which takes everything


class _Course:
    """What the handlers know of the course; they are nbgrader's as well."""

    @property
    def runs(self: Any) -> Runs:
        """The server's."""
        found: Runs = self.settings[_RUNS]
        return found

    @property
    def language(self: Any) -> str:
        """The course's."""
        try:
            return str(AulaTorch(config=self.coursedir.parent.config).language)
        except TraitError:  # `grader autograde` says what is wrong
            return SOURCE_LANGUAGE

    @property
    def user(self: Any) -> str:
        """Who asks."""
        who = self.current_user
        return str(getattr(who, "display_name", None) or getattr(who, "username", who))

    def written(self, found: Mapping[str, Any]) -> str:
        """Plain data as JSON, its messages in the course's language."""

        def text(value: Message) -> str:
            return value.render(self.language)

        return json.dumps(found, default=text)

    def work(self: Any, assignment: str) -> Work:
        """An assignment.

        Raises:
            HTTPError: it cannot be called so.
        """
        coursedir = self.coursedir
        require_name(assignment)
        try:
            log = ParallelAutograde(config=coursedir.parent.config).log_path(coursedir.root, assignment)
        except (TraitError, KeyError, ValueError, IndexError):
            log = None
        return Work(assignment, Path(coursedir.root), log, is_shared=bool(coursedir.groupshared))


def require_name(name: str) -> None:
    """Refuses what is no name of an assignment or a student, each of which is a folder's.

    Raises:
        HTTPError: it is none.
    """
    if name.startswith(".") or len(name) > _MOST or not name.isprintable() or any(char in name for char in "/\\"):
        raise web.HTTPError(400, f"{name[:_MOST]!r} is no name of an assignment or of a student")


class GradeOne(_Course, BaseApiHandler):
    """Formgrader's button for one student."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self, assignment: str, student: str) -> None:
        """Grades the submission, and answers when it is done."""
        require_name(student)
        found = await self.runs.one(self.work(assignment), student, self.user)
        self.write(self.written(found))  # as text, which nbgrader's page parses


class GradeAll(_Course, BaseApiHandler):
    """The page's button for everybody."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self, assignment: str) -> None:
        """Begins, and answers at once."""
        self._answer(self.runs.all(self.work(assignment), self.user))

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, assignment: str) -> None:
        """Says how far it is."""
        self._answer(self.runs.state(self.work(assignment)))

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def delete(self, assignment: str) -> None:
        """Asks it to end, and answers at once."""
        self._answer(self.runs.stop(self.work(assignment), self.user))

    def _answer(self, found: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json")
        self.write(self.written(found))


class SubmissionsPage(_Course, BaseHandler):
    """nbgrader's page of an assignment's submissions, with a button that grades them all."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self, assignment: str) -> None:
        """Writes the page."""
        environment = self.settings["nbgrader_jinja2_env"]
        own = PackageLoader(EXTENSION)
        page = environment.overlay(loader=ChoiceLoader([own, environment.loader])).get_template("grade_all.tpl")
        texts = {
            "button": tr("Grade all that are new"),
            "again": tr("Go on"),
            "stop": tr("Stop"),
            "stops": tr("Ends between two submissions; what is graded is kept."),
            "what": tr("What is new or has changed, several at once. The lightning grades one submission again."),
            "details": tr("What it said"),
            "no_answer": tr("The server does not answer; grading goes on, and this page asks again."),
        }
        self.write(
            page.render(
                course_dir=self.coursedir.root,
                assignment_id=assignment,
                base_url=self.base_url,
                language=self.language,
                script=f"{self.base_url}{SCRIPT}?v={_version_of_script()}",
                texts={name: text.render(self.language) for name, text in texts.items()},
            )
        )


def _version_of_script() -> str:
    """Another one for each content: a browser keeps the script of an earlier release, and shows it to a new page."""
    return str(web.StaticFileHandler.get_content_version(str(_STATIC / SCRIPT.rpartition("/")[2])))
