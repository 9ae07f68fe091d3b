"""`grader hub check`: what is broken fails its line, and the line's remedy mends it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.hub import live, trials
from grader.hub.configured import configured_trials, frames_its_own
from grader.hub.live import live_trials
from grader.hub.plan import Plan
from grader.hub.reach import reach_trials
from grader.hub.running import free_port
from grader.hub.trial import Trial
from grader.hub.writing import write_hub

PEOPLE = "user,role,course\nnobody,student,torch-en\nines,instructor,torch-en\n"
"""An account that every machine has stands for a student; whoever runs the tests stands for all others."""

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="tries files as another account, and so takes root")


@pytest.fixture(scope="module")
def plan() -> Iterator[Plan]:
    """A hub that was written, where every account can reach it; its course's account is whoever runs the tests."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other accounts
        folder = Path(name)
        folder.chmod(0o755)
        origin = folder / "origin"
        for command in (["course", str(origin)], ["assignment", "hw1", "--course", str(origin)]):
            assert CliRunner().invoke(main, ["new", *command]).exit_code == 0
        (origin / "checks" / "hw1").mkdir(exist_ok=True)
        (origin / "checks" / "hw1" / "hidden.py").write_text("")
        for path in (origin / "checks", origin / "source"):
            path.chmod(0o700)
        (folder / "hub").mkdir()
        (folder / "hub" / "people.csv").write_text(PEOPLE)
        new = replace(Plan.new(folder / "hub"), unix=False, port=free_port(12))
        new = new.with_courses({"torch-en": (str(origin), "en")})
        write_hub(new, lambda _: None)
        yield new


def faults(found: Iterator[Trial]) -> list[Trial]:
    return [trial for trial in found if trial.fault]


def follow(remedy: str, plan: Plan) -> None:
    """Does what a line says."""
    if remedy.startswith("grader hub init"):
        write_hub(Plan.read(plan.folder), lambda _: None)
    else:
        assert remedy.startswith("chmod ")
        subprocess.run(remedy, shell=True, check=True)


@root_only
@pytest.mark.parametrize(
    ("path", "mode", "line"),
    [
        ("hub", 0o700, "can fetch, hand in and get feedback"),
        ("hub/settings", 0o700, "can fetch, hand in and get feedback"),
        ("hub/settings/students", 0o700, "can fetch, hand in and get feedback"),
        ("hub/exchange/torch-en/outbound", 0o700, "can fetch, hand in and get feedback"),
        ("hub/exchange/torch-en/inbound", 0o755, "can fetch, hand in and get feedback"),
        ("hub/exchange/torch-en/feedback", 0o700, "can fetch, hand in and get feedback"),
        ("origin/checks", 0o755, "cannot read solutions, hidden checks"),
        ("origin/source", 0o755, "cannot read solutions, hidden checks"),
        ("hub/state", 0o755, "cannot read solutions, hidden checks"),
        ("hub/people.csv", 0o644, "cannot read solutions, hidden checks"),
        ("hub/courses/grader-torch-en", 0o755, "cannot read solutions, hidden checks"),
        ("hub/settings/students/nbgrader_config.py", 0o666, "cannot change what is not"),
        ("hub/jupyterhub_config.py", 0o666, "cannot change what is not"),
        ("hub/exchange/torch-en/outbound", 0o777, "cannot change what is not"),
    ],
)
def test_what_students_cannot_do_and_must_not_is_tried(plan: Plan, path: str, mode: int, line: str) -> None:
    broken = plan.folder.parent / path
    before = broken.stat().st_mode
    (plan.state / "cookie_secret").touch(0o644)
    assert not faults(reach_trials(plan))
    broken.chmod(mode)
    try:
        found = faults(reach_trials(plan))
        assert {trial.what.partition(" ")[2].partition(" (")[0] for trial in found if line in trial.what}
        assert {trial.what.partition(" ")[0] for trial in found} == {"nobody"}
        for trial in found:
            assert path.partition("/")[2] in trial.fault + trial.remedy
        follow(found[0].remedy, plan)
        assert not faults(reach_trials(plan))
    finally:
        broken.chmod(before)


@root_only
def test_what_others_handed_in_is_closed_and_nothing_else(plan: Plan) -> None:
    handed_in = plan.exchange / "torch-en" / "inbound" / "ana+hw1+2026+x"
    handed_in.mkdir(0o755)
    (handed_in / "hw1.ipynb").write_text("{}")
    (trial,) = faults(reach_trials(plan))
    assert "cannot read" in trial.what
    assert trial.remedy == f"chmod -R o-rwx {handed_in}"
    follow(trial.remedy, plan)
    assert not faults(reach_trials(plan))


@pytest.mark.parametrize(
    ("path", "mode", "line"),
    [
        ("", 0o755, "nobody renames another's part"),
        ("torch-en/outbound", 0o700, "students can fetch"),
        ("torch-en/inbound", 0o777, "students hand in, and see nothing of others"),
        ("torch-en/feedback", 0o755, "students get their own feedback"),
    ],
)
def test_the_exchange_has_its_modes(plan: Plan, path: str, mode: int, line: str) -> None:
    assert not faults(trials._exchange(plan))
    (plan.exchange / path).chmod(mode)
    (trial,) = faults(trials._exchange(plan))
    assert line in trial.what
    assert f"{mode:o}" in trial.fault
    follow(trial.remedy, plan)
    assert not faults(trials._exchange(plan))


def test_a_folder_of_the_exchange_that_is_gone_is_made_again(plan: Plan) -> None:
    shutil.rmtree(plan.exchange / "torch-en" / "inbound")
    (trial,) = faults(trials._exchange(plan))
    assert "No such file" in trial.fault
    follow(trial.remedy, plan)
    assert not faults(trials._exchange(plan))


def test_a_disk_that_is_nearly_full_is_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials.shutil, "disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))
    found = faults(trials._rooms(plan))
    assert len(found) == 3
    assert all("3 MiB are free" in trial.fault and "make room" in trial.remedy for trial in found)


@pytest.mark.slow
def test_what_jupyter_reads_is_what_the_hub_wrote(plan: Plan) -> None:
    settings = plan.settings("students")
    changes: list[tuple[str, str, str, str]] = [
        ("jupyter_server_config.py", 'assignment_list": True', 'assignment_list": False', "assignment_list is off"),
        ("jupyter_server_config.py", "frame-ancestors 'self'", "frame-ancestors 'none'", "'none'"),
        ("labconfig/page_config.json", '"@jupyter/nbgrader:formgrader": true,', "", "formgrader is on in JupyterLab"),
        ("nbgrader_config.py", "c.ExchangeFactory.submit", "unused", "submit is ''"),
    ]
    for name, old, new, _ in changes:
        text = (settings / name).read_text()
        assert old in text
        (settings / name).write_text(text.replace(old, new))
    found = faults(configured_trials(plan))
    said = "\n".join(f"{trial.what}: {trial.fault}" for trial in found)
    assert all(trial.what.startswith("students") for trial in found)
    for *_, fault in changes:
        assert fault in said
    follow(found[0].remedy, plan)
    assert not faults(configured_trials(plan))


@pytest.mark.parametrize(
    ("policy", "is_right"),
    [
        ("frame-ancestors 'self'", True),
        ("default-src *; frame-ancestors 'self'", True),
        ("frame-ancestors 'self' https://elsewhere.example", False),
        ("frame-ancestors 'none'", False),
        ("", False),
    ],
)
def test_a_policy_lets_the_hub_s_own_pages_frame_and_no_others(policy: str, is_right: bool) -> None:
    assert frames_its_own(policy) is is_right


def test_a_hub_that_does_not_run_has_its_start_told_and_whoever_has_its_ports(plan: Plan) -> None:
    first, *others = faults(live_trials(plan))
    assert "-m jupyterhub --config" in first.remedy
    assert not others
    with socket.create_server(("127.0.0.1", plan.port + 10)):
        _, taken = faults(live_trials(plan))
    assert "torch-en's Formgrader" in taken.what
    assert f"process {os.getpid()}" in taken.fault
    assert "end that program" in taken.remedy


def test_another_program_at_the_hub_s_port_is_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(live, "_get", silent)
    with socket.create_server(("127.0.0.1", plan.port)):
        (trial,) = faults(live_trials(plan))
    assert psutil.Process().name() in trial.fault
    assert "end that program" in trial.remedy


def answers(groups: dict[str, list[str]]) -> Callable[..., object]:
    """A hub that answers, with groups."""

    def get(url: str, _: str = "") -> object:
        headers = {"X-JupyterHub-Version": "6", "Content-Security-Policy": "frame-ancestors 'self'"}
        return headers, [{"name": name, "users": users} for name, users in groups.items()]

    return get


def test_groups_that_are_not_those_of_people_csv_are_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"nbgrader-torch-en": ["nobody"], "formgrade-torch-en": ["ines"]}
    monkeypatch.setattr(live, "is_taken", lambda _: True)
    monkeypatch.setattr(live, "_get", answers(right))
    assert not faults(live_trials(plan))
    monkeypatch.setattr(live, "_get", answers({"nbgrader-torch-en": [], "formgrade-torch-en": ["ines", "eva"]}))
    missing, extra = faults(live_trials(plan))
    assert "lacks nobody" in missing.fault
    assert "grader hub init" in missing.remedy
    assert "still has eva" in extra.fault
    assert "/hub/admin" in extra.remedy


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "Traceback\n  x\nModuleNotFoundError: No module named 'torch'\n",
            "ModuleNotFoundError: No module named 'torch'",
        ),
        (
            "Traceback\nre.error: unknown extension at position 3\n  a(b\n   ^\n",
            "re.error: unknown extension at position 3",
        ),
        ("no such kernel\n", "no such kernel"),
        ("", ""),
    ],
)
def test_what_a_program_died_of_is_told_by_its_own_words(said: str, line: str) -> None:
    assert trials.last_words(said) == line


def test_a_missing_proxy_has_its_command_told(plan: Plan) -> None:
    (trial,) = [
        each for each in faults(trials._programs(replace(plan, proxy="/nowhere/proxy"))) if "proxy" in each.what
    ]
    assert "npm install" in trial.remedy
