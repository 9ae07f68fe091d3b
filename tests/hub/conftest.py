"""A hub with two courses and five people, which the tests of this folder share, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.devkit.answers import ROOT
from grader.devkit.classroom import copy_course

if TYPE_CHECKING:
    from grader.hub.demo import DemoHub
    from tests.hub.pages import Visitor


def _lacks() -> str:
    """What this machine lacks for a hub and a browser."""
    try:
        import jupyterhub  # noqa: F401
        import playwright  # noqa: F401

        from grader.hub.demo import find_proxy
    except ModuleNotFoundError as error:
        return str(error.name)
    if shutil.which(find_proxy()) is None:
        return "configurable-http-proxy (`make hub` installs it)"
    return "" if shutil.which("chromium") else "chromium"


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHub]:
    """AulaTorch's first assignment in Spanish, and a course of one's own in English, as `grader new` begins it."""
    lacking = _lacks()
    if lacking:
        pytest.skip(f"this machine lacks {lacking}")
    from grader.hub.demo import demo_hub

    folder = tmp_path_factory.mktemp("courses")
    copy_course(folder / "es", assignment="01_tensors", language="es")
    english = ["--course", str(folder / "en")]
    for command in (["course", str(folder / "en")], ["assignment", "hw1", *english], ["exercise", "scale", *english]):
        done = CliRunner().invoke(main, ["new", *command])
        assert done.exit_code == 0, done.output
    with demo_hub([("test-es", folder / "es", "es"), ("test-en", folder / "en", "en")]) as running:
        yield running


@pytest.fixture
def visit(hub: DemoHub, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Visitor]]:
    """Signs somebody in; where a test fails, what everybody saw is kept as pictures."""
    from playwright.sync_api import sync_playwright

    from tests.hub.pages import sign_in

    visitors: dict[str, Visitor] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def signed_in(user: str) -> Visitor:
            if user not in visitors:
                visitors[user] = sign_in(browser, hub.plan.url, user, hub.password)
            return visitors[user]

        yield signed_in
        if request.session.testsfailed:
            pictures = ROOT / ".hub"
            pictures.mkdir(exist_ok=True)
            for user, visitor in visitors.items():
                visitor.page.screenshot(path=pictures / f"{request.node.name}-{user}.png")
            shutil.copy(hub.log, pictures / "hub.log")
        browser.close()
