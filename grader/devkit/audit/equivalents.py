"""Mutants that are right answers too: marked once, with the reason, in ``equivalents.toml`` beside the answers.

::

    [[equivalent]]
    of = "solution"
    operator = "removed_call"
    old = "total += loss.detach().item()"
    new = "total += loss.item()"
    reason = "item() gives a number, which holds no graph."

A mark names a change by what was changed and how, so that it outlives changes elsewhere; one that no mutant has any
more is *stale*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from grader.evidence.mistakes import AnswerError, read_tables
from grader.evidence.mutation.mutants import OPERATORS, Mutant

EQUIVALENTS: Final = "equivalents.toml"


@dataclass(frozen=True)
class Mark:
    """One table ``[[equivalent]]``.

    Attributes:
        of: the right answer's name.
        operator: what changed it.
        old: the lines before, without indentation.
        new: the lines after.
        reason: why that is a right answer too.
    """

    of: str
    operator: str
    old: str
    new: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """As `Mutant.key`."""
        return self.of, self.operator, self.old, self.new


def read_marks(folder: Path) -> list[Mark]:
    """The marks in an exercise's folder of answers, in their order; none where there is no file.

    Raises:
        AnswerError: the file is not as it should be.
    """
    path = folder / EQUIVALENTS
    names = [field.name for field in fields(Mark)]
    found: dict[tuple[str, str, str, str], Mark] = {}
    for position, table in enumerate(read_tables(path, "equivalent"), 1):
        where = f"{path}: equivalent number {position}"
        if set(table) != set(names) or not all(isinstance(value, str) and value.strip() for value in table.values()):
            raise AnswerError(f"{where}: it needs these texts and no more: {', '.join(names)}")
        mark = Mark(**{name: table[name] for name in names})
        if mark.operator not in OPERATORS:
            raise AnswerError(f"{where}: no operator is called {mark.operator!r}; there are: {', '.join(OPERATORS)}")
        if mark.key in found:
            raise AnswerError(f"{where}: the same change is marked above")
        found[mark.key] = mark
    return list(found.values())


def stale(marks: Sequence[Mark], mutants: Sequence[Mutant]) -> list[Mark]:
    """The marks that name none of an exercise's mutants."""
    known = {mutant.key for mutant in mutants}
    return [mark for mark in marks if mark.key not in known]


def table_of(mutant: Mapping[str, str]) -> str:
    """A mark for a mutant, ready to be pasted: all but its reason."""
    lines = [f"{name} = {_toml(mutant[name])}" for name in ("of", "operator", "old", "new")]
    return "\n".join(["[[equivalent]]", *lines, 'reason = ""'])


def _toml(text: str) -> str:
    if "\n" not in text and "'" not in text:
        return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""\n{escaped}"""' if "\n" in text else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
