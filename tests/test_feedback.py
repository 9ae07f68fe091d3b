"""`grader feedback`: nbgrader's pages, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cloudpickle
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from traitlets.config import Config

from grader.batch import feedback_worker
from grader.batch.feedback import made_before
from grader.batch.feedback_tasks import PagesTask, Press, Sheet
from grader.devkit.cluster import cluster
from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, command, environment, hand_in, make_course, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

PENALTY = """
from nbgrader.plugins import BasePlugin
class Tenth(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 10
"""


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose pages have something of everything: files beside, comments, points by hand, a penalty, markup."""
    folder = tmp_path_factory.mktemp("graded")
    (folder / "penalties.py").write_text(PENALTY)
    make_course(folder, "c.AssignLatePenalties.plugin_class = 'penalties.Tenth'\n")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2024-05-02 12:00:00 UTC")
    long = "".join(f"step_{number} = {number}\n" for number in range(500))
    noisy = f"print('<script>alert(1)</script>')\n{long}{RIGHT['double']}"
    hand_in(folder, "ada", {"double": noisy, "count": RIGHT["count"]})
    hand_in(folder, "bruno", WRONG)
    hand_in(folder, "carla", RIGHT | {"count": WRONG["count"]})
    hand_in(folder, "dario", content=b"not a notebook")
    late = folder / "submitted" / "carla" / ASSIGNMENT
    (late / "timestamp.txt").write_text("2024-05-03 10:00:00 UTC")
    (late / "data").mkdir()
    (late / "data" / "notes.txt").write_text("hers")
    run(folder, "grader", "autograde", ASSIGNMENT)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("double", ASSIGNMENT, ASSIGNMENT, "bruno").manual_score = 3
        comment = gradebook.find_comment("double_answer", ASSIGNMENT, ASSIGNMENT, "bruno")
        comment.manual_comment = "Nearly: *times*, not plus <b>&</b> “so on”"
        gradebook.db.commit()
    return folder


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    subprocess.run(["cp", "-a", str(graded_once), str(folder)], check=True)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(graded_once), str(folder)))
    return folder


def pages(folder: Path, name: str = "feedback") -> dict[str, tuple[bytes, int]]:
    """Every file among the pages, and its mode."""
    root = folder / name
    return {
        str(path.relative_to(root)): (path.read_bytes() if path.is_file() else b"", path.stat().st_mode)
        for path in root.rglob("*")
    }


def made(printed: str) -> list[str]:
    return sorted(line.split("] ")[1].split(":")[0] for line in printed.splitlines() if line.startswith("["))


def test_the_pages_are_those_of_nbgrader(graded: Path) -> None:
    run(graded, "nbgrader", "generate_feedback", ASSIGNMENT)
    (graded / "feedback").rename(graded / "theirs")
    run(graded, "grader", "feedback", ASSIGNMENT)
    ours = pages(graded)
    assert ours == pages(graded, "theirs")
    assert f"bruno/{ASSIGNMENT}/{ASSIGNMENT}.html" in ours
    assert f"carla/{ASSIGNMENT}/data/notes.txt" in ours
    assert b"Nearly:" in ours[f"bruno/{ASSIGNMENT}/{ASSIGNMENT}.html"][0]
    assert b"handed in late" in ours[f"carla/{ASSIGNMENT}/{ASSIGNMENT}.html"][0]


def test_only_what_has_changed_is_made_again(graded: Path) -> None:
    def again(*arguments: str) -> list[str]:
        return made(run(graded, "grader", "feedback", ASSIGNMENT, *arguments))

    everybody = ["ada", "bruno", "carla", "dario"]
    assert again() == everybody
    assert again() == []
    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}") as gradebook:
        gradebook.find_comment("double_answer", ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = "Well done"
        gradebook.db.commit()
    assert again() == ["ada"]
    assert "Well done" in (graded / f"feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html").read_text()
    (graded / f"feedback/bruno/{ASSIGNMENT}/{ASSIGNMENT}.html").unlink()
    (graded / f"feedback/carla/{ASSIGNMENT}/{ASSIGNMENT}.html").write_text("by hand")
    assert again() == ["bruno", "carla"]
    hand_in(graded, "dario", RIGHT)
    run(graded, "grader", "autograde", ASSIGNMENT)
    assert again() == ["dario"]
    assert again("--force", "--students", "ada,carla") == ["ada", "carla"]
    with (graded / "nbgrader_config.py").open("a") as config:
        config.write("c.HTMLExporter.exclude_input = True\n")
    assert again() == everybody


def test_an_interrupted_run_is_taken_up(graded: Path) -> None:
    for number in range(12):
        for step in ("submitted", "autograded"):
            subprocess.run(["cp", "-a", str(graded / step / "ada"), str(graded / step / f"s{number:02d}")], check=True)
        with Gradebook(f"sqlite:///{graded / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_student(f"s{number:02d}")
            gradebook.update_or_create_submission(ASSIGNMENT, f"s{number:02d}")
    log = graded / f"feedback-{ASSIGNMENT}.jsonl"
    process = subprocess.Popen(
        command("grader", "feedback", ASSIGNMENT, "--jobs", "1"), cwd=graded, env=environment(graded), text=True
    )
    end = time.monotonic() + 120
    while not made_before(log):
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) in (0, 130)
    first = set(made_before(log))
    rest = made(run(graded, "grader", "feedback", ASSIGNMENT))
    assert not first & set(rest)
    assert len(first) + len(rest) == 16
    assert not list(graded.glob("feedback/*/.*"))


def test_a_page_that_cannot_be_made_is_named_and_the_others_are_there(graded: Path) -> None:
    path = graded / "autograded" / "bruno" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.chmod(0o644)
    path.write_text("{")
    hand_in(graded, "zoe", RIGHT)
    other = graded / "autograded" / "zoe"
    subprocess.run(["cp", "-a", str(graded / "autograded" / "ada"), str(other)], check=True)
    printed = run(graded, "grader", "feedback", ASSIGNMENT, code=1)
    assert made(printed) == ["ada", "carla", "dario"]
    assert "failed: bruno: " in printed
    assert "failed: zoe: " in printed
    assert "no such submission" in printed
    assert not (graded / "feedback" / "bruno" / ASSIGNMENT).exists()


def test_a_cluster_makes_the_same_pages(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    run(graded, "grader", "feedback", ASSIGNMENT)
    (graded / "feedback").rename(graded / "local")
    with cluster(tmp_path_factory.mktemp("cluster") / "run", 1) as (address, _):
        run(graded, "grader", "feedback", ASSIGNMENT, "--dask", address)
    assert pages(graded) == pages(graded, "local")
    assert b'<span class="n">step_499</span>' in pages(graded)[f"ada/{ASSIGNMENT}/{ASSIGNMENT}.html"][0]


def test_a_thread_s_pages_are_made_in_a_process_that_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config()
    config.HTMLExporter.template_name = "lab"
    config.GenerateFeedback.preprocessors = []
    config.CourseDirectory.root = "/nowhere"
    press = cloudpickle.dumps(Press(config))
    notebook = nbformat.writes(new_notebook(cells=[new_code_cell("x = 1\n" * 2000)]))
    task = PagesTask("ada", {"hw1": Sheet("/nowhere/autograded/ada/hw1/hw1.ipynb", notebook.encode(), 0.0, None)})
    with ThreadPoolExecutor(1) as threads:
        monkeypatch.setattr(feedback_worker, "MOST_SECONDS", 0.0)
        late = threads.submit(feedback_worker.work, press, task).result()
        monkeypatch.undo()
        made = threads.submit(feedback_worker.work, press, task).result()
        feedback_worker._Workers.current[1]._process.kill()  # type: ignore[index,union-attr]
        ended = threads.submit(feedback_worker.work, press, task).result()
        feedback_worker._Workers.close()
    assert "longer than" in str(late.error)
    assert made.error is None
    assert b'<span class="n">x</span>' in made.files["hw1.html"]
    assert "ended their process" in str(ended.error)


def test_what_cannot_be_done_is_one_line(graded: Path) -> None:
    def said(*arguments: str, code: int = 1) -> str:
        printed = run(graded, "grader", "feedback", *arguments, code=code)
        assert printed.count("\n") == 1, printed
        return printed

    assert "knows no assignment 'nada'" in said("nada", code=2)
    assert "there is no graded submission of zoe" in said(ASSIGNMENT, "--students", "ada,zoe")
    assert "No notebooks were matched" in said(ASSIGNMENT, "--student", "zoe")
    assert not (graded / "feedback").exists()


def test_a_log_of_anything_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert made_before(None) == made_before(log) == {}
    right = '{"event": "made", "student": "ada", "fingerprint": "x", "files": {}}'
    log.write_bytes(b'\xff\n{"event": "made"}\n[]\n3\n{"event"\n' + right.encode() + b"\n" + os.urandom(20))
    assert made_before(log) == {"ada": {"fingerprint": "x", "files": {}}}


@pytest.mark.parametrize("module", ["batch.feedback_worker", "batch.feedback", "report.collect", "report.page"])
def test_what_people_read_is_made_without_torch(module: str) -> None:
    source = f"import sys, grader.{module}\nassert 'torch' not in sys.modules"
    done = subprocess.run(
        [*command("grader")[:1], "-c", source], env=environment(Path()), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
