"""Any bytes at all become a notebook, or a reason in plain words."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.grading.submissions import MAX_CELL, UnreadableNotebookError, read_submission

LIMIT = 100 * 2**20
CELLS = [new_markdown_cell("# Title"), new_code_cell("x = 1"), new_code_cell("y = 2")]
NOTEBOOK = nbformat.writes(new_notebook(cells=CELLS)).encode()


def sources(content: bytes) -> list[str]:
    return [cell.source for cell in read_submission(content, LIMIT).notebook.cells]


def test_a_notebook_is_read_as_it_is() -> None:
    submission = read_submission(NOTEBOOK, LIMIT)
    assert [cell.source for cell in submission.notebook.cells] == ["# Title", "x = 1", "y = 2"]
    assert [cell.id for cell in submission.notebook.cells] == [cell.id for cell in CELLS]
    assert submission.notices == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html>sign in</html>", "not valid JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not valid JSON"),
        (b'"a string"', "another kind"),
        (b"[1, 2]", "another kind"),
        (b"{}", "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b"[" * 200_000, "nested without end"),
        (b'{"nbformat": 3, "worksheets": 5}', "old format"),
    ],
)
def test_what_is_no_notebook_gets_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableNotebookError, match=reason):
        read_submission(content, LIMIT)


def test_a_file_over_the_limit_is_not_opened() -> None:
    with pytest.raises(UnreadableNotebookError, match="too large"):
        read_submission(NOTEBOOK + b" " * 1000, 1000)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_truncated_notebook_keeps_its_whole_cells(share: float) -> None:
    submission = read_submission(NOTEBOOK[: int(len(NOTEBOOK) * share)], LIMIT)
    assert ["# Title", "x = 1", "y = 2"][: len(submission.notebook.cells)] == [
        c.source for c in submission.notebook.cells
    ]
    assert "recovered" in submission.notices[0].render("en")


def test_a_byte_order_mark_and_utf_16_are_read() -> None:
    text = NOTEBOOK.decode()
    assert sources(text.encode("utf-8-sig")) == sources(text.encode("utf-16")) == sources(NOTEBOOK)


def test_other_encodings_are_read_with_a_notice() -> None:
    content = nbformat.writes(new_notebook(cells=[new_code_cell("año = 1")])).replace("\\u00f1", "ñ").encode("latin-1")
    submission = read_submission(content, LIMIT)
    assert submission.notices
    assert len(submission.notebook.cells) == 1


def test_nbformat_3_is_converted() -> None:
    cells = [{"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": []}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    assert sources(json.dumps(old).encode()) == ["x = 1"]


def test_an_unknown_newer_format_is_read_by_its_cells() -> None:
    newer = {"nbformat": 9, "cells": [{"cell_type": "code", "source": ["x", " = 1"]}]}
    assert sources(json.dumps(newer).encode()) == ["x = 1"]


def test_cells_that_are_no_cells_are_left_out() -> None:
    odd = {
        "nbformat": 4,
        "cells": [3, None, {"cell_type": "code"}, {"cell_type": "video", "source": "x"}, {"source": 5}],
    }
    submission = read_submission(json.dumps(odd).encode(), LIMIT)
    assert [(cell.cell_type, cell.source) for cell in submission.notebook.cells] == [
        ("code", ""),
        ("markdown", "x"),
        ("markdown", ""),
    ]
    nbformat.validate(submission.notebook)


def test_fifty_megabytes_of_outputs_stay_behind() -> None:
    heavy = new_notebook(cells=[new_code_cell("x = 1")])
    heavy.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * 50_000_000)]
    assert len(nbformat.writes(read_submission(nbformat.writes(heavy).encode(), LIMIT).notebook)) < 1000


def test_a_cell_beyond_all_measure_is_emptied_with_a_notice() -> None:
    submission = read_submission(
        nbformat.writes(new_notebook(cells=[new_code_cell("#" * (MAX_CELL + 1))])).encode(), LIMIT
    )
    assert submission.notebook.cells[0].source == ""
    assert submission.notices


def test_pasted_pictures_are_kept_and_nothing_else_that_is_attached() -> None:
    attached = {
        "a.png": {"image/png": "AAAA", "text/html": "<b>"},
        "b": {"image/png": 'A"'},
        "c": {"image/svg+xml": "A"},
    }
    cells = [
        {"cell_type": kind, "source": "x", "metadata": {}, "attachments": attached} for kind in ("markdown", "code")
    ]
    found = read_submission(json.dumps({"cells": cells, "nbformat": 4}).encode(), LIMIT).notebook.cells
    assert found[0].attachments == {"a.png": {"image/png": "AAAA"}}
    assert "attachments" not in found[1]


def test_duplicate_cell_ids_become_unique() -> None:
    twins = {"nbformat": 4, "cells": [{"cell_type": "code", "id": "a", "source": "1"}] * 2}
    notebook = read_submission(json.dumps(twins).encode(), LIMIT).notebook
    assert len({cell.id for cell in notebook.cells}) == 2


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise_anything_else(content: bytes) -> None:
    try:
        notebook = read_submission(content, LIMIT).notebook
    except UnreadableNotebookError as error:
        notebook = new_notebook(cells=[new_markdown_cell(error.reason.render("es"))])
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    "metadata",
    [
        {"tags": [5, None, "\ud800"]},
        {"a": "\ud800"},
        {"nbgrader": {"grade_id": "\ud800"}},
        {"nbgrader": [[]]},
        {"tags": 7},
    ],
)
def test_hostile_texts_and_metadata_leave_a_notebook_that_can_be_written(metadata: dict[str, object]) -> None:
    cell = {"cell_type": "code", "source": "x = '\ud800\x00'", "metadata": metadata}
    data = {"nbformat": 4, "cells": [cell], "metadata": {"kernelspec": {"name": "\udfff", "language": []}}}
    notebook = read_submission(json.dumps(data).encode(), LIMIT).notebook
    nbformat.validate(notebook)
    assert nbformat.writes(notebook).encode()
    assert notebook.cells[0].source == "x = '?\x00'"
    assert set(notebook.cells[0].metadata) <= {"nbgrader"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "id", "nbformat", "worksheets", "outputs"]),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.fixed_dictionaries({"cells": st.lists(JSON, max_size=4)}, optional={"metadata": JSON, "nbformat": JSON}))
def test_any_json_with_cells_becomes_a_valid_notebook(data: object) -> None:
    nbformat.validate(read_submission(json.dumps(data).encode(), LIMIT).notebook)
