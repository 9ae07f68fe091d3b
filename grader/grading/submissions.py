"""Reading what students hand in: any bytes at all become a notebook, or a reason in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import nbformat
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.grading.stripping import LARGEST, without_outputs
from grader.kit.messages import Message, tr
from grader.sandbox.outputs import BASE64, IMAGE_TYPES

MAX_CELL: Final = 1_000_000
"""Characters of one cell: a hundred times the longest cell of any assignment."""

MAX_CELLS: Final = 2_000

MAX_PICTURES: Final = 20 * 2**20
"""Characters of pictures pasted into a notebook's text, together; what is beyond is left out."""

STRIPPED: Final = tr("The file is too large with its outputs; it was graded without them.")

_CELL_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class UnreadableNotebookError(Exception):
    """The file holds no notebook; `reason` says why, for the student."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason.render("en"))


@dataclass(frozen=True)
class OpenedNotebook:
    """A notebook as it was handed in.

    Attributes:
        notebook: well-formed nbformat 4: each cell has its type, source, metadata and pasted pictures, and no outputs.
        notices: what had to be repaired, for the student.
    """

    notebook: NotebookNode
    notices: tuple[Message, ...] = ()


def read_submission(content: bytes, max_bytes: int) -> OpenedNotebook:
    """Reads a submitted file, repairing what can be repaired.

    Args:
        content: the file.
        max_bytes: a larger file is opened only if it is no larger without its outputs.

    Raises:
        UnreadableNotebookError: there is no notebook in it.
    """
    if not content.strip():
        raise UnreadableNotebookError(tr("The file is empty."))
    notices: list[Message] = []
    if len(content) > max_bytes:
        stripped = without_outputs(content, max_bytes) if len(content) <= LARGEST * max_bytes else None
        if stripped is None:
            raise UnreadableNotebookError(
                tr(
                    "The file is too large ({size} MB): clear its outputs and hand it in again.",
                    size=len(content) // 10**6,
                )
            )
        content = stripped
        notices.append(STRIPPED)
    text, faithful = _decode(content)
    if not faithful:
        notices.append(tr("The file is not UTF-8 text; some characters were replaced."))
    try:
        data = json.loads(text)
    except RecursionError:
        raise UnreadableNotebookError(tr("The file is not a notebook: its JSON is nested without end.")) from None
    except ValueError:
        cells = list(_salvage_cells(text))
        if not cells:
            raise UnreadableNotebookError(tr("The file is not a notebook: it is not valid JSON.")) from None
        notices.append(
            tr("The file is damaged, perhaps cut off: {n} cells could be recovered from its beginning.", n=len(cells))
        )
        data = {"cells": cells, "nbformat": 4}
    notebook = _as_version_4(data)
    return OpenedNotebook(_rebuilt(notebook, notices), tuple(notices))


def _decode(content: bytes) -> tuple[str, bool]:
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return content.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace"), False


def _salvage_cells(text: str) -> Iterator[Any]:
    """The whole cells at the beginning of a truncated notebook."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    if start is None:
        return
    decoder, position = json.JSONDecoder(), start.end()
    while True:
        separator = re.compile(r"[\s,]*").match(text, position)
        position = separator.end() if separator is not None else position
        try:
            cell, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield cell


def _as_version_4(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise UnreadableNotebookError(tr("The file is not a notebook: it is JSON of another kind."))
    if isinstance(data.get("cells"), list):
        return data
    if "worksheets" in data or data.get("nbformat") in (1, 2, 3):
        try:
            converted: dict[str, Any] = nbformat.convert(from_dict(data), 4)
            return converted
        except Exception as error:
            raise UnreadableNotebookError(
                tr("The notebook is of an old format that cannot be converted: save it again with JupyterLab.")
            ) from error
    raise UnreadableNotebookError(tr("The file is not a notebook: it has no cells."))


def _rebuilt(data: dict[str, Any], notices: list[Message]) -> NotebookNode:
    """A notebook of well-formed cells: whatever else was in the file stays behind."""
    cells = []
    raw_cells = [cell for cell in data["cells"] if isinstance(cell, dict)]
    if len(raw_cells) > MAX_CELLS:
        notices.append(tr("The notebook has more than {n} cells; the rest was left out.", n=MAX_CELLS))
    seen: set[str] = set()
    room = MAX_PICTURES
    for raw in raw_cells[:MAX_CELLS]:
        source = _text(raw.get("source", raw.get("input", "")))
        if len(source) > MAX_CELL:
            notices.append(tr("A cell of {n} million characters was left out.", n=len(source) // 10**6))
            source = ""
        kind = "code" if raw.get("cell_type") == "code" else "markdown"
        cell = new_cell(kind, source, _kept_metadata(raw.get("metadata")))
        identifier = raw.get("id")
        if isinstance(identifier, str) and _CELL_ID.fullmatch(identifier) and identifier not in seen:
            cell.id = identifier
        seen.add(cell.id)
        pictures = _kept_pictures(raw.get("attachments")) if kind == "markdown" else {}
        room -= sum(len(text) for bundle in pictures.values() for text in bundle.values())
        if pictures and room >= 0:
            cell.attachments = pictures
        cells.append(cell)
    metadata = data.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    names = ("name", "display_name", "language")
    spec = {key: _text(kernel.get(key)) for key in names} if isinstance(kernel, dict) else None
    notebook: NotebookNode = new_notebook(cells=cells, metadata={} if spec is None else {"kernelspec": spec})
    return notebook


def _kept_pictures(attachments: Any) -> dict[str, dict[str, str]]:
    """The pictures that were pasted into a cell, by name and type."""
    bundles = attachments.items() if isinstance(attachments, dict) else ()
    found = {_text(name): _pictures_in(bundle) for name, bundle in bundles if isinstance(bundle, dict)}
    return {name: pictures for name, pictures in found.items() if name and pictures}


def _pictures_in(bundle: dict[str, Any]) -> dict[str, str]:
    texts = {kind: _text(bundle[kind]) for kind in IMAGE_TYPES if kind in bundle}
    return {kind: text for kind, text in texts.items() if BASE64.fullmatch(text)}


def _kept_metadata(metadata: Any) -> dict[str, Any]:
    """The one thing in a cell's metadata that is of use: which of nbgrader's cells it says it is."""
    name = grade_id_in(metadata)
    return {"nbgrader": {"grade_id": _text(name)}} if name is not None else {}


def grade_id_in(metadata: Any) -> str | None:
    """The name under which nbgrader knows the cell with this metadata, whatever a student made of it."""
    claims = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = claims.get("grade_id") if isinstance(claims, dict) else None
    return name if isinstance(name, str) else None


def new_cell(cell_type: str, source: str, metadata: Mapping[str, Any]) -> NotebookNode:
    """A well-formed code or markdown cell."""
    make: Callable[..., NotebookNode] = new_code_cell if cell_type == "code" else new_markdown_cell
    return make(source=source, metadata=metadata)


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    # JSON can hold halves of surrogate pairs, and no file or database can.
    return source.encode("utf-8", "replace").decode("utf-8") if isinstance(source, str) else ""
