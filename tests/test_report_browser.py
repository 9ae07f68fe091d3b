"""A report's page in a browser: whatever people and mistakes are called, nothing runs out of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.made_up_class import ASSIGNMENT, Handed, make_course, named, passed, unnamed

LONG = "x" * 150
WIDER_THAN_THE_PAGE = """() => [...document.querySelectorAll("body *")].filter(
    one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll, svg")
).map(one => one.tagName + ": " + one.textContent.slice(0, 40))"""
CUT_HEADERS = """() => [...document.querySelectorAll("th.turned span")].filter(
    one => one.scrollWidth > one.clientWidth + 1
).map(one => one.textContent)"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [420, 1280])
def test_long_words_stay_on_the_page(tmp_path: Path, width: int) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("this machine lacks chromium")
    exercise = "softmax_over_the_last_dimension_of_any_tensor"
    handed = [
        Handed(
            LONG, [unnamed("a", "d1", f"It differs: {LONG}"), named(exercise, "twice", f"Twice {LONG}", green=True)]
        ),
        Handed("bea", [unnamed("a", "d1", f"It differs: {LONG}"), passed(exercise)], first_name=LONG),
    ]
    course = make_course(tmp_path / "c", handed, {"a": 4.0, exercise: 4.0})
    page = tmp_path / "report.html"
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(course), "--html", str(page)])
    assert done.exit_code == 0, done.output
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": width, "height": 900})
        view.goto(page.as_uri())
        assert view.evaluate("document.documentElement.scrollWidth") == width
        assert view.evaluate(WIDER_THAN_THE_PAGE) == []
        assert view.evaluate(CUT_HEADERS) == []
        browser.close()
