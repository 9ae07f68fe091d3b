"""Opening what was handed in, where plain nbgrader would stumble over it."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Config

from grader.checking.runner import require_importable
from grader.course import CourseError, checks_of
from grader.grading.examination import examine, released
from grader.grading.folder import FolderRefusedError, files_in, is_notebook_name
from grader.grading.handover import Handover
from grader.grading.intake import Taken, take_in
from grader.grading.kernelspecs import forbid_other_steps
from grader.grading.limits import require_file
from grader.grading.sources import (
    coursedir_of,
    has_checks,
    names_with_checks,
    released_notebooks,
    settings_of,
    source_notebook,
    source_notebooks,
)
from grader.grading.stripping import read_notebook_file
from grader.grading.submissions import STRIPPED, OpenedNotebook, UnreadableNotebookError, read_submission
from grader.kit.messages import Message

Resources = Any


class SetAsideError(Exception):
    """A person must look at what was handed in; `reason` says why."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason.render("en"))


class SubmissionExporter(NotebookExporter):
    """Opens submitted notebooks: what plain nbgrader would stumble over is repaired, or replaced with a reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, BaseConverter):
            _find_notebooks_of_other_names(self, self.parent)
            if not getattr(self.parent, "course_is_examined", False):
                self._examine_course(self.parent)

    def _examine_course(self, converter: BaseConverter) -> None:
        """Refuses a course that cannot be graded as it is set up, before any of its students is."""
        coursedir = converter.coursedir
        try:
            with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
                known = released(gradebook, coursedir.assignment_id)
                checks = examine(coursedir, settings_of(self), known, converter.autograde_preprocessors)
                if checks is not None and known.notebooks:
                    forbid_other_steps(gradebook, coursedir.assignment_id)
            if checks is not None:
                require_importable(checks_of(settings_of(self), coursedir.assignment_id))
        except (CourseError, TraitError) as error:
            converter.log.error("Nothing is graded: %s", error)
            raise NbGraderException(str(error)) from None
        if checks is not None:
            converter.log.info("%s", checks)
            self.update_config(Config({"AulaTorch": {"confine": "always"}}))  # what the steps go by

    def from_filename(self, filename: str, resources: Resources = None, **kwargs: Any) -> Any:
        """Opens a notebook, under whatever name it was handed in.

        Raises:
            ValueError: it is no file: a link may lead anywhere, and a pipe has no end.
            SetAsideError: it is not ours, and not clear which file it is.
        """
        path = Path(filename)
        is_ours = self._is_ours(resources)
        if (not is_ours and path.exists()) or _is_autograded(self, resources, path.parent):
            if is_ours:
                require_file(path)
            return super().from_filename(filename, resources=resources, **kwargs)
        if path.is_symlink() or path.exists():
            require_file(path)
        name = resources["nbgrader"]["notebook"]
        handover = Handover.of(resources)
        refused = handover.refused
        taken = Taken(undecided=refused) if refused else self.take_in(path.parent, resources, asked=path).get(name)
        if taken is None:
            raise FileNotFoundError(f"no file of {path.parent} is {name}.ipynb")
        if not is_ours:
            if taken.undecided is not None:
                raise SetAsideError(taken.undecided)
            return super().from_filename(str(taken.path), resources=resources, **kwargs)
        handover.undecided = taken.undecided
        handover.file = taken.file
        limit = int(settings_of(self).notebook_size_limit * 2**20)
        content, is_stripped = read_notebook_file(taken.path, limit) if taken.path is not None else (b"", False)
        is_stripped |= taken.file in handover.stripped
        notices = [*taken.notices, *([STRIPPED] if is_stripped else [])]
        return self._from_bytes(content, notices, resources, **kwargs)

    def take_in(self, folder: Path, resources: Resources, asked: Path | None = None) -> dict[str, Taken]:
        """What is graded as each notebook of the assignment.

        Args:
            folder: that was handed in.
            resources: name the assignment and the gradebook.
            asked: a notebook of the assignment; where there is no other one, nothing else is looked at.
        """
        ignored = CourseDirectory(parent=self).ignore
        if asked is not None and asked.is_file():
            with suppress(FolderRefusedError):
                if [file.path for file in files_in(folder, ignored) if is_notebook_name(file.name)] == [asked]:
                    return {asked.stem: Taken(asked, asked.name)}
        return take_in(
            folder, released_notebooks(self, resources), ignored, int(settings_of(self).notebook_size_limit * 2**20)
        )

    def from_file(self, file_stream: Any, resources: Resources = None, **kwargs: Any) -> Any:
        """Reads a notebook, in whatever state it is."""
        if not self._is_ours(resources):
            return super().from_file(file_stream, resources=resources, **kwargs)
        # nbgrader opens a notebook a second time once it is sanitized
        if _is_autograded(self, resources, Path(resources["metadata"]["path"])):
            return super().from_file(file_stream, resources=resources, **kwargs)
        return self._from_bytes(file_stream.buffer.read(), [], resources, **kwargs)

    def _from_bytes(self, content: bytes, notices: list[Message], resources: Resources, **kwargs: Any) -> Any:
        handover = Handover.of(resources)
        if handover.undecided is not None:
            submission = OpenedNotebook(new_notebook())
        else:
            try:
                submission = read_submission(content, int(settings_of(self).notebook_size_limit * 2**20))
            except UnreadableNotebookError as error:
                submission = OpenedNotebook(new_notebook(), (error.reason,))
                handover.is_unreadable = True
        handover.notices = (*notices, *submission.notices)
        return self.from_notebook_node(submission.notebook, resources=resources, **kwargs)

    def _is_ours(self, resources: Resources) -> bool:
        try:
            return has_checks(source_notebook(self, resources))
        except (KeyError, TypeError):
            return False


def _find_notebooks_of_other_names(exporter: SubmissionExporter, converter: BaseConverter) -> None:
    """Has nbgrader grade what was handed in under another name, and pass over what it fails to copy.

    It makes its exporter once it has found the folders with notebooks, so the others join them here. Its hook runs
    before it copies a submission; the notebooks that it then converts are those of its list, and what it ignores are
    names: pipes, links to nowhere, and everything where there is too much.
    """
    course, hook = converter.coursedir, converter.pre_convert_hook
    if course is None:
        return
    ignored = list(course.ignore)
    names = names_with_checks(course)
    pattern = converter._format_source(course.assignment_id, course.student_id)
    for folder in glob.glob(pattern) if names else ():  # noqa: PTH207 - nbgrader's own paths, as it writes them
        if Path(folder).is_dir() and folder not in converter.assignments:
            converter.assignments[folder] = [f"{folder}/{name}.ipynb" for name in names]

    def take_in_first(**about: Any) -> None:
        folders = {Path(notebook).parent for notebook in about["notebooks"]}
        course.ignore = ["*"]
        with suppress(FolderRefusedError):
            for folder in folders if names else ():
                files_in(folder, ignored)
            walked = (Path(top, name) for folder in folders for top, _, files in os.walk(folder) for name in files)
            course.ignore = [*ignored, *(glob.escape(path.name) for path in walked if not path.is_file())]
        if names:
            known = {path.stem for path in source_notebooks(course)}  # nbgrader only warns of others
            found = {path for path in about["notebooks"] if Path(path).stem in known and os.path.lexists(path)}
            for folder in folders:
                resources = {"nbgrader": {"assignment": course.assignment_id, "db_url": course.db_url}}
                taken = exporter.take_in(folder, resources)
                found |= {str(folder / f"{name}.ipynb") for name in fnmatch.filter(taken, course.notebook_id)}
            converter.notebooks = sorted(found)
        if hook is not None:
            hook(**about)

    converter.pre_convert_hook = take_in_first


def _is_autograded(configurable: Any, resources: Mapping[str, Any], found: Path) -> bool:
    course, names = coursedir_of(configurable), resources["nbgrader"]
    folder = course.format_path(course.autograded_directory, names["student"], names["assignment"])
    return found.resolve() == Path(course.root, folder).resolve()
