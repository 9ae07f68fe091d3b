"""What the checks of an exercise observe in each of its known mistakes, in a process of its own that is forked often.

``python -m grader.evidence.observing`` reads a request from standard input and writes `KnownMistake`s by exercise.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import math
import os
import pickle
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import torch

from grader.checking.evidence import Evidence, KnownMistake, dump, evidence_of
from grader.checking.notebooks import InProcessNotebook, exercise_cells
from grader.checking.results import CheckResult
from grader.checking.runner import Run, run_checks
from grader.course import Checks
from grader.evidence.answers import answered, answers_in, answers_to, bases_in, read_notebook, references
from grader.evidence.mistakes import Answer, in_all_languages
from grader.evidence.mutation.mutants import Mutant, sample
from grader.evidence.mutation.mutants import mutants as mutants_of
from grader.evidence.mutation.wording import HINT, either, title_of
from grader.kit.messages import Message, add_catalogues, languages

SECONDS: Final = 60.0
"""That the checks of one mistake may take; what takes longer is nobody's evidence."""

CHANGES: Final = 100
"""Right answers with a change that are observed for an exercise."""

ALIKE: Final = 2
"""More names for what looks the same tell a student nothing."""

T = TypeVar("T")

_HERE: Final = "# the answer that is observed"
_SEEDS: Final = (1, 2)
"""What depends on chance comes out otherwise with another one."""


class Watched(InProcessNotebook):
    """A notebook that notices whether a check asks for random inputs."""

    drew = False
    _seed = 0

    @property
    def seed(self) -> int:
        """Of the checks' random inputs."""
        self.drew = True
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed = seed


@dataclass(frozen=True)
class Scene:
    """A notebook that has run up to an exercise's solution cell, and the checks, ready to run, to be forked.

    Attributes:
        stage: the notebook.
        run: runs the exercise's checks on it.
    """

    stage: Watched
    run: Run

    def evidence(self, source: str, seed: int) -> Evidence | None:
        """What the checks observe in an answer; None where it takes too long or ends the process.

        Args:
            source: of the solution cell.
            seed: of all randomness: the checks' and the global generators'.
        """
        return self.observed(source, seed)[0]

    def observed(self, source: str, seed: int) -> tuple[Evidence | None, bool]:
        """The same, and whether there was any randomness in it."""
        return self.forked(lambda: self._tried(source, seed)) or (None, False)

    def results(self, source: str, seed: int) -> list[CheckResult]:
        """What the checks find in an answer, which runs in this very process: to be called in a fork of it."""
        self.stage.seed = seed
        self.stage.replace_next(source)
        return self.run()

    def forked(self, work: Callable[[], T], seconds: float = SECONDS) -> T | None:
        """What `work` returns in a copy of this process; None where it takes too long or ends the process.

        What it imports is imported here as well, so that the next one finds it in memory.
        """

        def done() -> tuple[T, list[str]]:
            before = set(sys.modules)
            return work(), [name for name in sys.modules.keys() - before if _is_installed(name)]

        found = in_a_fork(done, seconds)
        if found is None:
            return None
        for name in found[1]:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        return found[0]

    def evidence_without_chance(self, source: str) -> Evidence | None:
        """What the checks observe in an answer whatever the seed; what depends on it says nothing."""
        first, is_random = self.observed(source, _SEEDS[0])
        if first is None or not is_random:
            return first
        again = self.evidence(source, _SEEDS[1])
        return None if again is None else first.without_chance(again)

    def _tried(self, source: str, seed: int) -> tuple[Evidence, bool] | None:
        seed_generators(seed)
        before = _random_states()
        evidence = evidence_of(self.results(source, seed))
        if evidence is None:
            return None
        return evidence, self.stage.drew or _random_states() != before


def seed_generators(seed: int) -> None:
    """Seeds the global generators that a student's code may draw from."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _is_installed(module: str) -> bool:
    """Whether a module belongs to an installed package, and not to a notebook or its checks."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return "site-packages" in Path(getattr(spec, "origin", None) or "").parts


def _random_states() -> list[bytes | str]:
    return [torch.get_rng_state().numpy().tobytes(), str(np.random.get_state()), str(random.getstate())]


def on_scene(checks: Checks, notebook: Path, exercise: str, work: Callable[[Scene], T]) -> T:
    """Does some work on a scene: a source notebook, run in this process up to a solution cell, in an empty folder.

    Args:
        checks: those to observe with.
        notebook: the source notebook.
        exercise: whose solution cell comes next.
        work: what to do.

    Raises:
        CheckFileError: a check file cannot be imported.
    """
    done: list[T] = []
    errors: list[Exception] = []

    def begin(run: Run) -> None:
        try:
            stage.run_before(_HERE)
            gc.freeze()  # a fork that collects garbage would copy all that it looks through
            done.append(work(Scene(stage, run)))
        except Exception as error:  # noqa: BLE001 - pytest, which stands between, would say that it is its own
            errors.append(error)

    stage = Watched(exercise_cells(answered(read_notebook(notebook), {exercise: _HERE})), seed=0)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        run_checks(stage, [exercise], checks, on_collected=begin)
    for error in errors:
        raise error
    return done[0]


@cache
def start_autograd() -> None:
    """Starts autograd's engine where no GPU is pretended: it then has no threads, which a fork would not inherit."""
    torch.ones(1, requires_grad=True).sum().backward()  # type: ignore[no-untyped-call]


def in_a_fork(work: Callable[[], T], seconds: float) -> T | None:
    """What `work` returns in a copy of this process, pickled; None where it ends the process or is too slow."""
    start_autograd()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        data = b""
        with contextlib.suppress(BaseException):
            os.setsid()
            signal.alarm(math.ceil(seconds) + 1)  # should nobody be left to end it
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the process ends before it
            data = pickle.dumps(work())
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
    return pickle.loads(content) if content else None  # noqa: S301 - from our own process


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

    def observe(there: Scene) -> list[KnownMistake]:
        found = []
        for answer in wrong_answers(checks, notebook, exercise):
            evidence = there.evidence_without_chance(answer.source)
            if evidence is not None:
                found.append(known(answer, evidence))
        return found + changes(there, _mutants(checks, notebook, exercise), found)

    add_catalogues(checks.locale)
    return on_scene(checks, notebook, exercise, observe)


def changes(there: Scene, mutants: Sequence[Mutant], found: Sequence[KnownMistake]) -> list[KnownMistake]:
    """What right answers with one change look like to the checks, where no mistake that somebody wrote looks the same.

    Changes that no check tells apart are one; where they are more than `ALIKE` different ones, nothing is to be learned
    from their names.

    Args:
        there: the notebook before the exercise's solution cell.
        mutants: right answers with a change.
        found: the mistakes that somebody wrote.
    """
    classes: list[tuple[Evidence, list[Mutant]]] = []
    for mutant in sample(mutants, CHANGES, 1):
        evidence = there.evidence_without_chance(mutant.source)
        if evidence is None or not evidence.agrees(evidence):  # it takes too long, or it is right as well
            continue
        if any(known.evidence.agrees(evidence) for known in found):
            continue
        alike = next((members for other, members in classes if other.agrees(evidence)), None)
        if alike is None:
            classes.append((evidence, [mutant]))
        else:
            alike.append(mutant)
    named = []
    for evidence, members in classes:
        words = {str(mutant.change): mutant.change for mutant in members}
        if len(words) <= ALIKE:
            named.append(_known_change(members[0].name, either(list(words.values())), evidence))
    return named


def _known_change(name: str, change: Message, evidence: Evidence) -> KnownMistake:
    title, hint = ({language: text.render(language) for language in languages()} for text in (title_of(change), HINT))
    return KnownMistake(name, title, hint, evidence, is_change=True)


def _mutants(checks: Checks, notebook: Path, exercise: str) -> list[Mutant]:
    bases = bases_in(answers_to(checks, exercise), references(notebook).get(exercise))
    return _mutants_of(exercise, tuple(bases.items()))


@lru_cache(maxsize=16)
def _mutants_of(exercise: str, bases: tuple[tuple[str, str], ...]) -> list[Mutant]:
    """Made once for the same answers: grading asks for them with each change that it looks at."""
    return mutants_of(exercise, dict(bases))


def source_of(checks: Checks, notebook: Path, exercise: str, name: str) -> str | None:
    """The source of a known mistake, written by somebody or a right answer with a change; None if there is none."""
    for answer in wrong_answers(checks, notebook, exercise):
        if answer.name == f"wrong_{name}":
            return answer.source
    return next((mutant.source for mutant in _mutants(checks, notebook, exercise) if mutant.name == name), None)


def wrong_answers(checks: Checks, notebook: Path, exercise: str) -> list[Answer]:
    """The known mistakes of an exercise, as programs."""
    answers = answers_in(answers_to(checks, exercise), references(notebook).get(exercise))
    return [answer for answer in answers if not answer.is_right]


def known(answer: Answer, evidence: Evidence) -> KnownMistake:
    """A mistake of the library."""
    name = answer.name.removeprefix("wrong_")
    return KnownMistake(name, in_all_languages(answer.titles), in_all_languages(answer.hints), evidence)


def main(request: Mapping[str, Any]) -> dict[str, str]:
    """The known mistakes of some exercises by what the visible checks observe; `dump`ed, by exercise."""
    import torch._dynamo  # an optimizer imports it: once here, and not in each fork

    torch.set_num_threads(1)
    checks = Checks.in_folder(Path(request["checks"])).without_hidden()
    wanted: dict[str, list[str]] = request["exercises"]
    return {
        name: dump(known_mistakes(checks, Path(notebook), name), of=key).decode()
        for name, (notebook, key) in wanted.items()
    }


if __name__ == "__main__":
    answer = json.dumps(main(json.loads(sys.stdin.read())))
    Path(sys.argv[1]).write_text(answer, encoding="utf-8")
