"""Why a name is missing that a check looks for: the cell that would have defined it stopped, or stands below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from grader.checking.asking import said_of_asked
from grader.checking.results import CheckResult, Verdict
from grader.kit.messages import Message, tr

_NAMED: Final = re.compile(r"[`']([A-Za-z_]\w*)[`'] is not defined")
_STUB: Final = re.compile(r"^\s*raise NotImplementedError(?:\(\))?\s*$", re.MULTILINE)
_CELL_MAGIC: Final = re.compile(r"\s*(%%\w+)")
_BYTE_ORDER_MARK: Final = "\ufeff"
_SHOWN: Final = 60
_ERROR_SHOWN: Final = 120
_MOST_EXPLAINED: Final = 3


def explained(
    cells: Sequence[str],
    errors: Mapping[int, str],
    check: int,
    found: Iterable[CheckResult],
    asked: Mapping[str, str] = MappingProxyType({}),
) -> list[Message]:
    """What an exercise's results leave unsaid: why a name is missing, or that the answer stands below.

    Args:
        cells: the sources of the notebook's cells; the texts of those that are no code are empty.
        errors: by position, how a cell ended that did not run to its end.
        check: the position of the exercise's check cell.
        found: its results.
        asked: lines that were set aside as they ask for something to be typed, by the names that they define.
    """
    messages: dict[str, Message] = {}
    for result in found:
        if result.passed or result.diagnosis is None:
            continue
        name = missing_name(result.diagnosis.problem.render("en"))
        reasons: list[Message | None] = []
        if name is not None:
            reasons = [said_of_asked(name, asked)] if name in asked else [why_missing(name, cells, errors, check)]
            stopped = _stopped_before(name, cells, errors, check)
            needed = missing_name(errors[stopped]) if stopped is not None else None
            reasons.append(said_of_asked(needed, asked) if needed is not None else None)
        if not any(reasons) and result.verdict is Verdict.NOT_ATTEMPTED:
            reasons = [why_untouched(cells, check)]
        for why in reasons:
            if why is not None:
                messages.setdefault(why.render("en"), why)
    return list(messages.values())[:_MOST_EXPLAINED]


def missing_name(problem: str) -> str | None:
    """The name that a check's finding, in English, says is not defined."""
    found = _NAMED.search(problem)
    return found[1] if found is not None else None


def defines(source: str, name: str) -> bool:
    """Whether a cell would define a name, by its text: it may not be Python at all."""
    source = source.replace(_BYTE_ORDER_MARK, "")
    if name not in source:
        return False
    word = re.escape(name)
    return (
        re.search(
            rf"^\s*(?:async\s+)?(?:def|class)\s+{word}\b|^\s*{word}\s*(?::[^=\n]+)?=(?!=)"
            rf"|^\s*(?:from\s+\S+\s+)?import\b[^\n]*\b{word}\b|^\s*\w[\w\s,]*\b{word}\s*[,=](?!=)",
            source,
            re.MULTILINE,
        )
        is not None
    )


def is_stub_of(source: str, name: str) -> bool:
    """Whether a cell defines a name and leaves it undone."""
    return defines(source, name) and _STUB.search(source) is not None


def why_missing(name: str, cells: Sequence[str], errors: Mapping[int, str], check: int) -> Message | None:
    """Why a name is missing at a check, where the notebook tells.

    Args:
        name: that is missing.
        cells: the sources of the notebook's cells; the texts of those that are no code are empty.
        errors: by position, how a cell ended that did not run to its end.
        check: the position of the check's cell.
    """
    stopped = _stopped_before(name, cells, errors, check)
    if stopped is not None:
        return tr(
            "`{name}` is missing because the cell that defines it did not run to its end. The cell begins with"
            " “{line}” and stopped with {error}.",
            name=name,
            line=_first_line(cells[stopped]),
            error=errors[stopped][:_ERROR_SHOWN].rstrip("."),
        )
    for source in cells[:check]:
        magic = _CELL_MAGIC.match(source)
        if magic is not None and defines(source, name):
            return tr(
                "`{name}` is missing: its cell begins with “{line}”, and what is defined under that line is not kept."
                " Delete the line.",
                name=name,
                line=magic[1],
            )
    below = below_check(name, cells, check)
    return tr(_BELOW.text, name=name, line=_first_line(cells[below])) if below is not None else None


def _stopped_before(name: str, cells: Sequence[str], errors: Mapping[int, str], check: int) -> int | None:
    """The position of a cell above a check that would define a name and did not run to its end."""
    return next((place for place in sorted(errors) if place < check and defines(cells[place], name)), None)


def why_untouched(cells: Sequence[str], check: int) -> Message | None:
    """Where an exercise is as it was given above its check, and done below it: what to say."""
    for position, source in enumerate(cells[:check]):
        for name in re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE):
            if not is_stub_of(source, name) or any(defines(later, name) for later in cells[position + 1 : check]):
                continue
            below = below_check(name, cells, check)
            if below is not None and not is_stub_of(cells[below], name):
                return tr(_BELOW.text, name=name, line=_first_line(cells[below]))
    return None


_BELOW: Final = tr(
    "`{name}` is defined below its check, in the cell that begins with “{line}”. A check sees what stands above it:"
    " move your cell up."
)


def below_check(name: str, cells: Sequence[str], check: int) -> int | None:
    """The position of a cell below a check that defines a name."""
    return next((position for position in range(check + 1, len(cells)) if defines(cells[position], name)), None)


def _first_line(source: str) -> str:
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
