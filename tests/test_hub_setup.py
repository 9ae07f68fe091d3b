"""`grader hub init`: what it refuses, each with a sentence, and what it writes."""

from __future__ import annotations

import json
import socket
import stat
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from grader import doctor
from grader.cli import main
from grader.hub.formgrader import EXTENSION
from grader.hub.live import buttons_trial
from grader.hub.making import is_taken, make_plan
from grader.hub.people import HubError, read_people
from grader.hub.plan import HubCourse, Plan
from grader.hub.running import free_port
from grader.hub.writing import EXCHANGE, INBOUND, copy_course, write_hub

HEADER = "user,role,course,first_name,last_name,email\n"
COURSES = ["torch-en", "torch-es"]


def people(folder: Path, rows: str, *, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_text(header + rows, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("José,student,torch-es", "line 2: Unix refuses the user name 'José'"),
        ("-rf,student,torch-es", "Unix refuses"),
        (f"{'a' * 33},student,torch-es", "32 characters"),
        ("ana,pupil,torch-es", "'pupil' is no role"),
        ("ana,student,torch-e", "did you mean 'torch-e"),
        ("ana,student,torch-es\nana,student,torch-es", "line 3: ana is in torch-es twice"),
        ("ana,student,torch-es\nana,instructor,torch-es", "instructor and student of torch-es"),
        ('ana,student,"torch-es', "unexpected end"),
    ],
)
def test_a_row_that_is_not_right_is_named(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(HubError, match=said):
        read_people(people(tmp_path, rows), COURSES)


def test_every_row_that_is_not_right_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(HubError) as caught:
        read_people(people(tmp_path, "Ana,student,torch-es\neva,student,torch-fr\n"), COURSES)
    assert [line.partition(":")[0].rpartition(" ")[2] for line in str(caught.value).splitlines()] == ["2", "3"]


def test_a_file_of_people_without_a_column_or_in_another_encoding_says_so(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no column course"):
        read_people(people(tmp_path, "ana,student", header="user,role\n"), COURSES)
    with pytest.raises(HubError, match="not UTF-8"):
        read_people(people(tmp_path, "ana,student,torch-es,José,,", encoding="latin-1"), COURSES)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_s_own_csv_is_read_and_somebody_may_take_two_courses(tmp_path: Path, delimiter: str) -> None:
    rows = "ana,student,torch-es,Ana,Núñez,\nana,student,torch-en,,,\n"
    path = tmp_path / "people.csv"
    path.write_text("\ufeff" + (HEADER + rows).replace(",", delimiter), encoding="utf-8")
    found = read_people(path, COURSES)
    assert [(person.user, person.course) for person in found] == [("ana", "torch-es"), ("ana", "torch-en")]
    assert found[0].full_name == "Ana Núñez"


@pytest.mark.parametrize("name", ["Torch", "torch_es", "../x", "a" * 25, "1st"])
def test_a_course_that_cannot_be_called_so_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HubError, match="cannot be called"):
        Plan.new(tmp_path).with_courses({name: ("/srv/x", "es")})


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course as `grader new` begins it."""
    folder = tmp_path_factory.mktemp("origin") / "course"
    for command in (["course", str(folder)], ["assignment", "hw1", "--course", str(folder)]):
        assert CliRunner().invoke(main, ["new", *command]).exit_code == 0
    (folder / "checks" / "hw1" / "hidden.py").parent.mkdir(exist_ok=True)
    (folder / "checks" / "hw1" / "hidden.py").write_text("")
    return folder


def plan_of(folder: Path, origin: Path) -> Plan:
    """A hub for a try, which needs no root."""
    folder.mkdir()
    people(folder, "ines,instructor,torch-en,Inés,,\nana,student,torch-en,Ana,Ruiz,\n")
    plan = replace(Plan.new(folder), unix=False, port=free_port(12))
    return plan.with_courses({"torch-en": (str(origin), "en")})


def test_what_is_written_can_be_written_again_and_keeps_a_course(tmp_path: Path, origin: Path) -> None:
    plan = plan_of(tmp_path / "hub", origin)
    said: list[str] = []
    write_hub(plan, said.append)
    course = plan.courses["torch-en"]
    assert (course.root / "checks" / "hw1" / "hidden.py").is_file()
    (course.root / "source" / "mine.txt").write_text("by hand")
    write_hub(Plan.read(plan.folder), said.append)
    assert (course.root / "source" / "mine.txt").read_text() == "by hand"
    assert "there already" in said[-1]
    assert Plan.read(plan.folder) == plan
    compile(plan.config.read_text(), str(plan.config), "exec")


def test_modes_keep_what_is_private_and_let_students_hand_in(tmp_path: Path, origin: Path) -> None:
    plan = plan_of(tmp_path / "hub", origin)
    write_hub(plan, lambda _: None)
    modes = {
        plan.state: 0o700,
        plan.courses["torch-en"].home: 0o700,
        plan.folder / "people.csv": 0o600,
        plan.exchange: EXCHANGE,
        plan.exchange / "torch-en" / "inbound": INBOUND,
    }
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in modes} == modes


def test_students_have_neither_formgrader_nor_course_list(tmp_path: Path, origin: Path) -> None:
    plan = plan_of(tmp_path / "hub", origin)
    write_hub(plan, lambda _: None)
    off = json.loads((plan.settings("students") / "labconfig" / "page_config.json").read_text())["disabledExtensions"]
    assert {f"@jupyter/nbgrader:{name}" for name in ("formgrader", "course-list", "create-assignment")} <= off.keys()
    off = json.loads((plan.settings("torch-en") / "labconfig" / "page_config.json").read_text())["disabledExtensions"]
    assert "@jupyter/nbgrader:formgrader" not in off


def test_a_folder_that_is_no_course_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="is no course"):
        copy_course(HubCourse("x", tmp_path, "es", 8010, tmp_path / "home"))


def test_a_port_that_is_taken_and_a_proxy_that_is_missing_are_named(tmp_path: Path, origin: Path) -> None:
    pytest.importorskip("jupyterhub", reason="comes with the extra [hub]")
    rows = people(tmp_path, "ana,student,torch-en,,,\n")
    courses = [("torch-en", str(origin), "en")]
    with pytest.raises(HubError, match="npm install"):
        make_plan(tmp_path / "hub", courses, people=rows, proxy="no-such-proxy")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert is_taken(server.getsockname()[1])


def test_a_hub_that_is_not_there_says_how_to_begin_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["hub", "check", str(tmp_path)])
    assert done.exit_code == 1
    assert "grader hub init" in done.output


def test_too_small_a_folder_for_graded_notebooks_asks_for_room_and_proposes_to_accept_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=20 * 2**20))
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 1
    assert "20 MiB free" in done.output
    assert "set TMPDIR" in done.output
    assert "accept" not in done.output


def test_a_port_that_another_program_has_is_named_with_what_to_do(tmp_path: Path, origin: Path) -> None:
    pytest.importorskip("jupyterhub", reason="comes with the extra [hub]")
    rows = people(tmp_path, "ana,student,torch-en,,,\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        plan = replace(Plan.new(tmp_path / "hub"), port=port)
        assert plan.ports[port] == "people's"
        with pytest.raises(HubError, match=f"port {port}, which would be people's, is taken .*--port"):
            make_plan(
                tmp_path / "hub",
                [("torch-en", str(origin), "en")],
                people=rows,
                port=port,
                python=Path("/bin/true"),
                proxy="/bin/true",
            )


def test_formgrader_s_buttons_are_ours_in_a_course_and_students_do_not_have_them(tmp_path: Path, origin: Path) -> None:
    plan = plan_of(tmp_path / "hub", origin)
    write_hub(plan, lambda _: None)
    has = {
        role: f'"{EXTENSION}": True' in (plan.settings(role) / "jupyter_server_config.py").read_text()
        for role in ("torch-en", "instructors", "students")
    }
    assert has == {"torch-en": True, "instructors": False, "students": False}


def test_check_says_where_the_buttons_are_nbgrader_s_own(tmp_path: Path, origin: Path) -> None:
    plan = plan_of(tmp_path / "hub", origin)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        trial = buttons_trial(replace(plan, port=server.server_port), "torch-en")
        server.shutdown()
    assert EXTENSION in trial.fault
    assert "grader hub init" in trial.remedy
