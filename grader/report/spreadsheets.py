"""Texts in CSV files that people open with spreadsheets, which run what begins like a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

_FORMULA: Final = re.compile(
    r"^[\s\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff'\"]*[=+\-@＝＋－＠].|^[\t\r\n]", re.DOTALL
)
"""What spreadsheets take for a formula, also behind characters that they drop; OWASP's list for CSV injection."""

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(value: object) -> object:
    """A value as it may stand in a cell: a text that would be run gets an apostrophe before it; numbers stay."""
    if isinstance(value, str) and _FORMULA.search(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def write_rows(file: TextIO, rows: Iterable[Sequence[object]]) -> None:
    """Writes CSV, quoted where it must be, and nothing in it that a spreadsheet would run."""
    csv.writer(file).writerows([harmless(value) for value in row] for row in rows)
