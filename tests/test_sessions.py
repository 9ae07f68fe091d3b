"""Checks that are collected once and run for one notebook after another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.checking import runner, sessions
from grader.checking.results import Verdict
from grader.checking.runner import run_checks
from grader.checking.selfcheck import NamespaceStage
from grader.course import CheckFileError, Checks

CHECKS = '''
import os
import pytest
from grader.kit import assert_that, exercise

@pytest.fixture(scope="module")
def seen():
    return []

@exercise("f")
@pytest.mark.parametrize("n", [1, 2])
def test_doubled(student, seen, n):
    """Doubled."""
    seen.append(student.f(n))
    assert_that(len(seen) == n, "the fixture is another notebook's")
    assert_that(seen[-1] == 2 * n, "it is not doubled")

@exercise("f", after="test_doubled")
def test_elsewhere(student, tmp_path):
    """Elsewhere."""
    os.chdir(tmp_path)
    assert_that(student.f(4) == 8, "it is not doubled")
'''


class Collected(sessions.CollectedSession):
    """Counts what is collected."""

    count = 0

    def __init__(self, *args: object) -> None:
        type(self).count += 1
        super().__init__(*args)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CollectedSession", Collected)
    monkeypatch.setattr(Collected, "count", 0)


def verdicts(folder: Path, source: str) -> list[Verdict]:
    namespace: dict[str, object] = {}
    exec(source, namespace)
    stage = NamespaceStage(namespace, (), 0)
    return [result.verdict for result in run_checks(stage, ["f"], Checks.in_folder(folder), keeps_session=True)]


def test_each_notebook_has_its_own_results_and_fixtures(tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    passed, failed, waits = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_JUDGED
    here = Path.cwd()
    right, wrong = "f = lambda n: 2 * n", "f = lambda n: n + 1"
    assert verdicts(tmp_path, right) == [passed, passed, passed]
    assert verdicts(tmp_path, wrong) == [passed, failed, waits]
    assert verdicts(tmp_path, right) == [passed, passed, passed]
    assert Path.cwd() == here
    assert Collected.count == 1


def test_a_check_that_changes_is_collected_anew(tmp_path: Path) -> None:
    file = tmp_path / "visible.py"
    file.write_text(CHECKS)
    assert verdicts(tmp_path, "f = lambda n: 3 * n")[0] is Verdict.FAILED
    file.write_text(CHECKS.replace("== 2 * n", "== 3 * n"))
    os.utime(file, ns=(1, 1))
    assert verdicts(tmp_path, "f = lambda n: 3 * n")[0] is Verdict.PASSED
    assert Collected.count == 2


def test_nothing_of_a_notebook_stays_in_a_kept_session(tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    verdicts(tmp_path, "f = lambda n: 2 * n")
    (session,) = (session for key, session in sessions._kept.items() if str(tmp_path) in str(key))
    assert runner.STAGE not in session.config.stash
    assert isinstance(session.plugin, runner.Recorder)
    assert session.plugin.results == []
    assert not hasattr(session.plugin, "stage")


def test_no_more_sessions_are_kept_than_are_of_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(sessions._MAX_KEPT + 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "visible.py").write_text(CHECKS)
        verdicts(folder, "f = lambda n: 2 * n")
    assert len(sessions._kept) <= sessions._MAX_KEPT
    monkeypatch.setattr(sessions, "_MAX_RUNS", 2)
    Collected.count = 0
    for _ in range(4):  # the last folder's session, which has run once already, is worn out after the first of these
        verdicts(folder, "f = lambda n: 2 * n")
    assert Collected.count == 2


def test_checks_that_cannot_be_collected_say_so_each_time(tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS + "\nraise RuntimeError('not today')\n")
    for _ in range(2):
        with pytest.raises(CheckFileError, match="not today"):
            verdicts(tmp_path, "f = int")
