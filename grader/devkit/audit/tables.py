"""An audit on a terminal: a row an exercise, and what is to be mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.devkit.audit.equivalents import EQUIVALENTS, table_of

if TYPE_CHECKING:
    from grader.devkit.audit.mutants import Mutant
    from grader.devkit.audit.verdicts import ExerciseAudit

COLUMNS: Final = (
    "mutants", "killed", "marked", "survived", "seen", "named", "facts", "nothing", "false", "refused", "slowest check",
)  # fmt: skip
"""Of the table of exercises: `rows` fills them."""


def rows(audits: Sequence[ExerciseAudit]) -> list[tuple[str, ...]]:
    """The table of exercises, a row each, with the name first; a last row for all where there are several."""
    found = [(audit.exercise, *_cells([audit])) for audit in audits]
    return [*found, ("all", *_cells(audits))] if len(audits) > 1 else found


def _cells(audits: Sequence[ExerciseAudit]) -> tuple[str, ...]:
    tried = sum(len(audit.tried) for audit in audits)
    made = sum(audit.made for audit in audits)
    killed = sum(len(audit.killed) for audit in audits)
    seen = killed - sum(len(audit.unseen) for audit in audits)
    slowest = max((seconds for audit in audits for seconds in audit.times.values()), default=0.0)

    def share(count: int) -> str:
        return f"{100 * count / killed:.1f} %" if killed else "-"

    return (
        f"{tried}" if tried == made else f"{tried} of {made}",
        str(killed),
        str(sum(len(audit.marked) for audit in audits)),
        str(sum(len(audit.survived) for audit in audits)),
        share(seen),
        share(sum(len(audit.named) for audit in audits)),
        share(sum(len(audit.with_facts) for audit in audits)),
        share(sum(len(audit.with_nothing) for audit in audits)),
        str(sum(len(audit.false_names) for audit in audits)),
        str(sum(len(audit.refusals) for audit in audits)),
        f"{slowest:.2f} s",
    )


def show(audits: Sequence[ExerciseAudit], console: Console) -> None:
    """Prints what came of an audit."""
    for audit in audits:
        for title, lines in details(audit):
            console.print(f"{audit.exercise}: {title}", style="bold", highlight=False)
            for line in lines:
                console.print(Text(f"  {line}"), soft_wrap=True)
            console.print()
    if any(audit.survived for audit in audits):
        console.print(f"Marks for {EQUIVALENTS}, for those that are right answers too:\n")
        for audit in audits:
            for mutant in audit.survived:
                console.print(table_of(mutant), markup=False, highlight=False, soft_wrap=True)
    table = Table("exercise")
    for title in COLUMNS:
        table.add_column(title, justify="right")
    cells = rows(audits)
    for row, audit in zip(cells, audits, strict=False):
        table.add_row(*row, style="red" if audit.problems else None)
    if len(cells) > len(audits):
        table.add_section()
        table.add_row(*cells[-1])
    console.print(table)


def details(audit: ExerciseAudit) -> list[tuple[str, list[str]]]:
    """What is to be mended or known, under a title each; what there is none of is left out."""
    found: list[tuple[str, Iterable[str]]] = [
        ("changes that no check notices", map(changed, audit.survived)),
        ("marked as right, and a check fails", map(changed, audit.contradicted)),
        (
            f"marks in {EQUIVALENTS} that no change has any more",
            (f"{mark.of}: {mark.operator}: {_one_line(mark.old)} → {_one_line(mark.new)}" for mark in audit.stale),
        ),
        (
            "right answers that lose points",
            (f"{item.answer}, seed {item.seed}: {item.check}: {item.problem}" for item in audit.refusals),
        ),
        ("checks that broke instead of judging", (f"{who}: {check}: {fault}" for who, check, fault in audit.faults)),
        (
            "named as a mistake that it is not",
            (f"{changed(item.mutant)}: {item.mistake}, seed {item.seed}" for item in audit.false_names),
        ),
        ("mistakes that cannot be told apart", (f"{one} = {other}" for one, other in audit.twins)),
        ("changes that hidden checks alone notice", map(changed, audit.unseen)),
        (
            "told that it is wrong, and nothing to go on",
            (f"{changed(mutant)}: {told}" for mutant, told in audit.told_nothing),
        ),
        ("checks that never caught anything", audit.idle),
        (
            "never drawn",
            (
                f"{name}, {kind}: {', '.join(classes)}"
                for name, parameter in audit.inputs.parameters.items()
                for kind, classes in parameter.never.items()
            ),
        ),
        (
            "always the same",
            (
                f"{name} is {parameter.only_value}"
                for name, parameter in audit.inputs.parameters.items()
                if parameter.only_value is not None
            ),
        ),
    ]
    listed = [(title, list(lines)) for title, lines in found]
    return [(title, lines) for title, lines in listed if lines]


def changed(mutant: Mutant) -> str:
    """A mutant in a line: where it was changed, and what."""
    return f"{mutant.base}, line {mutant.line}, {mutant.operator}: {_one_line(mutant.old)} → {_one_line(mutant.new)}"


def _one_line(text: str) -> str:
    lines = text.splitlines()
    return " ⏎ ".join(lines) if len(lines) < 4 else f"{lines[0]} ⏎ … ⏎ {lines[-1]}"
