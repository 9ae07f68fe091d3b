"""Grades for Canvas and Moodle, read back as those systems' own importers read them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from grader.report.canvas import CanvasExportPlugin
from grader.report.exporting import PlatformExportPlugin, StudentMapError, read_student_map
from grader.report.moodle import MoodleExportPlugin
from tests.made_up_class import ASSIGNMENT, Handed, Outcome, make_course, named, passed

OF_CANVAS = re.compile(
    "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade"
    "|Override Score|Override Grade|Override Status"
)


@dataclass
class CanvasImport:
    """What `lib/gradebook_importer.rb` makes of a file: assignments with points, and each student's grades."""

    points: dict[str, str]
    grades: dict[str, dict[str, str]]

    @classmethod
    def of(cls, text: str) -> CanvasImport:
        header, *rows = csv.reader(io.StringIO(text))
        assert "Student" in header[0]
        assert "ID" in header[1]
        columns = 3
        if re.search(r"SIS\s+Login\s+ID", header[2]):
            columns += 1
        elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
            columns += 2
        assert "Section" in header[columns - 1], "Canvas: Invalid header row"
        titles = [title for title in header[columns:] if not OF_CANVAS.search(title)]
        assert "Points Possible" in rows[0][0]
        points = {title: rows[0][header.index(title)] for title in titles}
        read = [title for title in titles if not re.search(r"read\s+only", points[title])]
        grades = {}
        for row in rows[1:]:
            who = next(value for value in (row[1], row[2], row[3], row[0]) if value)
            grades[who] = {title: row[header.index(title)].strip() for title in read}
        return cls({title: points[title] for title in read}, grades)


def moodle_import(text: str, who: str, mapped: list[str]) -> dict[str, dict[str, float | None]]:
    """What `grade/import/csv/classes/load_data.php` makes of a file.

    Args:
        text: of the file.
        who: the title of the column that says who a student is.
        mapped: the titles of those that are grades.
    """
    header, *rows = csv.reader(io.StringIO(text))
    header = [title.strip() for title in header]
    found: dict[str, dict[str, float | None]] = {}
    for row in rows:
        assert len(row) == len(header), "Moodle: csvweirdcolumns"
        student = row[header.index(who)].strip()
        assert student, "Moodle: the grades of the student before"
        values = {title: row[header.index(title)].strip() for title in mapped}
        assert all(value in ("", "-") or float(value) <= 100 for value in values.values()), "Moodle: gradevaluetoobig"
        found[student] = {title: None if value in ("", "-") else float(value) for title, value in values.items()}
    return found


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    handed = [
        Handed("ada", [passed("a"), passed("b")], first_name="Ada", last_name="Lovelace, Countess"),
        Handed(
            "bea", [named("a", "swapped", "Swapped"), passed("b")], first_name="=1+1", last_name="x\ny", penalty=0.5
        ),
        Handed("cai", [passed("a"), Outcome("b", hidden="grader_error")]),
    ]
    return make_course(tmp_path_factory.mktemp("export"), handed, {"a": 4.0, "b": 4.0}, absent=("zoe",))


def export(course: Path, kind: type[PlatformExportPlugin], to: Path, **settings: Any) -> str:
    plugin = kind(config=Config({kind.__name__: settings}), to=str(to))
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "ai101") as book:
        plugin.export(book)
    return to.read_text(encoding="utf-8")


def test_canvas_imports_the_total_and_passes_over_the_exercises(course: Path, tmp_path: Path) -> None:
    text = export(course, CanvasExportPlugin, tmp_path / "c.csv")
    found = CanvasImport.of(text)
    assert found.points == {ASSIGNMENT: "8"}
    assert found.grades == {
        "ada": {ASSIGNMENT: "8"},
        "bea": {ASSIGNMENT: "3.5"},
        "cai": {ASSIGNMENT: ""},
        "zoe": {ASSIGNMENT: ""},
    }
    assert f"{ASSIGNMENT}: a,{ASSIGNMENT}: b" in text.splitlines()[0]


def test_canvas_imports_the_exercises_where_it_is_told_to(course: Path, tmp_path: Path) -> None:
    found = CanvasImport.of(export(course, CanvasExportPlugin, tmp_path / "c.csv", import_exercises=True))
    assert found.points == {ASSIGNMENT: "8", f"{ASSIGNMENT}: a": "4", f"{ASSIGNMENT}: b": "4"}
    assert found.grades["bea"] == {ASSIGNMENT: "3.5", f"{ASSIGNMENT}: a": "0", f"{ASSIGNMENT}: b": "4"}


def test_canvas_finds_students_by_the_map_and_assignments_by_their_number(course: Path, tmp_path: Path) -> None:
    known = tmp_path / "map.csv"
    known.write_text(
        "nbgrader,Student,ID,SIS User ID,SIS Login ID,Section\nada,Lovelace,4711,,ada@x.edu,A\nbea,,4712,,,\n"
    )
    ids = {ASSIGNMENT: "990"}
    text = export(course, CanvasExportPlugin, tmp_path / "c.csv", student_map=str(known), assignment_ids=ids)
    assert CanvasImport.of(text).grades == {
        "4711": {f"{ASSIGNMENT} (990)": "8"},
        "4712": {f"{ASSIGNMENT} (990)": "3.5"},
    }


def test_moodle_imports_totals_and_exercises(course: Path, tmp_path: Path) -> None:
    text = export(course, MoodleExportPlugin, tmp_path / "m.csv")
    found = moodle_import(text, "Username", [ASSIGNMENT, f"{ASSIGNMENT}: a", f"{ASSIGNMENT}: b"])
    assert found["bea"] == {ASSIGNMENT: 3.5, f"{ASSIGNMENT}: a": 0.0, f"{ASSIGNMENT}: b": 4.0}
    assert set(found["cai"].values()) == set(found["zoe"].values()) == {None}
    assert text.splitlines()[0].startswith("First name,Last name,Username,")


def test_moodle_gets_no_column_and_no_row_that_does_not_say_who_it_is_of(course: Path, tmp_path: Path) -> None:
    known = tmp_path / "map.csv"
    known.write_text("nbgrader;ID number;Email address\nada;001;ada@x.edu\nbea;002;\ncai;;\n")
    text = export(course, MoodleExportPlugin, tmp_path / "m.csv", student_map=str(known))
    assert moodle_import(text, "ID number", [ASSIGNMENT]) == {"001": {ASSIGNMENT: 8.0}, "002": {ASSIGNMENT: 3.5}}
    assert "Email address" not in text


def test_points_that_a_person_has_still_to_give_are_left_out_unless_asked_for(course: Path, tmp_path: Path) -> None:
    found = CanvasImport.of(export(course, CanvasExportPlugin, tmp_path / "c.csv", unfinished=True))
    assert found.grades["cai"] == {ASSIGNMENT: "4"}


@pytest.mark.parametrize("kind", [CanvasExportPlugin, MoodleExportPlugin])
def test_names_stay_in_their_column_on_one_line_and_run_nowhere(course: Path, kind: Any, tmp_path: Path) -> None:
    text = export(course, kind, tmp_path / "out.csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    assert len(text.splitlines()) == len(rows)
    assert not [value for row in rows for value in row if value.strip().startswith(("=", "+", "@"))]


@pytest.mark.parametrize("kind", [CanvasExportPlugin, MoodleExportPlugin])
def test_one_student_and_one_assignment_can_be_asked_for(course: Path, kind: Any, tmp_path: Path) -> None:
    text = export(course, kind, tmp_path / "out.csv", student=["ada"], assignment=[ASSIGNMENT], exercises=False)
    assert len(text.splitlines()) == (3 if kind is CanvasExportPlugin else 2)
    assert f"{ASSIGNMENT}: a" not in text
    with pytest.raises(SystemExit):
        export(course, kind, tmp_path / "out.csv", student=["nobody"])
    with pytest.raises(SystemExit):
        export(course, kind, tmp_path / "out.csv", assignment=["hw9"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nbgrader,Shoe size\nada,42\n", "does not know, 'Shoe size'"),
        ("nbgrader\nada\n", "needs two columns"),
        ("", "needs two columns"),
        ("nbgrader,ID\nada,1\nada,2\n", "has 'ada' twice"),
        ("nbgrader,ID\nada,1\nbea,1\n", "the same ID '1' for 'ada' and 'bea'"),
        ("nbgrader,ID,id\nada,1,2\n", "two columns 'ID'"),
        ("nbgrader,Student,ID\nada,Lovelace, Ada,4711\n", "more than 3 values for 'ada'"),
        ('nbgrader,Student,ID\nada,"Lovelace, Ada,4711\nbea,Bea,2\n', "cannot be read"),
    ],
)
def test_a_student_map_that_says_two_things_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "map.csv"
    path.write_text(text)
    with pytest.raises(StudentMapError, match=reason):
        read_student_map(path, CanvasExportPlugin.identifiers)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_student_map_is_whatever_csv_a_spreadsheet_writes(tmp_path: Path, separator: str, end: str) -> None:
    rows = [["nbgrader", "Student", "id"], ["ada", '"Lovelace\u2028, ""Countess"";\t\nAda"', "1"], ["", "", ""]]
    rows += [["bea", "עדה\x0bb\x85", "2"], ["", "Points Possible", ""]]
    path = tmp_path / "map.csv"
    path.write_text("".join(separator.join(row) + end for row in rows), encoding="utf-8-sig", newline="")
    assert read_student_map(path, CanvasExportPlugin.identifiers) == {
        "ada": {"Student": 'Lovelace\u2028, "Countess";\t\nAda', "ID": "1"},
        "bea": {"Student": "עדה\x0bb", "ID": "2"},
    }


def test_an_extension_alone_is_no_grade_and_no_zero(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = make_course(tmp_path / "c", [Handed("ada", [passed("a")])], {"a": 4.0}, absent=("zoe",))
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}", "ai101") as book:
        book.update_or_create_submission(ASSIGNMENT, "zoe")
        book.grant_extension(ASSIGNMENT, "zoe", days=2)
    for unfinished in (False, True):
        plugin = CanvasExportPlugin(to=str(tmp_path / "c.csv"), unfinished=unfinished)
        plugin.log.propagate = True
        with caplog.at_level("INFO"), Gradebook(f"sqlite:///{made / 'gradebook.db'}", "ai101") as book:
            plugin.export(book)
        found = CanvasImport.of((tmp_path / "c.csv").read_text(encoding="utf-8"))
        assert found.grades == {"ada": {ASSIGNMENT: "4"}, "zoe": {ASSIGNMENT: ""}}
    assert "Exporting grades" in caplog.text
    assert "zoe" not in caplog.text


def test_who_is_in_one_of_map_and_gradebook_is_named(
    course: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "map.csv").write_text("nbgrader,ID\nada,1\nbae,2\ncai,3\nzoe,4\n")
    plugin = CanvasExportPlugin(to=str(tmp_path / "c.csv"), student_map=str(tmp_path / "map.csv"))
    plugin.log.propagate = True
    with caplog.at_level("WARNING"), Gradebook(f"sqlite:///{course / 'gradebook.db'}", "ai101") as book:
        plugin.export(book)
    assert "Left out, for the student map does not have them: bea" in caplog.text
    assert "not in the gradebook: bae" in caplog.text


def test_a_student_map_that_is_not_there_is_refused(course: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        export(course, CanvasExportPlugin, tmp_path / "c.csv", student_map=str(tmp_path / "none.csv"))
    assert not (tmp_path / "c.csv").exists()


@pytest.mark.parametrize("kind", [CanvasExportPlugin, MoodleExportPlugin])
def test_an_id_that_a_spreadsheet_would_run_is_named(
    kind: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With an apostrophe before it, the other system does not find who it is of."""
    made = make_course(tmp_path / "c", [Handed("-ada", [passed("a")]), Handed("bea", [passed("a")])], {"a": 4.0})
    plugin = kind(to=str(tmp_path / "out.csv"))
    plugin.log.propagate = True
    with caplog.at_level("WARNING"), Gradebook(f"sqlite:///{made / 'gradebook.db'}", "ai101") as book:
        plugin.export(book)
    (said,) = [record.getMessage() for record in caplog.records if "apostrophe" in record.getMessage()]
    assert said.endswith(": -ada")
