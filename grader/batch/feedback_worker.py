"""A worker's side of `grader feedback`: nbgrader's own converter and exporter, set up once a process.

A text that keeps its parser busy is interrupted by a signal, which only a process's main thread hears. A Dask worker
does its tasks on other threads, so it has a process of its own for them, and not one of `multiprocessing`'s, which
Dask's processes may not start.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import cloudpickle
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from traitlets.utils.importstring import import_item

from grader.batch.feedback_tasks import MOST_SECONDS, NotedGrades, Pages, PagesTask, Press, Sheet

Resources = Any

_NOTED = "aulatorch_grades"
"""Under this key of nbgrader's `resources` are the grades of the notebook at hand."""


class GetNotedGrades(GetGrades):
    """nbgrader's `GetGrades`, with grades that the coordinator read: a worker has no gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Puts the grades and comments into a notebook and its resources."""
        noted: NotedGrades | None = resources["nbgrader"][_NOTED]
        if noted is None:
            raise MissingEntry("the gradebook has no such submission")
        for index, cell in enumerate(nb.cells):
            nb.cells[index], resources = self.preprocess_cell(cell, resources, index)
        if noted.penalty is not None:
            self.log.warning("Late submission penalty: %s", noted.penalty)
        penalty = noted.penalty or 0
        resources["nbgrader"] |= {
            "score": noted.score - penalty,
            "max_score": noted.max_score,
            "late_penalty": penalty,
        }
        return nb, resources

    def _get_comment(self, cell: NotebookNode, resources: Resources) -> None:
        cell.metadata.nbgrader["comment"] = _found(resources["nbgrader"][_NOTED].comments, cell)

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        meta = cell.metadata.nbgrader
        meta["score"], meta["points"] = _found(resources["nbgrader"][_NOTED].cells, cell)


def _found(rows: Any, cell: NotebookNode) -> Any:
    name = cell.metadata.nbgrader["grade_id"]
    if name not in rows:
        raise MissingEntry(f"the gradebook has no cell {name!r} of this notebook")
    return rows[name]


class _Converter(GenerateFeedback):
    """nbgrader's converter, asked for one notebook at a time."""

    def open(self) -> None:
        self.exporter = self.exporter_class(parent=self, config=self.config)
        for step in self.preprocessors:
            kind = import_item(step) if isinstance(step, str) else step
            self.exporter.register_preprocessor(GetNotedGrades if kind is GetGrades else kind)

    def page(self, name: str, sheet: Sheet) -> dict[str, bytes]:
        """The page of a notebook, and the files that a step of the course's takes out of it, as nbgrader names them."""
        resources = self.init_single_notebook_resources(sheet.path)
        path = Path(sheet.path)
        modified = datetime.fromtimestamp(sheet.modified, tz=UTC)
        resources["metadata"] = ResourcesDict(  # as `from_filename` has it
            name=path.stem, path=str(path.parent), modified_date=modified.strftime("%B %d, %Y")
        )
        resources["nbgrader"][_NOTED] = sheet.grades
        output, resources = self.exporter.from_file(io.StringIO(sheet.content.decode()), resources=resources)
        files = {**resources.get("outputs", {}), **resources.get("attachments", {})}
        files[f"{name}{resources.get('output_extension', '')}"] = output.encode()
        return files


class _Worker:
    """Makes pages of a course."""

    def __init__(self, press: Press) -> None:
        log = logging.getLogger("aulatorch.feedback")
        log.propagate = False
        log.addHandler(logging.NullHandler())
        self.converter = _Converter(coursedir=CourseDirectory(config=press.config), config=press.config, log=log)
        self.converter.open()
        gc.collect()
        gc.freeze()

    def make(self, task: PagesTask) -> Pages:
        start = time.monotonic()
        files: dict[str, bytes] = {}
        try:
            for name, sheet in task.sheets.items():
                files |= self.converter.page(name, sheet)
        except Exception:  # noqa: BLE001 - nothing that goes wrong here may cost the batch
            return Pages(task.student, seconds=time.monotonic() - start, error=traceback.format_exc())
        return Pages(task.student, files, time.monotonic() - start)


class _Process:
    """A process that makes pages of a course on its main thread; it ends with this one."""

    def __init__(self, press: bytes) -> None:
        self._link, theirs = Pipe()
        with theirs:
            command = [sys.executable, "-m", "grader.batch.feedback_worker", str(theirs.fileno())]
            path = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env=path)
        self._link.send_bytes(press)

    def make(self, task: PagesTask) -> Pages:
        """Raises `EOFError` or `OSError` where it ended, `TimeoutError` where it takes too long."""
        self._link.send(task)
        if not self._link.poll(MOST_SECONDS):
            raise TimeoutError
        pages: Pages = self._link.recv()
        return pages

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._link.close()


class _Workers:
    """The worker of this process: made when the first task comes, replaced when another course does."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    current: ClassVar[tuple[bytes, _Worker | _Process] | None] = None

    @classmethod
    def get(cls, press: bytes) -> _Worker | _Process:
        if cls.current is None or cls.current[0] != press:
            cls.close()
            is_main = threading.current_thread() is threading.main_thread()
            cls.current = (press, _Worker(cloudpickle.loads(press)) if is_main else _Process(press))
        return cls.current[1]

    @classmethod
    def close(cls) -> None:
        if cls.current is not None and isinstance(cls.current[1], _Process):
            cls.current[1].close()
        cls.current = None


def prepare(press: bytes) -> None:
    """Makes this process ready for tasks of a course, a pickled `Press`."""
    with _Workers.lock:
        _Workers.get(press)


def work(press: bytes, task: PagesTask) -> Pages:
    """Makes the pages of a submission, one at a time whatever the number of threads."""
    with _Workers.lock:
        try:
            return _Workers.get(press).make(task)
        except TimeoutError:
            _Workers.close()
            return Pages(task.student, error=f"its pages take longer than {MOST_SECONDS:g} s")
        except (EOFError, OSError) as error:
            _Workers.close()
            return Pages(task.student, error=f"its pages ended their process: {error}")


def _serve(link: Connection) -> None:
    """Makes the pages that are asked for, of the course that comes first, until nobody asks any more."""
    worker = _Worker(cloudpickle.loads(link.recv_bytes()))
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            link.send(worker.make(link.recv()))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
