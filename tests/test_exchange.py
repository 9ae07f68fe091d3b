"""What is handed in on a hub is handed in whole and closed to other students, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeFetchFeedback, ExchangeList
from traitlets.config import Config

from grader.hub import exchange
from grader.hub.exchange import PrivateSubmit, ReleaseFeedback

COURSE, ASSIGNMENT = "torch", "hw1"


@pytest.fixture
def submit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrivateSubmit:
    """Of a student who fetched an assignment in Spanish."""
    inbound = tmp_path / "exchange" / COURSE / "inbound"
    inbound.mkdir(parents=True)
    notebook = new_notebook(cells=[new_code_cell('use_language("es")'), new_code_cell("x" * 300_000)])
    for folder in (tmp_path / "exchange" / COURSE / "outbound" / ASSIGNMENT, tmp_path / "home" / ASSIGNMENT):
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
    monkeypatch.chdir(tmp_path / "home")
    config = Config()
    config.CourseDirectory.course_id, config.CourseDirectory.assignment_id = COURSE, ASSIGNMENT
    config.Exchange.root, config.Exchange.cache = str(tmp_path / "exchange"), str(tmp_path / "cache")
    coursedir, authenticator = CourseDirectory(config=config), Authenticator(config=config)
    return PrivateSubmit(coursedir=coursedir, authenticator=authenticator, config=config)


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def test_what_is_handed_in_is_the_student_s_and_the_group_s(submit: PrivateSubmit, tmp_path: Path) -> None:
    submit.start()
    (handed_in,) = (tmp_path / "exchange" / COURSE / "inbound").iterdir()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (handed_in, *handed_in.iterdir())}
    assert not any(mode & 0o007 for mode in modes.values()), modes
    assert {"hw1.ipynb", "timestamp.txt", "submission_secret.txt"} < modes.keys()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[None]:
    """An exchange in which half of a notebook finds room."""
    if os.geteuid() != 0:
        pytest.skip("takes a small disk to mount, and so root")
    inbound = tmp_path / "exchange" / COURSE / "inbound"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", inbound], check=False)
    if done.returncode:
        pytest.skip("this place lets nobody mount a disk")
    yield
    subprocess.run(["umount", inbound], check=True)


def test_a_full_exchange_takes_nothing_and_says_so_in_the_notebook_s_language(
    submit: PrivateSubmit, full: None, tmp_path: Path
) -> None:
    with pytest.raises(ExchangeError, match="No se ha entregado nada: no queda sitio"):
        submit.start()
    assert not left(tmp_path / "exchange" / COURSE / "inbound")
    assert not left(tmp_path / "cache")
    assert left(tmp_path / "home")


@pytest.mark.parametrize(("code", "said"), [(errno.EDQUOT, "no queda sitio"), (errno.EIO, "Input/output error")])
def test_what_fails_when_it_is_closed_to_others_is_not_listed_as_handed_in(
    submit: PrivateSubmit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def fails(source: Path, target: Path) -> None:
        shutil.copytree(source, target)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(exchange, "_copy_closed", fails)
    with pytest.raises(ExchangeError, match=said):
        submit.start()
    assert not left(tmp_path / "exchange" / COURSE / "inbound")
    assert not left(tmp_path / "cache")


@pytest.fixture
def course(tmp_path: Path) -> Config:
    """nbgrader's configuration of the course, whose students hand in by `submit`."""
    config = Config()
    config.CourseDirectory.root = str(tmp_path / "course")
    config.CourseDirectory.course_id, config.CourseDirectory.assignment_id = COURSE, ASSIGNMENT
    config.Exchange.root, config.Exchange.cache = str(tmp_path / "exchange"), str(tmp_path / "cache")
    return config


def graded(config: Config, pages: list[str]) -> None:
    """Collects what was handed in, and makes its feedback pages."""
    root = Path(config.CourseDirectory.root)
    (handed_in,) = (Path(config.Exchange.root) / COURSE / "inbound").iterdir()
    student = handed_in.name.partition("+")[0]
    shutil.copytree(handed_in, root / "submitted" / student / ASSIGNMENT)
    feedback = root / "feedback" / student / ASSIGNMENT
    feedback.mkdir(parents=True)
    for name in ("timestamp.txt", "submission_secret.txt"):
        shutil.copy(handed_in / name, feedback)
    for name in pages:
        (feedback / f"{name}.html").write_text(name)


def use(step: type, config: Config, **settings: object) -> object:
    """What a step of nbgrader's exchange answers."""
    return step(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(config=config), config=config, **settings
    ).start()


def test_a_renamed_notebook_and_one_with_a_copy_beside_it_get_their_feedback(
    submit: PrivateSubmit, course: Config, tmp_path: Path
) -> None:
    home = tmp_path / "home" / ASSIGNMENT
    shutil.copy(home / "hw1.ipynb", home / "part two.ipynb")
    shutil.copy(home / "hw1.ipynb", home / "Copy of hw1 (final).ipynb")
    (home / "hw1.ipynb").unlink()
    submit.start()
    graded(course, ["hw1", "part two"])
    use(ReleaseFeedback, course)
    use(ExchangeFetchFeedback, course)
    (fetched,) = (home / "feedback").iterdir()
    found = {path.stem: path.read_text() for path in fetched.iterdir()}
    assert found == {"part two": "part two", "Copy of hw1 (final)": "hw1"}
    (listed,) = use(ExchangeList, course, cached=True)
    assert listed["submissions"][0]["has_local_feedback"]


def test_only_some_of_many_names_get_a_page(submit: PrivateSubmit, course: Config, tmp_path: Path) -> None:
    home = tmp_path / "home" / ASSIGNMENT
    for number in range(200):
        shutil.copy(home / "hw1.ipynb", home / f"{number}.ipynb")
    submit.start()
    graded(course, ["hw1"])
    use(ReleaseFeedback, course)
    assert 1 < len(left(tmp_path / "exchange" / COURSE / "feedback")) < 50


def test_who_is_left_out_of_a_release_gets_no_page(submit: PrivateSubmit, course: Config, tmp_path: Path) -> None:
    submit.start()
    graded(course, ["hw1"])
    (student,) = (path.name for path in (tmp_path / "course" / "submitted").iterdir())
    (tmp_path / "course" / "submitted" / student / ASSIGNMENT / "other.ipynb").touch()
    course.CourseDirectory.student_id_exclude = student
    use(ReleaseFeedback, course)
    assert not left(tmp_path / "exchange" / COURSE / "feedback")
