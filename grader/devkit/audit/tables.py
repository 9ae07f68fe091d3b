"""An audit as rows and lines, from its JSON: for a terminal, and for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from grader.devkit.audit.equivalents import EQUIVALENTS, table_of

COLUMNS: Final = (
    "mutants", "killed", "marked", "survived", "seen", "named", "as changes", "facts", "raised", "nothing", "false",
    "refused", "slowest check",
)  # fmt: skip
"""Of the table of exercises: `rows` fills them."""

_CAUGHT: Final = [
    COLUMNS.index(name) for name in ("mutants", "killed", "marked", "survived", "seen", "refused", "slowest check")
]
"""The columns of a narrow terminal's first table; the second one has the others."""

Content = Mapping[str, Any]
"""What `ExerciseAudit.to_json` gives."""


def rows(audits: Sequence[Content]) -> list[tuple[str, ...]]:
    """The table of exercises, a row each, with the name first; a last row for all where there are several."""
    found = [(audit["exercise"], *_cells([audit])) for audit in audits]
    return [*found, ("all", *_cells(audits))] if len(audits) > 1 else found


def _cells(audits: Sequence[Content]) -> tuple[str, ...]:
    def count(key: str) -> int:
        values = [audit[key] for audit in audits]
        return sum(value if isinstance(value, int) else len(value) for value in values)

    def share(number: int) -> str:
        return f"{100 * number / count('killed'):.1f} %" if count("killed") else "-"

    tried, made = count("tried"), count("mutants")
    slowest = max((seconds for audit in audits for seconds in audit["times"].values()), default=0.0)
    return (
        f"{tried}" if tried == made else f"{tried} of {made}",
        str(count("killed")),
        str(count("marked")),
        str(count("survived")),
        *(share(count(key)) for key in ("seen", "named", "as_changes", "facts", "raised", "nothing")),
        str(count("false_names")),
        str(count("refusals")),
        f"{slowest:.2f} s",
    )


def show(audits: Sequence[Content], console: Console) -> None:
    """Prints what came of an audit."""
    for audit in audits:
        for title, lines in details(audit):
            console.print(f"{audit['exercise']}: {title}", style="bold", highlight=False)
            for line in lines:
                console.print(Text(f"  {line}"), soft_wrap=True)
            console.print()
    if any(audit["survived"] for audit in audits):
        console.print(f"Marks for {EQUIVALENTS}, for those that are right answers too:\n")
        for audit in audits:
            for mutant in audit["survived"]:
                console.print(table_of(mutant), markup=False, highlight=False, soft_wrap=True)
    table = _table(audits, range(len(COLUMNS)))
    if Measurement.get(console, console.options.update(max_width=1000), table).maximum <= console.width:
        console.print(table)
    else:
        for columns in (_CAUGHT, [column for column in range(len(COLUMNS)) if column not in _CAUGHT]):
            console.print(_table(audits, columns, box=box.SIMPLE_HEAD, padding=0, pad_edge=False))


def _table(audits: Sequence[Content], columns: Sequence[int], **style: Any) -> Table:
    """Some columns of the table of exercises."""
    table = Table(**style)
    table.add_column("exercise", no_wrap=True)
    for column in columns:
        table.add_column(COLUMNS[column], justify="right")
    for position, (name, *cells) in enumerate(rows(audits)):
        chosen = (cells[column] for column in columns)
        if position < len(audits):
            table.add_row(name, *chosen, style="red" if audits[position]["problems"] else None)
        else:
            table.add_section()
            table.add_row(name, *chosen)
    return table


def details(audit: Content) -> list[tuple[str, list[str]]]:
    """What is to be mended or known, under a title each; what there is none of is left out."""
    found: list[tuple[str, Iterable[str]]] = [
        ("changes that no check notices", map(changed, audit["survived"])),
        ("marked as right, and a check fails", map(changed, audit["contradicted"])),
        (f"marks in {EQUIVALENTS} that no change has any more", map(changed, audit["stale"])),
        (
            "right answers that lose points",
            (
                f"{item['answer']}, seed {item['seed']}: {item['check']}: {item['problem']}"
                for item in audit["refusals"]
            ),
        ),
        ("checks that broke instead of judging", (": ".join(fault) for fault in audit["faults"])),
        (
            "named as a mistake that it is not",
            (f"{changed(item)}: {item['mistake']}, seed {item['seed']}" for item in audit["false_names"]),
        ),
        ("mistakes that cannot be told apart", (" = ".join(pair) for pair in audit["twins"])),
        ("changes that hidden checks alone notice", map(changed, audit["unseen"])),
        (
            "told that it is wrong, and nothing to go on",
            (f"{changed(item)}: {item['told']}" for item in audit["nothing"]),
        ),
        ("checks that never caught anything", audit["idle"]),
        (
            "never drawn",
            (
                f"{name}, {kind}: {', '.join(classes)}"
                for name, kinds in audit["never_drawn"].items()
                for kind, classes in kinds.items()
            ),
        ),
        ("always the same", (f"{name} is {value}" for name, value in audit["only_value"].items())),
    ]
    listed = [(title, list(lines)) for title, lines in found]
    return [(title, lines) for title, lines in listed if lines]


def changed(mutant: Content) -> str:
    """A mutant in a line: where it was changed, and what."""
    line = f", line {mutant['line']}" if "line" in mutant else ""
    change = f"{_one_line(mutant['old'])} → {_one_line(mutant['new'])}"
    return f"{mutant['of']}{line}, {mutant['operator']}: {change}"


def _one_line(text: str) -> str:
    lines = text.splitlines()
    return " ⏎ ".join(lines) if len(lines) < 4 else f"{lines[0]} ⏎ … ⏎ {lines[-1]}"
