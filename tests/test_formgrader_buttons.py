"""Formgrader's buttons grade as `grader autograde` does: by a Jupyter server with nbgrader's extension and ours."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, environment, events, hand_in, make_course
from grader.hub.formgrader import EXTENSION, SCRIPT
from grader.hub.formgrader.progress import read_progress
from grader.hub.formgrader.runs import reasons
from tests.autograding import scores

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

ALL = f"api/assignment/{ASSIGNMENT}/autograde"
SLEEPY = RIGHT | {"count": "import time\ntime.sleep(4)\n" + RIGHT["count"]}
SLEEPIER = RIGHT | {"count": "import time\ntime.sleep(12)\n" + RIGHT["count"]}
"""It is still being graded when another server has started."""


def one(student: str) -> str:
    return f"api/submission/{ASSIGNMENT}/{student}/autograde"


class Browser:
    """Somebody at Formgrader's pages, with their cookies."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path: str, method: str = "GET", *, xsrf: bool = True) -> tuple[int, str]:
        """The status and the text of an answer."""
        body = b"" if method == "POST" else None
        request = urllib.request.Request(f"{self.url}/formgrader/{path}", body, method=method)
        if method != "GET" and xsrf:
            request.add_header("X-CSRFToken", next(each.value or "" for each in self.cookies if each.name == "_xsrf"))
        try:
            with self.opener.open(request, timeout=120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def sign_in(self) -> None:
        with self.opener.open(f"{self.url}/?token={self.token}", timeout=60):
            assert self.ask(f"manage_submissions/{ASSIGNMENT}")[0] == 200

    def post(self, path: str) -> dict[str, Any]:
        return self._answer(path, "POST")

    def delete(self, path: str) -> dict[str, Any]:
        return self._answer(path, "DELETE")

    def _answer(self, path: str, method: str) -> dict[str, Any]:
        status, text = self.ask(path, method)
        assert status == 200, text
        return json.loads(text)

    def progress(self) -> dict[str, Any]:
        return json.loads(self.ask(ALL)[1])

    def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        end = time.monotonic() + 120
        while not condition(found := self.progress()):
            assert time.monotonic() < end, found
            time.sleep(0.05)
        return found


@contextmanager
def serving(folder: Path) -> Iterator[Browser]:
    """A Jupyter server in a course's folder, and somebody who has signed in."""
    extensions = ("nbgrader.server_extensions.formgrader", EXTENSION)
    config = folder / "jupyter_server_config.json"
    config.write_text(json.dumps({"ServerApp": {"jpserver_extensions": dict.fromkeys(extensions, True)}}))
    home, token = Path(tempfile.mkdtemp(dir=folder)), "secret"
    options = ("--no-browser", "--allow-root", "--port=0")
    own = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_RUNTIME_DIR": str(home / "run")}
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options, f"--IdentityProvider.token={token}"],
        cwd=folder,
        env=environment(folder) | own,
        stdout=(folder / "server.txt").open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield _signed_in(server, folder / "server.txt", home / "run", token)
    finally:
        server.terminate()
        server.wait(30)


def _signed_in(server: subprocess.Popen[bytes], log: Path, run: Path, token: str) -> Browser:
    end = time.monotonic() + 120
    while True:
        assert server.poll() is None, log.read_text()
        try:
            (about,) = run.glob("jpserver-*.json")
            browser = Browser(json.loads(about.read_text())["url"].rstrip("/"), token)
            browser.sign_in()
        except (OSError, ValueError):  # it does not listen yet
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return browser


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course in which two students handed in."""
    make_course(tmp_path)
    hand_in(tmp_path, "ada", RIGHT)
    hand_in(tmp_path, "bob", WRONG)
    return tmp_path


def test_a_student_s_button_grades_and_answers_as_nbgrader_does(course: Path) -> None:
    with serving(course) as browser:
        found = browser.post(one("ada"))
        assert found["success"] is True, found
        assert "1 graded" in found["log"]
        assert scores(course) == {"ada": 10}
        assert browser.post(one("ada"))["success"] is True  # again, though nothing has changed
        assert [event["student"] for event in events(course, "graded")] == ["ada", "ada"]
        assert len({event["by"] for event in events(course, "started")}) == 1
        found = browser.post(one("nobody"))
        assert found["success"] is False
        assert "nobody" in found["error"]
        assert "Traceback" not in found["error"]


@pytest.mark.parametrize("name", ["..", "..%2Fada", "ada%2F..%2Fbob", ".ada", "ada%00", "a" * 300, "ada%5Cb"])
def test_what_is_no_student_s_name_is_refused(server: Browser, name: str) -> None:
    status, _ = server.ask(f"api/submission/{ASSIGNMENT}/{name}/autograde", "POST")
    assert status in (400, 404)
    status, _ = server.ask(f"api/assignment/{name}/autograde", "POST")
    assert status in (400, 404)
    assert not server.progress()["running"]


def test_whoever_has_not_signed_in_or_sends_no_token_of_the_page_begins_nothing(server: Browser) -> None:
    stranger = Browser(server.url, "")
    for path in (one("ada"), ALL):
        assert server.ask(path, "POST", xsrf=False)[0] == 403
        assert stranger.ask(path, "POST", xsrf=False)[0] == 403
    assert server.ask(ALL, "DELETE", xsrf=False)[0] == 403
    assert "Grade all" not in stranger.ask(f"manage_submissions/{ASSIGNMENT}")[1]
    assert not server.progress()["running"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A server of a course in which nothing is graded."""
    folder = tmp_path_factory.mktemp("course")
    make_course(folder, "c.AulaTorch.language = 'es'\n")
    with serving(folder) as browser:
        yield browser
    assert not events(folder)


def test_the_page_has_the_panel_in_the_course_s_language(server: Browser) -> None:
    text = server.ask(f"manage_submissions/{ASSIGNMENT}")[1]
    assert "Calificar todo lo nuevo" in text
    assert "Student Name" in text  # nbgrader's own table
    script = f"{server.url}{SCRIPT}"
    with urllib.request.urlopen(script, timeout=20) as answer:
        assert "grade-all" in answer.read().decode()
    assert script.removeprefix(server.url) in text
    assert server.ask(f"{SCRIPT.removeprefix('/formgrader/')}/../grade_all.tpl")[0] == 404


def test_the_class_is_graded_with_its_progress_and_not_twice_at_once(course: Path) -> None:
    (course / "submitted" / "cleo" / ASSIGNMENT).mkdir(parents=True)
    with serving(course) as browser:
        assert browser.progress()["text"] is None
        assert browser.post(ALL) == {"success": True}
        refused = browser.post(ALL)
        assert refused["success"] is False
        assert "is being graded for the whole class" in refused["error"]
        assert browser.post(one("ada"))["success"] is False
        other = Browser(browser.url, browser.token)
        other.sign_in()
        found = other.until(lambda found: found["total"] is not None)
        assert found["total"] == 3
        assert found["started_by"]
        found = other.until(lambda found: not found["running"])
        assert (found["done"], found["failed"], found["exit_code"]) == (3, 1, 1), found
        assert "cleo" in found["error"]
        assert "3 of 3 done, 1 of them to be looked at" in found["text"]
        assert scores(course)["ada"] == 10
        browser.post(ALL)
        found = browser.until(lambda found: not found["running"])
        assert sorted(event["student"] for event in events(course, "graded")) == ["ada", "bob"], found


def test_two_single_submissions_are_graded_one_after_the_other(course: Path) -> None:
    with serving(course) as browser, ThreadPoolExecutor(2) as pool:
        for found in pool.map(browser.post, [one("ada"), one("bob")]):
            assert found["success"] is True, found
    assert set(scores(course)) == {"ada", "bob"}


def test_grading_outlives_the_server_and_goes_on_after_it_was_killed(course: Path) -> None:
    for number in range(4):
        hand_in(course, f"s{number}", SLEEPIER)
    with serving(course) as browser:
        assert browser.post(ALL)["success"] is True
        browser.until(lambda found: found["done"])
    with serving(course) as browser:
        found = browser.progress()
        assert found["running"] is True, found
        assert found["total"] == 6
        assert "is being graded" in browser.post(ALL)["error"]
        grading = psutil.Process(events(course, "started")[-1]["pid"])
        family = grading.children(recursive=True)
        grading.kill()
        psutil.wait_procs([grading, *family], timeout=60)
        found = browser.until(lambda found: not found["running"])
        assert found["interrupted"] is True
        assert found["done"] < 6
        assert browser.post(ALL)["success"] is True
        found = browser.until(lambda found: not found["running"])
        assert (found["exit_code"], found["done"], found["interrupted"]) == (0, 6, False), found
    graded = [event["student"] for event in events(course, "graded")]
    assert sorted(graded) == ["ada", "bob", "s0", "s1", "s2", "s3"]


def test_grading_is_stopped_from_the_page_also_by_another_server_and_goes_on(course: Path) -> None:
    for number in range(6):
        hand_in(course, f"s{number}", SLEEPY)
    with serving(course) as browser:
        assert "is not being graded" in browser.delete(ALL)["error"]
        assert browser.post(ALL)["success"] is True
        browser.until(lambda found: found["done"] > 0)
        assert browser.delete(ALL) == {"success": True}
        found = browser.until(lambda found: not found["running"])
        assert (found["interrupted"], found["error"]) == (True, ""), found
        assert "stopped by" in found["text"]
        assert "the same button goes on with the others" in found["text"]
        first = len(events(course, "graded"))
        with serving(course) as other:  # that begins nothing
            assert browser.post(ALL)["success"] is True
            browser.until(lambda found: found["running"] and len(events(course, "graded")) > first)
            assert other.delete(ALL) == {"success": True}
            found = other.until(lambda found: not found["running"])
        assert found["interrupted"] is True
        graded = {event["student"] for event in events(course, "graded")}
        assert first < len(graded) < 8
        assert graded == set(scores(course))
        assert browser.post(ALL)["success"] is True
        found = browser.until(lambda found: not found["running"])
        assert (found["exit_code"], found["done"]) == (0, 8), found
    students = [event["student"] for event in events(course, "graded")]
    assert len(students) == len(set(students)) == 8


def test_what_waits_for_its_turn_is_stopped_before_it_begins(course: Path) -> None:
    hand_in(course, "slow", SLEEPY)
    with serving(course) as browser, ThreadPoolExecutor(1) as pool:
        single = pool.submit(browser.post, one("slow"))
        browser.until(lambda found: found["running"])
        assert browser.post(ALL)["success"] is True
        assert "comes first" in browser.progress()["text"]
        assert browser.delete(ALL) == {"success": True}
        found = browser.progress()
        assert found["stopping"] is True
        assert "stops it" in found["text"]
        assert single.result()["success"] is True
        found = browser.until(lambda found: not found["running"])
        assert "stopped by" in found["text"]
        assert len(events(course, "started")) == 1


def test_what_cannot_be_is_one_sentence(course: Path) -> None:
    config = course / "nbgrader_config.py"
    before = config.read_text()
    with serving(course) as browser:
        config.write_text(before + "c.AulaTorch.call_timeout = 1 / 0\n")
        for error in (browser.post(one("ada"))["error"], error_of_all(browser)):
            assert "nbgrader_config.py, line" in error
            assert "ZeroDivisionError" in error
            assert "\n" not in error
        config.write_text(before + "c.ParallelAutograde.database_patience = 0.5\n")
        database = sqlite3.connect(course / "gradebook.db")
        database.execute("BEGIN EXCLUSIVE")
        error = browser.post(one("ada"))["error"]
        database.close()
        assert "locked by another program for 0.5 s" in error
        assert "\n" not in error


def error_of_all(browser: Browser) -> str:
    assert browser.post(ALL)["success"] is True
    return browser.until(lambda found: not found["running"])["error"]


# ------------------------------------------------------------------------------------------------- without a server


def log_of(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def start(**values: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"time": now, "event": "started", "submissions": 3, "pid": os.getpid(), "by": "ines"} | values


def test_progress_is_of_the_last_run_and_passes_over_half_a_line(tmp_path: Path) -> None:
    graded, ended = {"event": "graded", "student": "ada"}, {"event": "ended", "left": 2, "quarantined": []}
    log = log_of(tmp_path / "log", start(by="old"), graded, ended, start(), {"event": "failed", "student": "bob"})
    first = log.stat().st_size
    with log.open("a") as file:
        file.write('{"event": "gra')
    found = read_progress(log)
    assert found is not None
    assert (found.by, found.done, found.to_look_at, found.is_running) == ("ines", 1, 1, True)
    found = read_progress(log, 0)
    assert found is not None
    assert (found.by, found.done, found.is_running, found.is_interrupted) == ("old", 1, False, True)
    assert read_progress(log, first) is None


@pytest.mark.parametrize(
    "values", [{"pid": 2**22 + 1}, {"pid": None}, {"time": "2001-01-01T00:00:00+00:00"}, {"time": "yesterday"}]
)
def test_a_process_that_is_gone_runs_no_more_whoever_has_its_number(tmp_path: Path, values: dict[str, Any]) -> None:
    found = read_progress(log_of(tmp_path / "log", start(**values)))
    assert found is not None
    assert not found.is_running
    assert found.is_interrupted


def test_no_log_or_an_empty_one_is_no_run(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "log") is None
    assert read_progress(log_of(tmp_path / "log")) is None
    assert read_progress(log_of(tmp_path / "log", {"event": "graded", "student": '"event": "started"'})) is None


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("Error: nothing is graded: why\n", "nothing is graded: why"),
        ("ana: failed: x\n0 graded\nfailed: ana: x\n", "failed: ana: x"),
        ("checks\nstopped: the disk is full\nWhat is graded is saved\n", "stopped: the disk is full"),
        ("Traceback (most recent call last):\n  x\nKeyError: 1\n\n", "KeyError: 1"),
        ("", ""),
    ],
)
def test_the_reason_of_a_run_that_did_not_end_well(output: str, said: str) -> None:
    assert reasons(output) == said
