"""What the checks of an exercise observe in each of its known mistakes, in a process of its own that is forked often.

``python -m grader.evidence.observing`` reads a `Request` from standard input and writes `KnownMistake`s by exercise.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from grader.checking.evidence import Evidence, KnownMistake, dump, evidence_of
from grader.checking.notebooks import InProcessNotebook, exercise_cells
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.evidence.answers import answered, answers_folder, answers_in, read_notebook, references
from grader.evidence.mistakes import Answer

SECONDS: Final = 60.0
"""That the checks of one mistake may take; what takes longer is nobody's evidence."""

_HERE: Final = "# the answer that is observed"
_SEEDS: Final = (1, 2)
"""What depends on chance comes out otherwise with another one."""


@dataclass(frozen=True)
class Scene:
    """A notebook that has run up to an exercise's solution cell, to be forked.

    Attributes:
        stage: it.
        exercise: its name.
        checks: of the assignment.
    """

    stage: InProcessNotebook
    exercise: str
    checks: Checks

    def evidence(self, source: str, seed: int) -> Evidence | None:
        """What the checks observe in an answer; None where it takes too long or ends the process.

        Args:
            source: of the solution cell.
            seed: of all randomness: the checks' and the global generators'.
        """
        found = in_a_fork(lambda: self._tried(source, seed), SECONDS)
        return None if found is None else Evidence.from_json(found)

    def _tried(self, source: str, seed: int) -> Any:
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        self.stage.seed = seed
        self.stage.replace_next(source)
        evidence = evidence_of(run_checks(self.stage, [self.exercise], self.checks))
        return None if evidence is None else evidence.to_json()


@contextlib.contextmanager
def scene(checks: Checks, notebook: Path, exercise: str) -> Iterator[Scene]:
    """A source notebook, run in this process up to an exercise's solution cell, in an empty folder."""
    cells = exercise_cells(answered(read_notebook(notebook), {exercise: _HERE}))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        stage = InProcessNotebook(cells, seed=0)
        stage.run_before(_HERE)
        yield Scene(stage, exercise, checks)


def in_a_fork(work: Callable[[], Any], seconds: float) -> Any:
    """What `work` returns in a copy of this process, through JSON; None where it ends the process or is too slow."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        data = b"null"
        with contextlib.suppress(BaseException):
            os.setsid()
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the process ends before it
            data = json.dumps(work()).encode()
        with contextlib.suppress(BaseException), os.fdopen(writer, "wb") as pipe:
            pipe.write(data)
        os._exit(0)
    os.close(writer)
    content = _read_all(reader, time.monotonic() + seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(content) if content else None


def _read_all(reader: int, deadline: float) -> bytes:
    found: list[bytes] = []
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            if not (part := pipe.read(2**16)):
                return b"".join(found)
            found.append(part)
    return b""


def known_mistakes(checks: Checks, notebook: Path, exercise: str) -> list[KnownMistake]:
    """An exercise's mistakes with what the checks given observe in them, whatever chance there is in it left out."""
    found = []
    with scene(checks, notebook, exercise) as there:
        for answer in wrong_answers(checks, notebook, exercise):
            seen = [there.evidence(answer.source, seed) for seed in _SEEDS]
            if seen[0] is not None and seen[1] is not None:
                found.append(known(answer, seen[0].without_chance(seen[1])))
    return found


def wrong_answers(checks: Checks, notebook: Path, exercise: str) -> list[Answer]:
    """The known mistakes of an exercise, as programs."""
    folder = answers_folder(_folder_of(checks, exercise), exercise)
    answers = answers_in(folder, references(notebook).get(exercise))
    return [answer for answer in answers if not answer.is_right]


def _folder_of(checks: Checks, exercise: str) -> Path:
    own = checks.folder / exercise
    return own if own.is_dir() else checks.folder


def known(answer: Answer, evidence: Evidence) -> KnownMistake:
    """A mistake of the library."""
    return KnownMistake(answer.name.removeprefix("wrong_"), answer.titles, answer.hints, evidence)


def main(request: Mapping[str, Any]) -> dict[str, str]:
    """The known mistakes of some exercises by what the visible checks observe; `dump`ed, by exercise."""
    torch.set_num_threads(1)
    checks = Checks.in_folder(Path(request["checks"])).without_hidden()
    notebooks = {name: Path(path) for name, path in request["exercises"].items()}
    return {name: dump(known_mistakes(checks, notebook, name)).decode() for name, notebook in notebooks.items()}


if __name__ == "__main__":
    answer = json.dumps(main(json.loads(sys.stdin.read())))
    Path(sys.argv[1]).write_text(answer, encoding="utf-8")
