"""What a cell wrote, kept within a limit and in the form that a notebook may have.

Everything that comes from a kernel is the student's to choose: the messages may be of any size, number and shape.
Kept are text, pictures and HTML without scripts, for an instructor will look at them in a browser where they are
signed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.sandbox.markup import contained, without_scripts

_TEXT_TYPES: Final = ("text/plain", "text/markdown", "text/latex")
IMAGE_TYPES: Final = ("image/png", "image/jpeg", "image/gif")
BASE64: Final = re.compile(r"[A-Za-z0-9+/=\s]*+")
_MESSAGE_COST: Final = 100
"""Characters that a message counts for at least, so that a million empty ones are a flood as well."""
_ERROR_TEXT: Final = 20_000
"""Characters kept of an error, which is kept however much was written before it."""


@dataclass
class CellOutputs:
    """The outputs of one cell, as they arrive.

    Attributes:
        limit: characters to keep.
        flood: characters that are far too many.
        outputs: what is kept, in nbformat's form.
        written: characters that came, kept or not.
        marks: tags and colours that were kept, each of which takes a page's reader far longer than a character.
    """

    limit: int
    flood: int
    outputs: list[NotebookNode] = field(default_factory=list)
    written: int = 0
    marks: int = 0
    _displays: dict[str, list[NotebookNode]] = field(default_factory=dict)
    _clear_first: bool = False

    @property
    def is_flood(self) -> bool:
        """Whether far too much came."""
        return self.written > self.flood

    def take(self, kind: object, content: object) -> None:
        """Keeps what a message on the iopub channel says, or drops it.

        Args:
            kind: its type.
            content: its content.
        """
        before = self.written
        self.written += max(_length(content), _MESSAGE_COST)
        if not isinstance(content, dict):
            return
        if kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
        elif kind == "error":
            self._add_error(content)
        elif kind == "stream":
            self._add_text(content, self.limit - before)
        elif kind in ("display_data", "execute_result", "update_display_data") and self.written <= self.limit:
            self._add_display(str(kind), content)

    def _add(self, output: NotebookNode) -> None:
        if self._clear_first:
            self._clear(wait=False)
        self.outputs.append(output)

    def _clear(self, *, wait: bool) -> None:
        self._clear_first = wait
        if not wait:
            self.outputs.clear()
            self._displays.clear()

    def _add_text(self, content: Mapping[str, Any], room: int) -> None:
        name, text = content.get("name"), _plain(content.get("text"))
        if room <= 0 or not text or name not in ("stdout", "stderr"):
            return
        self.marks += text.count("\x1b", 0, room)
        last = self.outputs[-1] if self.outputs and not self._clear_first else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text[:room]
        else:
            self._add(new_output("stream", name=name, text=text[:room]))

    def _add_error(self, content: Mapping[str, Any]) -> None:
        if self.written > self.limit and any(output.output_type == "error" for output in self.outputs):
            return
        lines = content.get("traceback")
        trace = "\n".join(_plain(line) for line in lines) if isinstance(lines, list) else ""
        self._add(
            new_output(
                "error",
                ename=_plain(content.get("ename"))[:_ERROR_TEXT],
                evalue=_plain(content.get("evalue"))[:_ERROR_TEXT],
                traceback=trace[-_ERROR_TEXT:].split("\n"),
            )
        )

    def _add_display(self, kind: str, content: Mapping[str, Any]) -> None:
        data = _kept_data(content.get("data"))
        self.marks += sum(text.count("<") + text.count("\x1b") for text in data.values())
        data = _contained(data)
        transient = content.get("transient")
        name = transient.get("display_id") if isinstance(transient, dict) else None
        known = self._displays.setdefault(name, []) if isinstance(name, str) else []
        for output in known:
            output.data = NotebookNode(data)
        if kind == "update_display_data" or not data:
            return
        output = new_output(kind, data=data)
        if kind == "execute_result":
            count = content.get("execution_count")
            output.execution_count = count if type(count) is int else None
        self._add(output)
        known.append(output)


def _kept_data(data: object) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    kept = {name: _plain(data[name]) for name in (*_TEXT_TYPES, *IMAGE_TYPES) if name in data}
    kept = {name: text for name, text in kept.items() if name in _TEXT_TYPES or BASE64.fullmatch(text)}
    if "text/html" in data:
        kept["text/html"] = without_scripts(_plain(data["text/html"]))
    return {name: text for name, text in kept.items() if text}


def _contained(data: dict[str, str]) -> dict[str, str]:
    """The same, each of what a page lays out in a box of its own; a formula, which a page takes as it is, as HTML."""
    if "text/html" not in data and "text/latex" in data:
        return data | {"text/html": contained(escape(data["text/latex"], quote=False))}
    return data | {kind: contained(data[kind]) for kind in ("text/html",) if kind in data}


def _plain(value: object) -> str:
    """Text that can be written as UTF-8; empty for anything else."""
    if isinstance(value, list):
        value = "".join(item for item in value if isinstance(item, str))
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _length(value: object) -> int:
    try:
        return len(str(value))
    except RecursionError:
        return 0
