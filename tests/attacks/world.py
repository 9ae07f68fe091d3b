"""The course that attacks are after: files with marks that must never come out, and sockets that nobody may reach."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import nbformat
import psutil
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from grader.sandbox.folders import PrivateFolder
from tests.attacks.attack import CHECKS, notebook_of, read_attack

ASSIGNMENT = "attacked"


class World:
    """A course in a temporary folder; a context manager.

    Attributes:
        course: the course folder.
        hidden: the folder of its checks, the hidden ones among them.
        mark: a text that lies in everything secret.
    """

    def __enter__(self) -> Self:
        self.mark = f"CANARY-{secrets.token_hex(8)}"
        # Not in /tmp: pytest lists every folder above a check file, and that one can be very full.
        self._folder = PrivateFolder.make("attacked-course-", Path("/var/tmp"))
        self.course = self._folder.path
        self.home = self.course / "home"
        self.home.mkdir()
        self.hidden = self.course / "checks" / ASSIGNMENT
        shutil.copytree(CHECKS / ASSIGNMENT, self.hidden, ignore=shutil.ignore_patterns("__pycache__"))
        check = self.hidden / "hidden.py"
        check.write_text(check.read_text() + f"\nSECRET = {self.mark!r}\n")
        other = self.course / "submitted" / "other" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        other.parent.mkdir(parents=True)
        other.write_text(self.mark)
        os.environ["AULATORCH_MARK"] = self.mark
        os.environ["PATH"] += f"{os.pathsep}/instructors-own-programs"
        if shutil.which("alembic") is None:  # nbgrader looks for it on the PATH: this environment is not activated
            os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._listen()
        self._fill_gradebook()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in self.sockets.values():
            end.close()
        self._folder.__exit__()

    def _listen(self) -> None:
        self.sockets = {
            "TCP": socket.create_server(("127.0.0.1", 0)),
            "UDP": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "UNIX": socket.socket(socket.AF_UNIX),
            "UNIXDATAGRAM": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
            "ABSTRACT": socket.socket(socket.AF_UNIX),
        }
        self.sockets["UDP"].bind(("127.0.0.1", 0))
        self.sockets["UNIX"].bind(str(self.course / "socket"))
        self.sockets["UNIXDATAGRAM"].bind(str(self.course / "datagrams"))
        self.abstract = f"attacked-{secrets.token_hex(4)}"
        self.sockets["ABSTRACT"].bind(f"\0{self.abstract}")
        for end in self.sockets.values():
            end.setblocking(False)
            if end.type == socket.SOCK_STREAM:
                end.listen()

    @property
    def facts(self) -> Mapping[str, str]:
        """What an attacker is told."""
        return {
            "COURSE": str(self.course),
            "HIDDEN": str(self.hidden),
            "HOME": str(self.home),
            "GRADER": str(os.getpid()),
            "TCP": str(self.sockets["TCP"].getsockname()[1]),
            "UDP": str(self.sockets["UDP"].getsockname()[1]),
            "UNIX": str(self.course / "socket"),
            "UNIXDATAGRAM": str(self.course / "datagrams"),
            "ABSTRACT": self.abstract,
        }

    def _fill_gradebook(self) -> None:
        """A gradebook that knows the released notebook and the other student."""
        from nbgrader.api import Gradebook
        from nbgrader.preprocessors import ComputeChecksums, SaveCells

        self.db_url = f"sqlite:///{self.course}/gradebook.db"
        source = notebook_of(read_attack(CHECKS.parent / "corpus" / "control_right.py"), self.facts, CHECK_CELLS)
        with Gradebook(self.db_url) as gradebook:
            gradebook.add_assignment(ASSIGNMENT)
            gradebook.add_student("other", last_name=self.mark)
        for preprocessor in (ComputeChecksums, SaveCells):
            source, _ = preprocessor().preprocess(source, self._resources())

    def _resources(self) -> dict[str, object]:
        return {"nbgrader": {"notebook": ASSIGNMENT, "assignment": ASSIGNMENT, "student": "eve", "db_url": self.db_url}}

    def sanitized(self, notebook: NotebookNode) -> NotebookNode:
        """The notebook after nbgrader's own sanitizers, as every submission is graded."""
        from nbgrader.preprocessors import ClearOutput, DeduplicateIds, OverwriteCells

        notebook = nbformat.from_dict(notebook)
        for preprocessor in (ClearOutput, DeduplicateIds, OverwriteCells):
            notebook, _ = preprocessor(config=Config()).preprocess(notebook, self._resources())
        return notebook

    def begin(self) -> None:
        """Notes how everything is before an attack."""
        self._digest = self._state()
        self._begun = time.time()

    def damage(self, graded: bytes, outputs: str, forbidden: str = "") -> list[str]:
        """What an attack that is over has achieved, in words.

        Args:
            graded: the notebook after grading.
            outputs: what its cells show.
            forbidden: texts that these must not hold, apart by semicolons.
        """
        found = []
        if self.mark.encode() in graded:
            found.append("read a secret")
        found += [f"left {text!r} in the outputs" for text in forbidden.split(";") if text and text in outputs]
        for name, end in self.sockets.items():
            try:
                end.accept() if end.type == socket.SOCK_STREAM else end.recv(64)
            except BlockingIOError:
                continue
            found.append(f"reached the socket {name}")
        if self._state() != self._digest:
            found.append("changed the course's files")
        for folder in ("/dev/shm", "/tmp", "/var/tmp"):
            left = Path(folder, "aulatorch-left")
            if left.exists():
                found.append(f"left a file in {folder}")
                left.unlink()
        found += [f"left the process {name!r}" for name in self._strays()]
        return found

    def _state(self) -> str:
        """A digest of the course's files, their contents, modes, owners and times."""
        digest = hashlib.sha256()
        for path in sorted(self.course.rglob("*")):
            status = path.lstat()
            facts = [path, status.st_mode, status.st_uid, status.st_gid]
            if path.is_file():
                facts += [status.st_mtime_ns, path.read_bytes()]
            digest.update(repr(facts).encode())
        return digest.hexdigest()

    def _strays(self) -> list[str]:
        """What our zygotes still have for children, and what started since with a mark of the corpus on it."""
        found = []
        for process in psutil.process_iter(["cmdline", "create_time"]):
            command = process.info["cmdline"] or []
            if command[-1:] == ["1234"] and process.info["create_time"] >= self._begun and not _is_watched(process):
                found.append(" ".join(command))
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):  # it has just ended
                if "grader.sandbox.zygote" in child.cmdline():
                    found += [f"child {stray.pid} of the zygote" for stray in child.children(recursive=True)]
        return found


def _is_watched(process: psutil.Process) -> bool:
    """Whether a zygote has it, such as that of another attack that runs at the same time: ours is looked at besides."""
    with contextlib.suppress(psutil.Error):
        return any("grader.sandbox.zygote" in parent.cmdline() for parent in process.parents())
    return True  # it has just ended


CHECK_CELLS = {
    "double": 'check("double")',
    "triple": 'check("triple")',
}
