"""nbgrader's exchange, as it is used on a hub."""

from __future__ import annotations

import difflib
import errno
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import nbformat
from nbgrader.exchange.default import ExchangeReleaseFeedback, ExchangeSubmit
from nbgrader.utils import notebook_hash

from grader.check_cells import language_named
from grader.kit.messages import SOURCE_LANGUAGE, languages, tr

_OWNER_AND_GROUP: Final = 0o007
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_MOST_NAMES: Final = 20
"""Of notebooks beside the assignment's that get a page as well: each is a copy."""


class PrivateSubmit(ExchangeSubmit):  # type: ignore[misc]  # nbgrader has no types
    """Hands in so that the course's account can read it, and no other student.

    nbgrader leaves what it submits open for everybody who knows its name to read, and its folder to change. The folder
    of what is handed in passes its group on, the course's account's, to what is made in it, until its mode is set by
    somebody who is not in the group. So the files are written once more, with the right modes from the beginning.

    What cannot be handed in whole is not handed in: no part of it is left that would be collected or listed.
    """

    def copy_files(self) -> None:
        """Copies the files, and closes them to others.

        Raises:
            ExchangeError: they cannot all be written; says why, in the notebook's language.
        """
        open_to_all = Path(self.inbound_path, self.assignment_filename)
        closed = open_to_all.with_name(f".{open_to_all.name}")
        try:
            super().copy_files()
            _copy_closed(open_to_all, closed)
            shutil.rmtree(open_to_all)
            closed.rename(open_to_all)
        except OSError as error:
            cached = Path(self.cache_path, self.assignment_filename)
            name = cached.name.rpartition("+")[0] if self.add_random_string else cached.name
            for folder in (open_to_all, closed, cached.with_name(name)):
                shutil.rmtree(folder, ignore_errors=True)
            self.fail(self._refusal(error))

    def _refusal(self, error: OSError) -> str:
        code = _errno(error)
        if code in _FULL:
            text = tr(
                "Nothing was handed in: there is no room left where it would go. Your notebook is where it was; tell"
                " your instructor, and submit it again."
            )
        else:
            reason = os.strerror(code) if code else str(error)
            text = tr("Nothing was handed in: {reason}. Your notebook is where it was.", reason=reason)
        return text.render(self._language())

    def _language(self) -> str:
        for path in sorted(Path(self.src_path).glob("*.ipynb")):
            with suppress(Exception):  # whatever a notebook is like, its student is told
                cells = nbformat.read(path, as_version=4).cells
                named = language_named(cell.source for cell in cells if cell.cell_type == "code")
                if named in languages():
                    return str(named)
        return SOURCE_LANGUAGE


def _copy_closed(source: Path, target: Path) -> None:
    before = os.umask(_OWNER_AND_GROUP)
    try:
        for folder, _, files in os.walk(source):
            into = target / Path(folder).relative_to(source)
            into.mkdir()
            for name in files:
                shutil.copyfile(Path(folder, name), into / name)
    finally:
        os.umask(before)


def _errno(error: OSError) -> int:
    """What went wrong; `shutil` tells of several files as texts."""
    if error.errno:
        return error.errno
    told = str(error)
    return next((code for code in (*_FULL, errno.EACCES, errno.EIO) if f"[Errno {code}]" in told), 0)


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases each page also under the names of the notebooks that a student handed in.

    nbgrader looks for a page of each notebook that was handed in, and shows none before all of them are there. One that
    was renamed, or has a copy beside it, is graded as the assignment's; its student would get no feedback at all.
    """

    def copy_files(self) -> None:
        """Copies the pages into the exchange."""
        super().copy_files()
        for folder, pages in groupby(released_pages(self), lambda page: page.parent):
            secret = (folder / "submission_secret.txt").read_text()
            for name, page in pages_by_other_names(self.coursedir, list(pages)).items():
                place = Path(self.dest_path, f"{notebook_hash(secret=secret, notebook_id=name)}.html")
                incoming = place.with_name(f"{place.stem}-tmp.html")
                shutil.copy(page, incoming)
                incoming.replace(place)


def released_pages(release: Any) -> list[Path]:
    """The feedback pages that nbgrader releases, in the order of their folders."""
    excluded = set(release.coursedir.student_id_exclude.split(","))
    pages = sorted(Path("/").glob(f"{release.src_path}/*.html".lstrip("/")))
    return [page for page in pages if _student(release.coursedir, page) not in excluded]


def _student(coursedir: Any, page: Path) -> str:
    pattern = coursedir.format_path(
        coursedir.feedback_directory, "(?P<student>.*)", coursedir.assignment_id, escape=True
    )
    found = re.fullmatch(pattern, str(page.parent))
    return found["student"] if found is not None else ""


def pages_by_other_names(coursedir: Any, pages: Sequence[Path]) -> dict[str, Path]:
    """The names of notebooks that a student handed in and that have no page of their own, and the page for each.

    Args:
        coursedir: nbgrader's, of an assignment.
        pages: of the student's submission, one a notebook of the assignment.
    """
    own = {page.stem: page for page in pages}
    student = _student(coursedir, pages[0])
    handed_in = Path(coursedir.format_path(coursedir.submitted_directory, student, coursedir.assignment_id))
    others = sorted(path.stem for path in handed_in.glob("*.ipynb") if path.stem not in own)
    return {name: own[_most_like(name, list(own))] for name in others[:_MOST_NAMES] if _can_be_written(name)}


def _most_like(name: str, names: Sequence[str]) -> str:
    return difflib.get_close_matches(name, names, 1, cutoff=0)[0]


def _can_be_written(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
