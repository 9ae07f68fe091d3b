"""A submission has its grade whatever its files are called, or waits for a person, with the reason."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, events, hand_in, make_course, released, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

NAME = f"{ASSIGNMENT}.ipynb"


def renamed(course: Path, student: str, name: str, answers: dict[str, str] = RIGHT) -> Path:
    """Hands in a notebook under another name; returns its folder."""
    hand_in(course, student, answers)
    folder = course / "submitted" / student / ASSIGNMENT
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / NAME).rename(folder / name)
    return folder


def beside(course: Path, student: str, name: str, answers: dict[str, str]) -> Path:
    """Hands in a notebook beside what the student handed in already."""
    original = course / "submitted" / student / ASSIGNMENT / NAME
    kept = original.read_bytes()
    folder = renamed(course, student, name, answers)
    original.write_bytes(kept)
    return folder


def hand_in_all_kinds(course: Path) -> dict[str, float | str]:
    """A class of names; returns each student's score, or a part of the reason why a person decides."""
    kinds = {
        "browser": f"{ASSIGNMENT} (1).ipynb",
        "capital": "Warmup.ipynb",
        "upper": f"{ASSIGNMENT}.IPYNB",
        "text": f"{NAME}.txt",
        "json": f"{ASSIGNMENT}.json",
        "person": "Tarea de José, final FINAL.ipynb",
        "bare": ASSIGNMENT,
        "inner": f"{ASSIGNMENT}/{NAME}",
        "binary": os.fsdecode(b"w\xff\x1b[31mup.ipynb"),
    }
    for student, name in kinds.items():
        renamed(course, student, name)
    expected: dict[str, float | str] = dict.fromkeys(kinds, 10.0)

    hand_in(course, "copy")
    beside(course, "copy", f"{ASSIGNMENT}-Copy1.ipynb", RIGHT)
    hand_in(course, "draft", RIGHT)
    beside(course, "draft", "draft.ipynb", {"double": RIGHT["double"]})
    hand_in(course, "empty", content=b"")
    beside(course, "empty", f"{ASSIGNMENT} (2).ipynb", RIGHT)
    expected |= {"copy": 10.0, "draft": 10.0, "empty": 10.0}

    hand_in(course, "two", RIGHT)
    beside(course, "two", f"{ASSIGNMENT}-Copy1.ipynb", WRONG)
    renamed(course, "twins", f"{ASSIGNMENT} (1).ipynb")
    hand_in(course, "twins", WRONG)
    os.rename(  # noqa: PTH104
        course / "submitted" / "twins" / ASSIGNMENT / NAME, course / "submitted" / "twins" / ASSIGNMENT / "b.ipynb"
    )
    strange = nbformat.writes(new_notebook(cells=[new_code_cell("x = 1")])).encode()
    hand_in(course, "strange", content=strange)
    folder = course / "submitted" / "strange" / ASSIGNMENT
    (folder / NAME).rename(folder / "mine.ipynb")
    for student, files in {"script": ["answers.py"], "nothing": []}.items():
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        for name in files:
            (folder / name).write_text("def double(x):\n    return 2 * x\n")
    return expected | {
        "two": f"{ASSIGNMENT}-Copy1.ipynb",
        "twins": "b.ipynb",
        "strange": "mine.ipynb",
        "script": "answers.py",
        "nothing": "empty",
    }


def listing(folder: Path) -> list[tuple[str, bytes]]:
    return sorted((str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def entries(course: Path) -> dict[str, tuple[float, bool]]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            submission.student_id: (submission.score, bool(submission.needs_manual_grade))
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }


def test_everybody_has_a_row_whatever_the_files_are_called(tmp_path: Path) -> None:
    make_course(tmp_path)
    expected = hand_in_all_kinds(tmp_path)
    handed_in = listing(tmp_path / "submitted")
    printed = run(tmp_path, "grader", "autograde", ASSIGNMENT, code=1)
    assert listing(tmp_path / "submitted") == handed_in
    found = entries(tmp_path)
    assert found.keys() == expected.keys()
    graded = {event["student"]: event for event in events(tmp_path, "graded")}
    waiting = {event["student"]: event for event in events(tmp_path, "quarantined")}
    for student, what in expected.items():
        if isinstance(what, float):
            assert (student, found[student]) == (student, (what, False))
        else:
            assert (student, found[student]) == (student, (0, True))
            assert what in waiting[student]["reason"]
            assert what in printed
    assert graded["browser"]["files"] == {ASSIGNMENT: f"{ASSIGNMENT} (1).ipynb"}
    assert graded["draft"]["files"] == {}
    run(tmp_path, "grader", "report", ASSIGNMENT, "--csv", "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows.keys() == expected.keys()
    assert f"{ASSIGNMENT} (1).ipynb" in rows["browser"]["notices"]
    assert "answers.py" in rows["script"]["notices"]
    again = run(tmp_path, "grader", "autograde", ASSIGNMENT)
    assert f"{len(expected)} unchanged" in again


def test_nbgrader_s_own_command_knows_the_names_too(tmp_path: Path) -> None:
    make_course(tmp_path)
    expected = hand_in_all_kinds(tmp_path)
    run(tmp_path, "nbgrader", "autograde", ASSIGNMENT)
    found = entries(tmp_path)
    assert found == {
        student: (what, False) if isinstance(what, float) else (0, True) for student, what in expected.items()
    }


def test_files_beside_a_notebook_in_a_subfolder_lie_beside_it(tmp_path: Path) -> None:
    make_course(tmp_path)
    reading = RIGHT | {
        "count": "shift = int(open('shift.txt').read())\ndef count(items):\n    return len(items) + shift"
    }
    folder = renamed(tmp_path, "ada", f"week 1/{NAME}", reading)
    (folder / "week 1" / "shift.txt").write_text("0")
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    assert entries(tmp_path) == {"ada": (10, False)}


def test_a_second_notebook_of_the_assignment_is_not_taken_for_the_first(tmp_path: Path) -> None:
    make_course(tmp_path)
    source = tmp_path / "source" / ASSIGNMENT
    second = nbformat.read(source / NAME, as_version=4)
    for cell in second.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id += "_again"
            cell.id += "x"
            cell.source = cell.source.replace('check("', 'check("again_')
    nbformat.write(second, source / "second.ipynb")
    for checks in (tmp_path / "checks" / ASSIGNMENT).glob("*.py"):
        again = checks.read_text().replace('@exercise("', '@exercise("again_').replace("def test_", "def test_again_")
        (checks.parent / "again").mkdir(exist_ok=True)
        (checks.parent / "again" / checks.name).write_text(again)
    run(tmp_path, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    renamed(tmp_path, "ada", "second (1).ipynb")
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    event = events(tmp_path, "graded")[0]
    assert event["missing"] == ["second"]
    assert event["files"] == {ASSIGNMENT: "second (1).ipynb"}


# ------------------------------------------------------------------------------------------------- too much of it


def many_files(folder: Path) -> None:
    for number in range(6_000):
        (folder / f"{number}.txt").write_text("x")


def many_folders(folder: Path) -> None:
    for number in range(2_500):
        (folder / str(number)).mkdir()


def many_links(folder: Path) -> None:
    for number in range(2_500):
        (folder / str(number)).symlink_to("/dev/zero")


def many_hard_links(folder: Path) -> None:
    (folder / "0").write_text("x")
    for number in range(1, 2_500):
        os.link(folder / "0", folder / str(number))


def deep_folders(folder: Path) -> None:
    (folder / "/".join(["d"] * 40)).mkdir(parents=True)


def long_paths(folder: Path) -> None:
    (folder / "/".join(["d" * 250] * 6)).mkdir(parents=True)


def sparse_files(folder: Path) -> None:
    with (folder / "weights.pt").open("wb") as file:
        file.truncate(2**40)


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (many_files, "more than 2000 files"),
        (many_folders, "more than 2000 files"),
        (many_links, "more than 2000 files"),
        (many_hard_links, "more than 2000 files"),
        (deep_folders, "more than 30 deep"),
        (long_paths, "longer than 1000 bytes"),
        (sparse_files, "over 512 MiB"),
    ],
)
def test_what_is_too_much_to_look_at_is_refused(
    tmp_path: Path, fill: Callable[[Path], None], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.grading import folder
    from grader.grading.folder import FolderRefusedError, files_in

    fill(tmp_path)
    entries = 0
    listed = os.scandir

    class Counted:
        def __init__(self, path: Path) -> None:
            self._listing = listed(path)

        def __enter__(self) -> Counted:
            self._listing.__enter__()
            return self

        def __exit__(self, *error: object) -> None:
            self._listing.close()

        def __iter__(self) -> Counted:
            return self

        def __next__(self) -> os.DirEntry[str]:
            nonlocal entries
            entries += 1
            return next(self._listing)

    monkeypatch.setattr(folder.os, "scandir", Counted)
    with pytest.raises(FolderRefusedError, match=reason):
        files_in(tmp_path)
    assert entries <= folder.MAX_ENTRIES + 1


def test_who_hands_in_too_much_has_a_row_with_the_reason_and_the_others_their_grades(tmp_path: Path) -> None:
    make_course(tmp_path)
    fillers = {"many": many_files, "deep": deep_folders, "sparse": sparse_files, "long": long_paths}
    for student, fill in fillers.items():
        hand_in(tmp_path, student, RIGHT)
        fill(tmp_path / "submitted" / student / ASSIGNMENT)
    hand_in(tmp_path, "zoe", RIGHT)
    odd = tmp_path / "submitted" / "zoe" / ASSIGNMENT / os.fsdecode(b"\xff\x1b[31m.txt")
    odd.write_text("a name that is no text")
    (tmp_path / "source" / ASSIGNMENT / "table.csv").write_text("1,2\n")
    printed = run(tmp_path, "grader", "autograde", ASSIGNMENT, code=1)
    assert entries(tmp_path) == {"zoe": (10, False)} | dict.fromkeys(fillers, (0, True))
    assert {event["student"] for event in events(tmp_path, "quarantined")} == set(fillers)
    assert "many: quarantined" in printed
    left = {path.name for path in (tmp_path / "autograded" / "many" / ASSIGNMENT).iterdir()}
    assert left == {NAME, "table.csv"}
    assert "5 unchanged" in run(tmp_path, "grader", "autograde", ASSIGNMENT)


# ------------------------------------------------------------------------------------------------- too large


def test_a_notebook_too_large_by_its_outputs_alone_is_graded_without_them(tmp_path: Path) -> None:
    make_course(tmp_path, "c.AulaTorch.notebook_size_limit = 1.0\n")
    notebook = released(tmp_path)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = RIGHT[cell.metadata.nbgrader.grade_id.removesuffix("_answer")]
            cell.outputs = [new_output("stream", text="[epoch] {0}\n" * 80_000)]
    content = nbformat.writes(notebook).encode()
    assert len(content) > 2**20
    hand_in(tmp_path, "ada", content=content)
    hand_in(tmp_path, "bruno", content=content.replace(b'"source"', b'"sauce"'))
    hand_in(tmp_path, "carla", content=b"[" * 2**21)
    hand_in(tmp_path, "dario", content=content.replace(b"return 2 * x", b"return 2 * x # " + b"x" * 2**20))
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    graded = {event["student"]: event["score"] for event in events(tmp_path, "graded")}
    assert graded == {"ada": 10, "bruno": 0, "carla": 0, "dario": 0}
    text = (tmp_path / "autograded" / "ada" / ASSIGNMENT / NAME).read_text()
    assert "graded without them" in json.loads(text)["metadata"]["aulatorch"]["notices"][0]
