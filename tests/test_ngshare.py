"""ngshare in place of a shared exchange: what `grader hub init` writes and refuses, and who is in which course."""

from __future__ import annotations

import json
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.hub.making import INSTALL_NGSHARE, make_plan
from grader.hub.people import HubError
from grader.hub.plan import Plan
from grader.hub.running import free_port
from grader.hub.writing import write_hub

PEOPLE = "user,role,course\nines,instructor,torch-en\nana,student,torch-en\nluis,student,torch-en\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    for command in (["course", str(folder)], ["assignment", "hw1", "--course", str(folder)]):
        assert CliRunner().invoke(main, ["new", *command]).exit_code == 0
    return folder


def plan_of(folder: Path, origin: Path, *, people: str = PEOPLE) -> Plan:
    folder.mkdir()
    (folder / "people.csv").write_text(people)
    new = replace(Plan.new(folder), unix=False, ngshare=True, port=free_port(12))
    return new.with_courses({"torch-en": (str(origin), "en")})


def test_a_hub_with_ngshare_has_the_service_and_no_folder(tmp_path: Path, course: Path) -> None:
    plan = plan_of(tmp_path / "hub", course)
    write_hub(plan, lambda _: None)
    assert Plan.read(plan.folder) == plan
    assert not plan.exchange.exists()
    config = plan.config.read_text()
    compile(config, str(plan.config), "exec")
    assert f'"url": "http://127.0.0.1:{plan.port + 3}"' in config
    people = plan.ngshare_home / "people.json"
    assert json.loads(people.read_text()) == {"torch-en": ["ana", "luis"]}
    assert stat.S_IMODE(plan.ngshare_home.stat().st_mode) == 0o700
    for whose in ("students", "instructors", "torch-en"):
        text = (plan.settings(whose) / "nbgrader_config.py").read_text()
        assert f'c.Exchange._ngshare_url = "{plan.url}/services/ngshare"' in text
        assert "PrivateSubmit" not in text
        assert "Exchange.root" not in text


def test_the_ports_of_a_hub_with_ngshare_are_all_different(tmp_path: Path, course: Path) -> None:
    plan = plan_of(tmp_path / "hub", course)
    assert plan.ports[plan.ngshare_port] == "ngshare's"
    assert len(plan.ports) == 5


def test_a_course_cannot_be_called_ngshare(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="cannot be called"):
        Plan.new(tmp_path).with_courses({"ngshare": ("/srv/x", "es")})


def asked_for(tmp_path: Path, course: Path, people: str, python: str) -> Plan:
    path = tmp_path / "rows.csv"
    path.write_text(people)
    folder, courses = tmp_path / "new", [("torch-en", str(course), "en")]
    return make_plan(folder, courses, people=path, exchange="ngshare", python=Path(python), proxy="/bin/true")


def test_somebody_called_as_a_course_would_teach_it_and_is_refused(tmp_path: Path, course: Path) -> None:
    pytest.importorskip("jupyterhub", reason="comes with the extra [hub]")
    people = f"{PEOPLE}torch-en,student,torch-en\n"
    with pytest.raises(HubError, match="torch-en is a person and a course"):
        asked_for(tmp_path, course, people, "/bin/true")


def test_a_python_without_ngshare_says_how_to_install_it(tmp_path: Path, course: Path) -> None:
    pytest.importorskip("jupyterhub", reason="comes with the extra [hub]")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # pytest's own folders are closed to the account that tries it
        lacking = Path(name, "python")
        lacking.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ngshare'\" >&2\nexit 1\n")
        lacking.chmod(0o755)
        with pytest.raises(HubError) as caught:
            asked_for(tmp_path, course, PEOPLE, str(lacking))
    assert INSTALL_NGSHARE in str(caught.value)


def test_ngshare_s_courses_are_those_of_the_hub_whenever_it_starts(tmp_path: Path) -> None:
    pytest.importorskip("ngshare", reason=INSTALL_NGSHARE)
    from ngshare.database import Base, Course
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    from grader.hub.ngshare import enrol

    engine = create_engine(f"sqlite:///{tmp_path}/ngshare.db")
    Base.metadata.create_all(engine)
    session = sessionmaker(bind=engine)()
    for students in (["ana", "luis"], ["ana", "eva"]):
        enrol(session, {"torch-en": students, "torch-es": []})
        course = session.query(Course).filter(Course.id == "torch-en").one()
        assert sorted(user.id for user in course.students) == students
        assert [user.id for user in course.instructors] == ["torch-en"]
    assert session.query(Course).count() == 2


def test_what_is_released_and_handed_in_is_kept(tmp_path: Path) -> None:
    pytest.importorskip("ngshare", reason=INSTALL_NGSHARE)
    from ngshare.database import Assignment, Base, Course, File, Submission, User
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    from grader.hub.ngshare import enrol, keep_what_is_attached

    keep_what_is_attached()
    engine = create_engine(f"sqlite:///{tmp_path}/ngshare.db")
    Base.metadata.create_all(engine)
    session = sessionmaker(bind=engine)()
    enrol(session, {"torch-en": ["ana"]})
    course, ana = session.query(Course).one(), session.query(User).filter(User.id == "ana").one()
    # as ngshare's handlers do
    released = Assignment("hw1", course)
    released.files.append(File("hw1.ipynb", b"{}"))
    session.commit()
    handed_in = Submission(ana, released)
    handed_in.files.append(File("hw1.ipynb", b"{}"))
    session.commit()
    session.close()
    other = sessionmaker(bind=engine)()
    (assignment,) = other.query(Assignment).all()
    (submission,) = other.query(Submission).all()
    assert [file.filename for file in (*assignment.files, *submission.files)] == ["hw1.ipynb"] * 2


def test_a_copy_beside_a_notebook_gets_its_page_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "torch-en")  # which ngshare_exchange asks for when it is imported
    released = pytest.importorskip("ngshare_exchange.release_feedback", reason=INSTALL_NGSHARE)
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from grader.hub.ngshare_feedback import ReleaseFeedback

    sent: dict[str, str] = {}

    def send(self: object, student: str, time: str, pages: list[dict[str, str]]) -> dict[str, bool]:
        sent.update({page["notebook_id"]: page["path"] for page in pages})
        return {"success": True}

    monkeypatch.setattr(released.ExchangeReleaseFeedback, "post_feedback", send)
    for name in ("submitted/ana/hw1/hw1.ipynb", "submitted/ana/hw1/copy.ipynb", "feedback/ana/hw1/hw1.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "feedback/ana/hw1/timestamp.txt").write_text("2026-01-01 10:00:00")
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.course_id, config.CourseDirectory.assignment_id = "torch-en", "hw1"
    release = ReleaseFeedback(coursedir=CourseDirectory(config=config), config=config)
    release.init_src()
    release.copy_files()
    page = str(tmp_path / "feedback/ana/hw1/hw1.html")
    assert sent == {"hw1": page, "copy": page}
