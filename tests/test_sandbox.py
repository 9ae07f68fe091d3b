"""The sandbox's parts: what is kept of outputs, what is removed, what is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from traitlets.config import Config

from grader.configure import configure
from grader.sandbox import confinement, file_rules
from grader.sandbox.confinement import PROTECTIONS, ConfinementError, require_protections
from grader.sandbox.file_rules import exposed
from grader.sandbox.folders import PrivateFolder, remove_folder, write_files
from grader.sandbox.mappings import mapping_bytes
from grader.sandbox.markup import without_scripts
from grader.sandbox.outputs import CellOutputs
from grader.sandbox.relay import EndlessMessageError, Meter


def test_text_is_kept_up_to_the_limit() -> None:
    found = CellOutputs(limit=2_500, flood=25_000)
    for _ in range(3):
        found.take("stream", {"name": "stdout", "text": "x" * 1_000})
    (output,) = found.outputs
    assert 2_000 < len(output.text) <= 2_500
    assert not found.is_flood


def test_an_error_is_kept_after_any_flood() -> None:
    found = CellOutputs(limit=100, flood=1_000)
    found.take("stream", {"name": "stdout", "text": "x" * 2000})
    found.take("error", {"ename": "E", "evalue": "v" * 10**6, "traceback": ["t" * 10**6]})
    assert found.is_flood
    assert found.outputs[-1].output_type == "error"
    assert len(str(found.outputs)) < 50_000


def test_empty_messages_are_a_flood_as_well() -> None:
    found = CellOutputs(limit=100, flood=1_000)
    for _ in range(20):
        found.take("comm_msg", {})
    assert found.is_flood
    assert found.outputs == []


def test_an_update_replaces_a_display_and_counts() -> None:
    found = CellOutputs(limit=1_000, flood=10_000)
    transient = {"display_id": "mine"}
    found.take("display_data", {"data": {"text/plain": "old"}, "transient": transient})
    found.take("update_display_data", {"data": {"text/plain": "new"}, "transient": transient})
    found.take("update_display_data", {"data": {"text/plain": "y" * 2000}, "transient": transient})
    assert [output.data for output in found.outputs] == [{"text/plain": "new"}]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT src=//evil></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)></svg>",
        "<a href='javascript:alert(1)'>a</a>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action='/formgrader'><input></form>",
    ],
)
def test_html_is_kept_without_scripts(html: str) -> None:
    found = CellOutputs(limit=10_000, flood=100_000)
    found.take("display_data", {"data": {"text/html": html + "<table><tr><td>1</td></tr></table>"}})
    kept = found.outputs[0].data["text/html"]
    assert "<td>1</td>" in kept
    for word in ("<script", "onerror", "onload", "javascript:", "<iframe", "<svg", "<form", "<input"):
        assert word not in kept.lower()


def test_html_comes_out_with_each_element_closed_and_not_nested_without_end() -> None:
    html = without_scripts("</div><b>" + "<div>" * 10_000 + "text")
    assert "text</div>" in html
    assert html.endswith("</div></b>")
    assert html.count("<div>") == html.count("</div>") < 1_000


def test_html_of_a_table_stays_as_it_is() -> None:
    html = '<table border="1" class="dataframe"><tr style="text-align: right"><td>1 &lt; 2</td></tr></table>'
    assert without_scripts(html) == html


@given(st.text(alphabet="<>/ab =\"'&;!-script", max_size=80))
def test_whatever_html_is_made_of_only_known_tags_come_out(html: str) -> None:
    for tag in re.findall(r"<[^>]*>", without_scripts(html)):
        assert re.fullmatch(r'</?(a|b|i|s|p)( (class|style|title|alt)="[^"<>]*")*>', tag)


def test_html_takes_no_part_in_the_page_around_it() -> None:
    html = without_scripts(
        "<div class='nbgrader_cell dataframe'><h1 id='double' class='full-credit'>x</h1><a href='#double'>y</a></div>"
    )
    assert html == '<div class="dataframe"><h1 id="text-double">x</h1><a href="#text-double">y</a></div>'


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("text-align: right; color: rgba(1, 2, 3, .5)", "text-align: right; color: rgba(1, 2, 3, .5)"),
        ("margin-top: -500px", None),
        ("margin-top: calc(0px - (500px))", None),
        ("background: url(http://evil.test)", None),
        ("position: fixed", None),
    ],
)
def test_styles_change_only_how_something_looks_where_it_stands(style: str, kept: str | None) -> None:
    assert without_scripts(f"<p style='{style}'></p>") == ("<p></p>" if kept is None else f'<p style="{kept}"></p>')


COVERS = (
    '<div style="height: 0; overflow: visible"><a href="https://evil.test"><p style="height: 6000px">x</p></a></div>'
)


@pytest.mark.parametrize("html", [COVERS, "<a>", "</div></div><b>", "<table><div>"])
def test_an_output_is_closed_in_a_box_that_clips_it(html: str) -> None:
    found = CellOutputs(limit=10_000, flood=100_000)
    found.take("display_data", {"data": {"text/html": html, "text/latex": "$x$"}})
    kept = found.outputs[0].data["text/html"]
    box = re.fullmatch(r'<div style="contain: paint; overflow: auto">(.*)</div>', kept)
    assert box is not None
    assert box[1] == without_scripts(html)


def test_a_formula_is_shown_in_such_a_box_too() -> None:
    found = CellOutputs(limit=10_000, flood=100_000)
    found.take("display_data", {"data": {"text/latex": r"$\smash{<b>\rule{9em}{99em}}$"}})
    shown = found.outputs[0].data["text/html"]
    assert shown == f'<div style="contain: paint; overflow: auto">{"$"}\\smash{{&lt;b&gt;\\rule{{9em}}{{99em}}}}$</div>'


def test_so_is_markdown() -> None:
    config = Config()
    configure(config)
    page = HTMLExporter(config=config, template_name="basic").from_notebook_node(
        new_notebook(cells=[new_markdown_cell(COVERS)])
    )[0]
    assert f'<div style="contain: paint; overflow: auto">{COVERS[:40]}' in page


@pytest.mark.parametrize(
    ("address", "is_kept"),
    [
        ("https://example.org/a.png", True),
        ("images/a.jpeg", True),
        ("https://example.org/a.png?raw=true", True),
        ("/hub/logout", False),
        ("https://hub.example.org/hub/logout?x=.png", False),
        ("javascript:a.png", False),
    ],
)
def test_a_picture_elsewhere_is_a_picture_by_its_name(address: str, is_kept: bool) -> None:
    html = f'<img src="{address}">'
    assert without_scripts(html, remote_pictures=True) == (html if is_kept else "")
    assert without_scripts(html) == ""


def test_each_tag_and_colour_is_counted() -> None:
    found = CellOutputs(limit=10_000, flood=100_000)
    found.take("display_data", {"data": {"text/html": "<b>1</b><i></i>"}})
    found.take("stream", {"name": "stdout", "text": "\x1b[31mred\x1b[0m"})
    assert found.marks == 6


@pytest.mark.parametrize(
    "markdown",
    ["<script>alert(1)</script>", "[a](javascript:alert)", "<img src=x onerror=alert(1)>", "<svg onload=x></svg>"],
)
def test_pages_show_markdown_without_scripts(markdown: str) -> None:
    config = Config()
    configure(config)
    notebook = new_notebook(cells=[new_markdown_cell(f"# Title\n\nSome *text*, $a < b$ {markdown}")])
    page = HTMLExporter(config=config, template_name="basic").from_notebook_node(notebook)[0]
    assert "<em>text</em>" in page
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in page
    for word in ("<script>alert", "onerror", "onload", "javascript:"):
        assert word not in page


def test_a_picture_that_is_no_base64_is_dropped() -> None:
    found = CellOutputs(limit=1_000, flood=10_000)
    found.take("display_data", {"data": {"image/png": 'AA" onerror="alert(1)', "text/plain": "a picture"}})
    assert found.outputs[0].data == {"text/plain": "a picture"}


def test_text_that_is_no_unicode_can_still_be_written() -> None:
    found = CellOutputs(limit=1_000, flood=10_000)
    found.take("stream", {"name": "stdout", "text": "\ud800"})
    assert found.outputs[0].text.encode() == b"?"


def test_a_folder_goes_however_deep_it_is(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1_100):  # more than Python recurses
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (tmp_path / "kept").write_text("")
    (top / "link").symlink_to(tmp_path)
    remove_folder(top)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_file_beside_the_notebook_cannot_lie_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        write_files({name: b""}, tmp_path)


GREETING = b"\xff" + bytes(8) + b"\x7f\x03" + bytes(53)
PART = bytes((3,)) + (2**20).to_bytes(8, "big") + bytes(2**20)  # one with more to come, of a long size


@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_messages_of_a_kernel_pass_however_they_are_cut(chunk: int) -> None:
    meter = Meter()
    stream = GREETING + (b"\x04\x03abc" + b"\x01\x02id" + b"\x00\x05hello") * 50
    for start in range(0, len(stream), chunk):
        meter.take(stream[start : start + chunk])


def test_a_message_of_endlessly_many_parts_is_stopped() -> None:
    meter = Meter()
    meter.take(GREETING)
    part = PART + b"\x04\x00"  # a command in between ends no message
    with pytest.raises(EndlessMessageError, match="too large"):
        meter.take(part * 17)


def test_endlessly_many_empty_parts_are_stopped() -> None:
    with pytest.raises(EndlessMessageError, match="too large"):
        Meter().take(GREETING + b"\x01\x00" * 200_000)


@pytest.mark.parametrize("said", [b"\x05", b"\xff" + bytes(8) + b"\x7f\x01", GREETING + b"\x80"])
def test_another_protocol_is_stopped(said: bytes) -> None:
    with pytest.raises(EndlessMessageError, match="another protocol"):
        Meter().take(said)


def test_checks_are_not_among_what_a_kernel_reads() -> None:
    package = Path(file_rules.__file__).parents[1]
    for name in ("visible.py", "hidden.py", "judges.py"):
        assert exposed(package / "checks" / "01_tensors" / "arrays" / name) is None
    assert exposed(package / "kit" / "assertions.py") is not None


def test_data_folders_are_readable(tmp_path: Path) -> None:
    assert exposed(tmp_path / "x") is None
    assert exposed(tmp_path / "x", (str(tmp_path),)) == tmp_path


def test_a_missing_protection_stops_grading_unless_it_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "missing_protections", lambda: {"files": "Landlock is missing"})
    with pytest.raises(ConfinementError, match=r"files.*Landlock is missing(.|\n)*accept_unprotected = \['files'\]"):
        require_protections(())
    require_protections(("files",))


def test_elsewhere_than_on_linux_every_protection_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement.sys, "platform", "darwin")
    assert set(confinement.missing_protections.__wrapped__()) == set(PROTECTIONS)


def test_folders_of_processes_that_are_gone_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    making = """
import time
from grader.sandbox.folders import PrivateFolder
folder = PrivateFolder.make("mine-")
print(folder.path, flush=True)
time.sleep(60)
"""
    owners = [
        subprocess.Popen(
            [sys.executable, "-c", making], stdout=subprocess.PIPE, text=True, env={"TMPDIR": str(tmp_path)}
        )
        for _ in range(2)
    ]
    paths = [Path(owner.stdout.readline().strip()) for owner in owners if owner.stdout is not None]
    for path in paths:
        (path / "inner").mkdir()
    (tmp_path / "mine-by-another-name").mkdir()
    (tmp_path / "mine-link-owned").symlink_to(tmp_path)
    try:
        owners[0].kill()
        owners[0].wait()
        made = PrivateFolder.make("mine-")
        left = {"mine-by-another-name", "mine-link-owned", paths[1].name, made.path.name}
        assert {path.name for path in tmp_path.iterdir()} == left
        made.remove()
        assert not made.path.exists()
    finally:
        owners[1].kill()
        owners[1].wait()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own record of a process's memory")
def test_mappings_are_counted_only_where_they_could_hold_much() -> None:
    making = (
        "import mmap\n"
        "kept = [mmap.mmap(-1, 4096, prot=1 + n % 2 * 2) for n in range(2_000)]\n"
        "print('made', flush=True)\n"
        "input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", making], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as made:
        assert made.stdout is not None
        made.stdout.readline()
        assert mapping_bytes([made.pid], 0) >= 2_000 * 256
        assert mapping_bytes([made.pid], 2**40) == 0
        made.communicate("\n")
