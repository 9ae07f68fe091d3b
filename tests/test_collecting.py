"""What is collected on a hub is each student's own: nothing in another's name, and nothing that a link leads to."""

from __future__ import annotations

import logging
import os
import pwd
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grader.hub.collecting import CollectFromOwners, copy_own

COURSE, ASSIGNMENT = "torch", "hw1"
ME = pwd.getpwuid(os.geteuid()).pw_name
EARLY, LATE = "2026-01-01 10:00:00.000000 UTC", "2026-01-02 10:00:00.000000 UTC"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "exchange" / COURSE / "inbound").mkdir(parents=True)
    (tmp_path / "course").mkdir()
    found = Config()
    found.CourseDirectory.root = str(tmp_path / "course")
    found.CourseDirectory.course_id, found.CourseDirectory.assignment_id = COURSE, ASSIGNMENT
    found.Exchange.root = str(tmp_path / "exchange")
    found.ExchangeCollect.update = True  # as Formgrader's button
    return found


def hand_in(config: Config, time: str, student: str = ME, text: str = "{}") -> Path:
    folder = Path(config.Exchange.root, COURSE, "inbound", f"{student}+{ASSIGNMENT}+{time}+random")
    (folder / "data").mkdir(parents=True)
    (folder / "hw1.ipynb").write_text(text)
    (folder / "data" / "values.csv").write_text("1,2")
    (folder / "timestamp.txt").write_text(time)
    return folder


def collect(config: Config, caplog: pytest.LogCaptureFixture) -> str:
    """Collects, and returns what was said."""
    caplog.set_level(logging.INFO)
    coursedir, authenticator = CourseDirectory(config=config), Authenticator(config=config)
    step = CollectFromOwners(coursedir=coursedir, authenticator=authenticator, config=config)
    step.log.addHandler(caplog.handler)
    try:
        step.start()
    finally:
        step.log.removeHandler(caplog.handler)
    return caplog.text


def collected(config: Config, student: str = ME) -> dict[str, str]:
    folder = Path(config.CourseDirectory.root, "submitted", student, ASSIGNMENT)
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_latest_of_what_somebody_handed_in_is_collected(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    hand_in(config, EARLY, text="first")
    assert "Collecting submission" in collect(config, caplog)
    hand_in(config, LATE, text="second")
    assert "Updating submission" in collect(config, caplog)
    assert collected(config) == {"hw1.ipynb": "second", "data/values.csv": "1,2", "timestamp.txt": LATE}
    assert "No newer submission" in collect(config, caplog)
    assert [path.name for path in Path(config.CourseDirectory.root, "submitted", ME).iterdir()] == [ASSIGNMENT]


def test_a_folder_in_another_s_name_is_not_collected(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    hand_in(config, EARLY, "nobody", text="forged")
    said = collect(config, caplog)
    assert f"handed in by {ME} in the name of nobody: it is not collected" in said
    assert not collected(config, "nobody")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to another account, and so takes root")
def test_a_number_that_no_account_has_is_no_student(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    folder = hand_in(config, EARLY, "54321", text="forged")
    os.chown(folder, 54321, 54321)
    assert "handed in by account 54321 in the name of 54321: it is not collected" in collect(config, caplog)
    assert not collected(config, "54321")


def test_nothing_that_a_link_leads_to_is_collected(
    config: Config, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "hw1.ipynb").write_text("solution")
    folder = hand_in(config, EARLY)
    (folder / "stolen.html").symlink_to(tmp_path / "solutions" / "hw1.ipynb")
    (folder / "checks").symlink_to(tmp_path / "solutions")
    (folder / "data" / "hw1.ipynb").symlink_to(tmp_path / "solutions" / "hw1.ipynb")
    os.mkfifo(folder / "pipe")
    said = collect(config, caplog)
    for name in ("stolen.html", "checks", "data/hw1.ipynb", "pipe"):
        assert f"{name} is no file of theirs" in said
    assert set(collected(config)) == {"hw1.ipynb", "data/values.csv", "timestamp.txt"}


def test_a_link_in_place_of_the_folder_is_not_collected(
    config: Config, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    folder = hand_in(config, EARLY)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert "is no folder that nbgrader hands in" in collect(config, caplog)
    assert not collected(config)


def test_another_s_file_is_passed_over_whatever_links_to_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "hw1.ipynb").write_text("{}")
    assert list(copy_own(source, tmp_path / "target", os.geteuid() + 1, 1000)) == ["hw1.ipynb"]
    assert not list((tmp_path / "target").iterdir())


@pytest.mark.parametrize("name", ["x+hw1+nonsense", "x+hw1+99999999999999999999", f"+hw1+{EARLY}"])
def test_what_is_called_otherwise_ends_nobody_s_collecting(
    config: Config, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    hand_in(config, EARLY)
    Path(config.Exchange.root, COURSE, "inbound", name).mkdir()
    assert "is not collected" in collect(config, caplog)
    assert set(collected(config)) == {"hw1.ipynb", "data/values.csv", "timestamp.txt"}
    assert [path.name for path in Path(config.CourseDirectory.root, "submitted").iterdir()] == [ME]


def test_what_is_too_large_leaves_what_was_collected(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    hand_in(config, EARLY, text="first")
    collect(config, caplog)
    hand_in(config, LATE, text="x" * 5000)
    config.CourseDirectory.max_dir_size = 2
    assert "too large" in collect(config, caplog)
    assert collected(config)["hw1.ipynb"] == "first"
