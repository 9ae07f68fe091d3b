"""The whole circle, in a browser: what instructors release, students solve and hand in comes back with its grade."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.devkit.answers import answers

if TYPE_CHECKING:
    from grader.hub.demo import DemoHub
    from tests.hub.pages import Visitor

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.xdist_group("hub")]

RIGHT = {answer.exercise: answer.source for answer in answers("01_tensors") if answer.is_right}
ENGLISH = "def scale(x):\n    return x.mean(dim=1)"


def home(hub: DemoHub, user: str) -> Path:
    return Path("/home", user) if hub.plan.unix else hub.plan.folder / "homes" / user


def test_a_class_in_two_languages(hub: DemoHub, visit: Callable[[str], Visitor]) -> None:
    from playwright.sync_api import expect

    from tests.hub.pages import AssignmentList, Feedback, Formgrader, Notebook, Submission

    # Instructors release an assignment each.
    ines, pablo = visit("aula-ines"), visit("aula-pablo")
    assert "Assignment List" in ines.menu_entries("Nbgrader")
    ines.menu("Nbgrader", "Course List")
    for course in ("test-es", "test-en"):
        expect(ines.page.get_by_role("link", name=course)).to_have_attribute("href", re.compile(f"/services/{course}/"))
    spanish, english = Formgrader(ines, "test-es"), Formgrader(pablo, "test-en")
    for formgrader, assignment in ((spanish, "01_tensors"), (english, "hw1")):
        assert "Success" in formgrader.click(assignment, "assign")
        assert "Success" in formgrader.click(assignment, "release")

    # A student of both courses sees a panel that fails and one that passes, in the course's language, and hands in.
    ana = visit("aula-ana")
    assert ana.menu_entries("Nbgrader") == ["Assignment List"]
    AssignmentList(ana, "test-es").fetch("01_tensors")
    draw_all_cells(home(hub, "aula-ana"))
    notebook = Notebook(ana, "test-es/01_tensors/01_tensors.ipynb")
    notebook.answer("describe", RIGHT["describe"])
    notebook.answer("make_tensors", "def make_tensors(n):\n    return 0")
    notebook.run_all()
    expect(notebook.cells.last).to_contain_text("1 de 8 ejercicios")
    expect(notebook.panel("make_tensors")).to_contain_text("0 de 3 comprobaciones superadas")
    expect(notebook.panel("describe")).to_contain_text("2 de 2 comprobaciones superadas")
    notebook.save()
    said = notebook.validate()
    assert 'check("make_tensors")' in said
    assert 'check("describe")' not in said
    AssignmentList(ana, "test-es").submit("01_tensors")

    AssignmentList(ana, "test-en").fetch("hw1")
    notebook = Notebook(ana, "test-en/hw1/hw1.ipynb")
    notebook.answer("scale", ENGLISH)
    notebook.run_all()
    expect(notebook.panel("scale")).to_contain_text("checks passed")
    notebook.save()
    AssignmentList(ana, "test-en").submit("hw1")

    # Another hands in an untouched notebook, with a copy beside it.
    luis = visit("aula-luis")
    assignments = AssignmentList(luis, "test-es")
    assignments.fetch("01_tensors")
    handed_in = home(hub, "aula-luis") / "test-es/01_tensors"
    copied = shutil.copy(handed_in / "01_tensors.ipynb", handed_in / "copia.ipynb")
    shutil.chown(copied, handed_in.owner(), handed_in.group())
    assignments.submit("01_tensors")

    # One grades the class by button; the other's page shows how far that is. Then each grades one again, at once.
    spanish.page.reload()
    assert "Success" in spanish.click("01_tensors", "collect")
    other = Formgrader(pablo, "test-es")
    for formgrader in (spanish, other):
        formgrader.row("01_tensors").locator(".num-submissions a").click()
    spanish.grade_all.click()
    expect(spanish.progress).to_contain_text("iniciada por aula-ines")
    expect(spanish.progress).to_have_text("2 de 2 hechas")
    expect(spanish.frame.locator("#grade-all-stop")).to_be_hidden()
    other.page.reload()
    other.row("01_tensors").locator(".num-submissions a").click()
    expect(other.progress).to_have_text("2 de 2 hechas")
    for student in ("aula-ana", "aula-luis"):
        expect(spanish.row(student).locator(".status")).not_to_have_text("needs autograding")
    spanish.row("aula-ana").locator(".autograde a").click()
    other.row("aula-luis").locator(".autograde a").click()
    for formgrader in (spanish, other):
        assert "1 graded in" in formgrader.answer()
    log = (hub.plan.courses["test-es"].root / "autograde-01_tensors.jsonl").read_text("utf-8")
    started = [(event["by"], event["submissions"]) for event in events_in(log, "started")]
    assert started[0] == ("aula-ines", 2)
    assert sorted(started[1:]) == [("aula-ines", 1), ("aula-pablo", 1)]

    # One looks at a graded notebook, changes points and adds a comment; the feedback is released.
    spanish = Formgrader(ines, "test-es")
    submission = Submission(spanish, "01_tensors", "aula-ana")
    expect(submission.score("describe")).to_have_attribute("placeholder", "8")
    expect(submission.score("make_tensors")).to_have_attribute("placeholder", "0")
    submission.give("make_tensors", "3")
    submission.comment("make_tensors", "Casi: mira los *dtypes*.")
    spanish = Formgrader(ines, "test-es")
    assert "Success" in spanish.click("01_tensors", "generate-feedback")
    assert "Success" in spanish.click("01_tensors", "release-feedback")

    # The student reads it, and clicks its contents.
    AssignmentList(ana, "test-es").fetch_feedback("01_tensors")
    (page,) = (home(hub, "aula-ana") / "test-es/01_tensors/feedback").glob("*/01_tensors.html")
    feedback = Feedback(ana, f"test-es/01_tensors/feedback/{page.parent.name}", page.name)
    assert "describe · 8 de 8 puntos" in feedback.contents()
    assert "make_tensors · 3 de 10 puntos" in feedback.contents()
    heading = feedback.frame.locator(".panel-heading", has_text="describe").last
    expect(heading).not_to_be_in_viewport()
    feedback.go_to("describe")
    expect(heading).to_be_in_viewport()
    expect(feedback.frame.get_by_text("Casi: mira los")).to_be_visible()

    # The untouched notebook has its feedback, whatever lies beside it, its row, and no points.
    AssignmentList(luis, "test-es").fetch_feedback("01_tensors")
    submission = Submission(Formgrader(pablo, "test-es"), "01_tensors", "aula-luis")
    expect(submission.score("describe")).to_have_attribute("placeholder", "0")


def events_in(log: str, kind: str) -> list[dict[str, Any]]:
    """The events of a kind in the log of `grader autograde`."""
    return [event for line in log.splitlines() if (event := json.loads(line))["event"] == kind]


def draw_all_cells(folder: Path) -> None:
    """Sets JupyterLab to draw also the cells that are out of sight, where a test looks at them."""
    settings = folder / ".jupyter/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('{"windowingMode": "none"}', encoding="utf-8")
    for path in (settings, *settings.parents):
        if path == folder:
            break
        path.chmod(0o755)
    owner = folder.stat()
    subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", folder / ".jupyter"], check=True)


def test_a_student_s_terminal_reaches_nothing_of_others(hub: DemoHub, visit: Callable[[str], Visitor]) -> None:
    if not hub.plan.unix:
        pytest.skip("without root all servers run as one account")
    course = hub.plan.courses["test-es"]
    exchange = hub.plan.exchange / course.name
    private = [course.root / "checks", course.root / "gradebook.db", hub.plan.state / "cookie_secret"]
    private += [exchange / "inbound", home(hub, "aula-ana")]
    fixed = [hub.plan.config, hub.plan.settings("students") / "nbgrader_config.py", exchange / "outbound" / "new"]
    lines = [f"{{ ls {path}/. || cat {path}; }} && echo read {path}" for path in private]
    lines += [f"echo >> {path} && echo changed {path}" for path in fixed]
    lines += [f"mv {exchange} {exchange}-mine && echo changed {exchange}"]
    eva = visit("aula-eva")
    answer = home(hub, "aula-eva") / "reached.txt"
    script = home(hub, "aula-eva") / "try.sh"
    script.write_text("\n".join([*lines, "grader --version && echo end"]), encoding="utf-8")
    script.chmod(0o755)
    eva.in_terminal(f"bash {script} > {answer}.new 2>/dev/null; mv {answer}.new {answer}")
    eva.page.locator(".jp-DirListing-item", has_text="reached.txt").wait_for()
    text = answer.read_text("utf-8")
    assert text.rstrip().endswith("end")
    assert not re.findall(r"^(?:read|changed) .*", text, re.MULTILINE)


def test_check_finds_nothing_and_then_what_was_opened(hub: DemoHub) -> None:
    folder = str(hub.plan.folder)
    done = CliRunner().invoke(main, ["hub", "check", folder])
    assert not [line for line in done.output.splitlines() if line.startswith("✗") and hub.plan.unix], done.output
    if not hub.plan.unix:
        assert "people are kept apart" in done.output
        return
    course = hub.plan.courses["test-en"]
    course.home.chmod(0o755)
    try:
        done = CliRunner().invoke(main, ["hub", "check", folder])
    finally:
        course.home.chmod(0o700)
    assert done.exit_code == 1
    assert f"chmod 700 {course.home}" in done.output
    assert "✗ aula-ana cannot read" in done.output
