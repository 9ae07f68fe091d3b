"""What people see and click on a hub: JupyterLab, nbgrader's lists, Formgrader and feedback."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

SECONDS = 120_000
expect.set_options(timeout=SECONDS)
"""Milliseconds that a page has to show what it is waited for: a bound, which nothing that works comes near."""


@dataclass
class Visitor:
    """Somebody who has signed in."""

    page: Page
    url: str
    user: str

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/user/{self.user}/{path}")

    def menu(self, *labels: str) -> None:
        """Chooses an entry of JupyterLab's menu."""
        first, *rest = labels
        self.page.locator(".lm-MenuBar-item", has_text=first).first.click()
        for label in rest:
            self.page.locator(".lm-Menu-item", has_text=label).first.click()

    def menu_entries(self, label: str) -> list[str]:
        """What a menu offers."""
        self.menu(label)
        entries = self.page.locator(".lm-Menu-itemLabel")
        entries.first.wait_for()
        found = [text for text in entries.all_inner_texts() if text]
        self.page.keyboard.press("Escape")
        return found

    def in_terminal(self, command: str) -> None:
        """Opens a terminal and types a command."""
        self.open("lab?reset")
        self.page.locator(".jp-LauncherCard", has_text="Terminal").first.click()
        screen = self.page.locator(".jp-Terminal .xterm-screen")
        screen.click()
        self.page.keyboard.type(command)
        self.page.keyboard.press("Enter")


def sign_in(browser: Browser, url: str, user: str, password: str) -> Visitor:
    """Signs in as a person would, and waits for JupyterLab."""
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.goto(f"{url}/hub/login")
    page.fill("#username_input", user)
    page.fill("#password_input", password)
    page.click("#login_submit")
    page.locator(".jp-DirListing").first.wait_for()
    return Visitor(page, url, user)


class AssignmentList:
    """nbgrader's list, as students have it."""

    def __init__(self, visitor: Visitor, course: str) -> None:
        self.page = visitor.page
        visitor.open("lab?reset")
        visitor.page.locator(".jp-Launcher").first.wait_for()
        visitor.menu("Nbgrader", "Assignment List")
        self.choose(course)

    def choose(self, course: str) -> None:
        """Chooses a course, where there is more than one with assignments."""
        chosen = self.page.locator("#course_list_default")
        expect(chosen).to_have_text(re.compile(r"\w"))
        if chosen.inner_text() != course:
            self.page.locator("#course_list_dropdown").click()
            self.page.locator("#course_list").get_by_text(course, exact=True).click()
            expect(chosen).to_have_text(course)

    def row(self, section: str, assignment: str) -> Locator:
        return self.page.locator(f"#{section}_assignments_list .list_item", has_text=assignment).first

    def fetch(self, assignment: str) -> None:
        self.row("released", assignment).get_by_role("button", name="Fetch").click()
        self.row("fetched", assignment).wait_for()

    def submit(self, assignment: str) -> None:
        self.row("fetched", assignment).wait_for()
        self.row("fetched", assignment).get_by_role("button", name="Submit").first.click()
        self.row("submitted", assignment).wait_for()

    def fetch_feedback(self, assignment: str) -> None:
        self.row("submitted", assignment).get_by_text("Fetch Feedback").first.click()
        self.row("submitted", assignment).get_by_text("View Feedback").first.wait_for()


class Notebook:
    """A notebook in JupyterLab."""

    def __init__(self, visitor: Visitor, path: str) -> None:
        self.visitor, self.page = visitor, visitor.page
        visitor.open(f"lab/tree/{path}?reset")
        self.cells = self.page.locator(".jp-Notebook .jp-CodeCell")
        self.cells.first.wait_for()
        self.kernel("Idle")

    def kernel(self, state: str) -> None:
        """Waits until the notebook's kernel is in a state."""
        self.page.get_by_role("button", name=re.compile(rf"\| {state}$")).wait_for()

    def answer(self, exercise: str, source: str) -> None:
        """Types an answer over an exercise's stub."""
        cell = self.cells.filter(has_text=f"def {exercise}(").first
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run_all(self) -> None:
        self.visitor.menu("Kernel", "Restart Kernel and Run All Cells")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()

    def panel(self, exercise: str) -> Locator:
        """What the check of an exercise showed."""
        return self.cells.filter(has_text=f'check("{exercise}")').first.locator(".jp-OutputArea-output").first

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)

    def validate(self) -> str:
        """What the button “Validate” says."""
        self.page.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog", has_text="alidat").last
        dialog.wait_for(timeout=3 * SECONDS)
        text = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return text


class Formgrader:
    """A course's Formgrader, in JupyterLab's frame."""

    def __init__(self, visitor: Visitor, course: str) -> None:
        self.page = visitor.page
        self.page.goto(f"{visitor.url}/services/{course}/")
        self.frame: FrameLocator = self.page.frame_locator(".jp-IFrame iframe, iframe").first

    @property
    def grade_all(self) -> Locator:
        """The button that grades an assignment's submissions, on their page."""
        return self.frame.locator("#grade-all-button:enabled")

    @property
    def progress(self) -> Locator:
        """What the page says of that grading."""
        return self.frame.locator("#grade-all-text")

    def row(self, text: str) -> Locator:
        return self.frame.locator("tbody tr", has_text=text).first

    def click(self, row: str, action: str) -> str:
        """Clicks a button of a row; returns what it said when it was done."""
        self.row(row).locator(f".{action} a").click()
        return self.answer()

    def answer(self) -> str:
        done = self.frame.locator("#success-modal, #error-modal").first
        done.wait_for(timeout=3 * SECONDS)
        text = done.inner_text()
        is_error = done.get_attribute("id") == "error-modal"
        done.locator(".modal-footer button").click()
        done.wait_for(state="detached")
        assert not is_error, text
        return text


class Submission:
    """A graded notebook in Formgrader."""

    def __init__(self, formgrader: Formgrader, assignment: str, student: str) -> None:
        self.page, self.frame = formgrader.page, formgrader.frame
        formgrader.row(assignment).locator(".num-submissions a").click()
        formgrader.row(student).locator("a").first.click()
        self.frame.get_by_role("link", name=assignment).last.click()
        self.frame.locator("input.score").first.wait_for()

    def score(self, exercise: str) -> Locator:
        return self.frame.locator(f"input.score#{exercise}")

    def give(self, exercise: str, points: str) -> None:
        """Changes the points of an exercise, and waits until they are saved."""
        self._type(self.score(exercise), points, "/grade/")

    def comment(self, exercise: str, text: str) -> None:
        self._type(self.frame.locator(f"textarea#{exercise}_answer-comment"), text, "/comment/")

    def _type(self, place: Locator, text: str, address: str) -> None:
        place.fill(text)
        with self.page.expect_response(lambda answer: address in answer.url and answer.request.method == "PUT"):
            place.blur()


class Feedback:
    """A feedback page in JupyterLab's frame."""

    def __init__(self, visitor: Visitor, folder: str, name: str) -> None:
        self.page = visitor.page
        visitor.open(f"lab/tree/{folder}?reset")
        self.page.locator(".jp-DirListing-item", has_text=name).dblclick()
        self.frame = self.page.frame_locator(".jp-HTMLViewer iframe")
        self.frame.locator("#toc").wait_for()

    def contents(self) -> list[str]:
        return self.frame.locator("#toc li").all_inner_texts()

    def go_to(self, exercise: str) -> None:
        self.frame.locator("#toc").get_by_text(exercise, exact=True).click()
