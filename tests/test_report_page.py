"""`grader report` on a class whose mistakes are known by number: every form of the report counts them exactly."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from click.testing import CliRunner, Result
from nbgrader.utils import notebook_hash

from grader.cli import main
from tests.made_up_class import (
    ASSIGNMENT,
    DUE,
    FORTY,
    PLANTED,
    Handed,
    Outcome,
    class_of_forty,
    make_course,
    named,
    passed,
)

ODD_POINTS = (
    '{"format": 1, "assignment": "hw1", "anonymous": false, "students":'
    ' [{"student": "student01", "points": {"mean": "x"}, "score": 1, "late_submission_penalty": 0}]}'
)
ODD_STUDENT = ODD_POINTS.replace('{"mean": "x"}', "[1]")
OF_ANOTHER = '{"format": 1, "students": [], "assignment": "other", "anonymous": false}'
SPANISH = {"The class": "La clase", "The mistakes": "Los errores"}


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("forty"), class_of_forty(), FORTY, absent=("zoe", "yves"))


def report(course: Path, *arguments: str) -> Result:
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(course), *arguments])
    assert done.exit_code == 0, done.output
    return done


def data(course: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report(course, "--json", "-", *arguments).stdout)
    return found


def page(course: Path, *arguments: str) -> BeautifulSoup:
    return BeautifulSoup(report(course, "--html", "-", *arguments).stdout, "html.parser")


def section(found: BeautifulSoup, title: str) -> Tag:
    heading = found.find(lambda tag: tag.name == "h2" and tag.get_text() == title)
    assert isinstance(heading, Tag), title
    assert isinstance(heading.parent, Tag)
    return heading.parent


def test_named_mistakes_are_counted_exactly(forty: Path) -> None:
    found = data(forty)["mistakes"]
    named = {(item["exercise"], item["name"]): len(item["students"]) for item in found if item["kind"] == "named"}
    assert named == PLANTED
    assert all(item["tried"] == 40 for item in found)
    divided = next(item for item in found if item["name"] == "divided_by_n_minus_1")
    assert divided["students"] == [f"student{number:02}" for number in range(18)]


def test_the_page_counts_what_the_json_counts(forty: Path) -> None:
    shown = [
        (int(item.select_one(".count b").get_text()), item.select_one("strong").get_text())
        for item in page(forty).select("article.mistake")
    ]
    assert shown == [(item["count"], item["title"].replace("`", "")) for item in data(forty)["mistakes"]]
    assert (18, "Divides by N-1: std is unbiased by default") in shown


def test_equal_behaviour_without_a_name_is_the_class_s_own_mistake(forty: Path) -> None:
    (shared,) = [item for item in data(forty)["mistakes"] if item["kind"] == "shared"]
    assert (shared["exercise"], shared["count"]) == ("softmax", 4)
    assert shared["called"] == "softmax(tensor([1., 2.]))"
    assert shared["command"] == f"grader new mistake {ASSIGNMENT} softmax --from student05"
    assert shared["title"] == "The values differ in 3 places."
    (shown,) = page(forty).select("article.shared")
    assert shared["command"] in shown.get_text()
    assert "a mistake of this class's own" in shown.get_text()


def test_other_wrong_answers_go_by_what_the_first_check_says_whatever_its_numbers(forty: Path) -> None:
    described = {item["title"]: item for item in data(forty)["mistakes"] if item["kind"] == "described"}
    assert {title: item["count"] for title, item in described.items()} == {
        "expected 20 rows, got 4.": 2,
        "It took too long.": 1,
    }
    assert described["It took too long."]["verdict"] == "timeout"


def test_the_class_at_a_glance(forty: Path) -> None:
    found = data(forty)
    summary = found["class"]
    numbers = {name: summary[name] for name in ("students", "handed_in", "absent", "late", "extended", "waiting")}
    assert numbers == {"students": 42, "handed_in": 40, "absent": 2, "late": 2, "extended": 2, "waiting": 1}
    scores = sorted(student["score"] for student in found["students"] if student["state"] == "graded")
    assert summary["median"] == (scores[19] + scores[20]) / 2
    tiles = [tile.get_text(" ", strip=True) for tile in page(forty).select(".tile")]
    assert tiles[:3] == ["40 handed in", "2 handed in nothing of 42 in the course", "2 late 2 with an extension"]


def test_each_exercise_has_its_numbers(forty: Path) -> None:
    found = {item["exercise"]: item for item in data(forty)["exercises"]}
    assert list(found) == list(FORTY)
    assert found["standardize"]["difficulty"] == pytest.approx((18 * 2 + 22 * 4) / 160)
    assert found["standardize"]["stopped_at_green"] == [f"student{number:02}" for number in range(18)]
    assert (found["standardize"]["visible"], found["standardize"]["hidden"]) == (1.0, pytest.approx(22 / 40))
    assert found["train"]["not_attempted"] == [f"student{number}" for number in range(34, 40)]
    assert (found["mean"]["seconds"], found["mean"]["slowest"]) == (1.0, 1.0)


def test_discrimination_is_the_correlation_with_all_other_exercises(tmp_path: Path) -> None:
    scores = {"ada": (4, 4), "bea": (4, 2), "cai": (2, 2), "dan": (0, 0)}  # item a, item b
    verdicts = {4: ("passed", "passed"), 2: ("passed", "failed"), 0: ("failed", "failed")}
    handed = [
        Handed(name, [Outcome("a", 4.0, *verdicts[a]), Outcome("b", 4.0, *verdicts[b])])
        for name, (a, b) in scores.items()
    ]
    found = data(make_course(tmp_path / "c", handed, {"a": 4.0, "b": 4.0}))["exercises"]
    a, b = [4, 4, 2, 0], [4, 2, 2, 0]
    mean_a, mean_b = sum(a) / 4, sum(b) / 4
    above = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    below = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    assert [item["discrimination"] for item in found] == [pytest.approx(above / below, abs=1e-6)] * 2


def test_checks_that_tell_nobody_from_anybody_are_named(tmp_path: Path) -> None:
    handed = [Handed(f"s{number}", [Outcome("a", hidden="failed"), passed("b")]) for number in range(5)]
    found = data(make_course(tmp_path / "c", handed, {"a": 4.0, "b": 4.0}))["telltale_checks"]
    assert [(item["name"], item["passed"], item["attempts"]) for item in found] == [
        ("test_a_hidden", 0, 5),
        ("test_a_visible", 5, 5),
        ("test_b_visible", 5, 5),
        ("test_b_hidden", 5, 5),
    ]


def test_what_waits_names_the_command_or_the_page_that_settles_it(forty: Path) -> None:
    (waiting,) = data(forty, "--formgrader", "https://hub.example/formgrader/")["waiting"]
    assert (waiting["exercise"], waiting["students"]) == ("train", ["student33"])
    assert "train is right (hidden)." in waiting["why"]
    assert waiting["command"] == f"grader autograde {ASSIGNMENT} --students student33 --force"
    assert waiting["page"] == f"https://hub.example/formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}/"
    assert re.fullmatch(r"https://hub\.example/formgrader/submissions/[0-9a-f]{32}/", waiting["links"][0])
    assert waiting["links"][0] in [
        link["href"] for link in page(forty, "--formgrader", "https://hub.example/formgrader").select("a")
    ]


def test_who_hands_in_again_or_was_graded_by_hand_before_waits(tmp_path: Path) -> None:
    handed = [
        Handed("again", [passed("a")]),
        Handed("regraded", [passed("a")], manual={"a": 3.0}, waits=["a"]),
        Handed("essay", [passed("a")], waits=["a"]),
    ]
    course = make_course(tmp_path / "c", handed, {"a": 4.0})
    (course / "submitted" / "again" / ASSIGNMENT / "timestamp.txt").write_text("2026-03-03 08:00:00 UTC")
    (course / "submitted" / "new" / ASSIGNMENT).mkdir(parents=True)
    found = {item["students"][0]: item for item in data(course)["waiting"]}
    assert found["again"]["command"] == found["new"]["command"] == f"grader autograde {ASSIGNMENT}"
    assert "Graded by hand" in found["regraded"]["why"]
    assert (found["essay"]["why"], found["essay"]["command"]) == ("A person gives the points.", "")
    assert found["essay"]["page"]


def test_penalties_and_extensions_are_shown_as_they_are_applied(forty: Path) -> None:
    found = {item["student"]: item for item in data(forty)["students"]}
    late = found["student03"]
    assert (late["seconds_late"], late["late_submission_penalty"]) == (5.5 * 3600, 1.0)
    assert late["score"] == late["raw_score"] - 1.0
    assert (found["student04"]["seconds_late"], found["student04"]["extension_seconds"]) == (600, 2 * 86400)
    assert found["student05"]["seconds_late"] == 0
    rows = {row.td.get_text(): row.get_text(" ") for row in page(forty).select("table.students tbody tr")}
    assert "Late by 5 h 30 min." in rows["student03"]
    assert "Penalty for handing in late: 1." in rows["student03"]
    assert "Extension: 2 d." in rows["student04"]


def test_whoever_handed_in_nothing_has_a_row(forty: Path) -> None:
    rows = {row.td.get_text(): row.get_text(" ") for row in page(forty).select("table.students tbody tr")}
    assert len(rows) == 42
    assert "Nothing was handed in." in rows["zoe"]


def test_the_page_needs_nothing_beside_it(forty: Path) -> None:
    text = report(forty, "--html", "-").stdout
    found = BeautifulSoup(text, "html.parser")
    assert not found.select("script, link, iframe, object, img[src^=http]")
    assert "default-src 'none'" in str(found.find("meta", attrs={"http-equiv": "Content-Security-Policy"}))
    assert not re.findall(r"url\((?!#)", text)
    assert not [tag for tag in found.find_all() if any(name.startswith("on") for name in tag.attrs)]


def test_the_pictures_have_their_texts_as_text_in_the_colours_of_the_theme(forty: Path) -> None:
    pictures = page(forty).select(".sheet svg")
    assert len(pictures) == 3
    texts = [text.get_text() for picture in pictures for text in picture.select("text")]
    assert "standardize: Divides by N-1: std is unbiased by default" in texts
    assert {f"student{number:02}" for number in range(40)} <= set(texts)
    assert all("currentColor" in str(picture) and picture["aria-label"] for picture in pictures)
    assert "#010203" not in str(pictures)


def test_a_narrow_page_has_pictures_of_its_own_that_say_the_same(forty: Path) -> None:
    found = page(forty)
    for width in ("sheet", "narrow"):
        drawn = Counter(
            word for text in found.select(f".{width} svg text") for word in text.get_text().split() if word != "—"
        )
        assert len(found.select(f".{width} svg")) == 3
        assert {f"student{number:02}" for number in range(40)} <= set(drawn)
        assert "N-1:" in drawn
    sizes = [
        float(picture["viewbox"].split()[2]) for picture in found.select(".narrow svg")
    ]  # a telephone is some 375 pixels wide, so that a point is about one of them
    assert all(300 < size < 375 for size in sizes)


def test_the_heat_map_tells_what_has_no_points_yet_from_no_points(forty: Path) -> None:
    undecided = sum(None in item["points"].values() for item in data(forty)["students"])
    assert undecided == 1
    for width in ("sheet", "narrow"):
        drawn = [text.get_text() for text in page(forty).select(f".{width} svg")[2].select("text")]
        assert drawn.count("?") == undecided


def test_the_heat_map_is_sorted_both_ways(forty: Path) -> None:
    found = data(forty)
    names = [text.get_text() for text in page(forty).select(".sheet svg")[2].select("text")]
    scores = {item["student"]: item["score"] for item in found["students"]}
    in_order = [scores[name] for name in names if name in scores]
    assert in_order == sorted(in_order, reverse=True)
    ease = {item["exercise"]: item["difficulty"] for item in found["exercises"]}
    shown = [ease[name] for name in names if name in ease]
    assert sorted(shown, reverse=True) == shown


def test_the_page_prints_and_has_both_themes(forty: Path) -> None:
    style = page(forty).style.get_text()
    assert "@media print" in style
    assert "prefers-color-scheme: dark" in style


def test_without_names_nobody_can_be_told(forty: Path) -> None:
    for form in ("--html", "--json", "--csv"):
        text = report(forty, form, "-", "--anonymous").stdout
        assert not re.search(r"student\d\d|zoe|yves", text)
    found = data(forty, "--anonymous")
    assert {item["student"] for item in found["students"]} == {f"Student {number:02}" for number in range(1, 43)}
    assert Counter(item["count"] for item in found["mistakes"]) == Counter(
        item["count"] for item in data(forty)["mistakes"]
    )
    assert not [link for item in found["waiting"] for link in item["links"] if link]


def test_a_group_is_a_list_or_a_file(forty: Path, tmp_path: Path) -> None:
    assert [item["student"] for item in data(forty, "--students", "student01, student02")["students"]] == [
        "student01",
        "student02",
    ]
    group = tmp_path / "group.csv"
    group.write_text("group,student\nA,student17\nA,student18\n", encoding="utf-8-sig")
    found = data(forty, "--students", str(group))
    assert (found["class"]["students"], sum(item["count"] for item in found["mistakes"])) == (2, 1)
    lines = tmp_path / "lines.txt"
    lines.write_text("student03\n\nstudent04\n")
    assert data(forty, "--students", str(lines))["class"]["students"] == 2
    everyone = ",".join(f"student{number:02}" for number in range(40))
    assert data(forty, "--students", everyone)["class"]["students"] == 40


@pytest.mark.parametrize("group", ["nobody,student01", ",", "."])
def test_a_group_with_a_stranger_or_without_anybody_is_an_error(forty: Path, group: str) -> None:
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(forty), "--students", group])
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_only_one_form_goes_to_standard_output(forty: Path) -> None:
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(forty), "--html", "-", "--csv", "-"])
    assert (done.exit_code, done.stdout) == (2, "")


def test_in_spanish_the_whole_page_is_spanish(tmp_path: Path) -> None:
    course = make_course(tmp_path / "c", class_of_forty(), FORTY, language="es")
    found = page(course)
    assert found.html["lang"] == "es"
    titles = [title.get_text() for title in found.select("h2")]
    english = [title.get_text() for title in page(make_course(tmp_path / "e", class_of_forty(), FORTY)).select("h2")]
    assert not set(titles) & set(english)
    assert SPANISH["The mistakes"] in titles


def test_attempts_are_what_the_exchange_still_has(tmp_path: Path) -> None:
    course = make_course(tmp_path / "c", [Handed("ada", [passed("a")]), Handed("bea", [passed("a")])], {"a": 4.0})
    exchange = tmp_path / "exchange"
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.Exchange.root = {str(exchange)!r}\n")
    assert data(course)["attempts"] is None
    last = datetime(DUE.year, DUE.month, DUE.day, 11, 0)
    for hour, secret, score in ((8, "first", "1.5"), (9, "second", None), (11, "third", None)):
        folder = exchange / "ai101" / "inbound" / f"ada+{ASSIGNMENT}+2026-03-02 {hour:02}:00:00 UTC"
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.ipynb").write_text("{}")
        (folder / "submission_secret.txt").write_text(secret)
        if score:
            released = exchange / "ai101" / "feedback"
            released.mkdir()
            name = notebook_hash(secret=secret, notebook_id=ASSIGNMENT)
            text = f"<h4>{ASSIGNMENT} (Score: {score} / 4.0)</h4><h4>{ASSIGNMENT} (Score: 9.0 / 4.0)</h4>"
            (released / f"{name}.html").write_text(text)
    attempts = data(course)["attempts"]
    assert [attempt["score"] for attempt in attempts["ada"]] == [1.5, None, 4.0]
    assert attempts["ada"][-1]["timestamp"] == last.isoformat() + "Z"
    assert "1 gained points" in section(page(course), "Attempt after attempt").get_text()
    assert "student" in next(iter(data(course, "--anonymous")["attempts"])).lower()


def test_a_class_of_none_and_a_class_of_one_have_a_page(tmp_path: Path) -> None:
    empty = make_course(tmp_path / "none", [], {"a": 4.0})
    assert data(empty)["notices"] == ["Nobody is in this course yet, and nobody handed anything in."]
    assert page(empty).select(".tile")
    alone = page(make_course(tmp_path / "one", [Handed("ada", [passed("a")])], {"a": 4.0}))
    assert "No mistakes are known." in alone.get_text()


def test_two_runs_are_compared_by_student_and_exercise(tmp_path: Path) -> None:
    handed = [Handed(name, [passed("a"), named("b", "swapped", "Swapped")]) for name in ("ada", "bea", "cai")]
    course = make_course(tmp_path / "c", handed, {"a": 4.0, "b": 4.0})
    earlier = tmp_path / "earlier.json"
    report(course, "--json", str(earlier))
    assert data(course, "--before", str(earlier))["changes"] == []
    with sqlite3.connect(course / "gradebook.db") as book:
        of = (
            "UPDATE grade SET auto_score = ? WHERE cell_id = (SELECT id FROM base_cell WHERE name = ?)"
            " AND notebook_id = (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment s"
            " ON s.id = n.assignment_id WHERE s.student_id = ?)"
        )
        book.executemany(of, [(4.0, "b", "ada"), (1.0, "a", "bea")])
    changes = data(course, "--before", str(earlier))["changes"]
    assert [(item["student"], item["gain"], item["exercises"]) for item in changes] == [
        ("bea", -3.0, {"a": [4.0, 1.0]}),
        ("ada", 4.0, {"b": [0.0, 4.0]}),
    ]
    shown = section(page(course, "--before", str(earlier)), "What has changed").get_text(" ", strip=True)
    assert "1 gained points and 1 lost some" in shown
    assert "bea 4 1 −3 a 4 → 1" in shown
    assert "ada 4 8 +4 b 0 → 4" in shown
    assert {item["student"] for item in data(course, "--before", str(earlier), "--anonymous")["changes"]}.isdisjoint(
        {"ada", "bea"}
    )


def test_a_penalty_that_changed_is_said_where_two_runs_are_compared(tmp_path: Path) -> None:
    late = Handed("ada", [passed("a")], late=timedelta(hours=3), penalty=1.5)
    course = make_course(tmp_path / "c", [late, Handed("bea", [passed("a")])], {"a": 4.0})
    earlier = tmp_path / "earlier.json"
    report(course, "--json", str(earlier))
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("UPDATE submitted_notebook SET late_submission_penalty = NULL")
    (change,) = data(course, "--before", str(earlier))["changes"]
    assert (change["student"], change["gain"], change["exercises"], change["penalty"]) == ("ada", 1.5, {}, [1.5, 0.0])
    shown = section(page(course, "--before", str(earlier)), "What has changed").get_text(" ", strip=True)
    assert "ada 2.5 4 +1.5 late penalty -1.5 → 0" in shown
    assert "ada: +1.5 (late penalty -1.5 → 0)" in report(course, "--before", str(earlier)).output


@pytest.mark.parametrize("content", ["", "[]", '{"students": []}', OF_ANOTHER, ODD_POINTS, ODD_STUDENT])
def test_an_earlier_report_that_is_none_is_one_line(forty: Path, tmp_path: Path, content: str) -> None:
    earlier = tmp_path / "earlier.json"
    earlier.write_text(content)
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(forty), "--before", str(earlier)])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
