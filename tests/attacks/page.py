"""``docs/attacks.md``: what came of each attack, here and with plain nbgrader."""

from __future__ import annotations

import re
from pathlib import Path

from tests.attacks.attack import Attack, attacks
from tests.attacks.isolated import Outcome
from tests.attacks.plain import PlainOutcome

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
_ROW = re.compile(r"^\| \w+ \| \[`(\w+)`\]")
_SUCCEEDS = "**"
_NOT_RUN = "not run"


def rows_of(page: str) -> dict[str, str]:
    """The rows of the page, by the attack's name."""
    return {found[1]: line for line in page.splitlines() if (found := _ROW.match(line))}


def row(attack: Attack, outcome: Outcome, plain: PlainOutcome) -> str:
    """One attack's row."""
    verdicts = ", ".join(sorted(outcome.verdicts))
    here = "; ".join([f"{outcome.score:g} of 10 ({verdicts})", *outcome.damage])
    there = f"{_SUCCEEDS}{plain.text}{_SUCCEEDS}" if plain.succeeds else plain.text
    name = f"[`{attack.name}`](../tests/attacks/corpus/{attack.name}.py)"
    title = " ".join(attack.title.split()).replace("|", "\\|")
    return f"| {attack.family} | {name} | {title} | {attack.score:g} | {there} | {here} |"


def update_page(attack: Attack, here: Outcome, plain: PlainOutcome) -> None:
    """Writes the row of an attack that was run, and leaves the others as they are."""
    rows = rows_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    rows[attack.name] = row(attack, here, plain)
    known = [rows[attack.name] for attack in attacks() if attack.name in rows]
    PAGE.write_text("\n".join([_header(known), *known]) + "\n", encoding="utf-8")


def _header(rows: list[str]) -> str:
    attacking = [line for line in rows if not line.startswith("| control ")]
    outcomes = [line.split(" | ")[-2] for line in attacking]
    succeeded = sum(outcome.startswith(_SUCCEEDS) for outcome in outcomes)
    not_run = sum(outcome.startswith(_NOT_RUN) for outcome in outcomes)
    return f"""<!-- Made by `make attacks`, which runs every attack against both graders. Do not edit. -->

# Attacks, and what comes of them

Each row is one file of `tests/attacks/corpus/`: a student's notebook that attacks in the exercise `double`, worth
ten points, and solves the exercise beside it. *Earned* are the points that its answer deserves. *Plain nbgrader* has
its own defaults, and the same checks as `assert` cells, visible and hidden; where the attacker got more than was
earned, its outcome is **bold**. *AulaTorch* shows the score and the verdicts of the checks, and after a semicolon any
damage.

Of {len(attacking)} attacks, plain nbgrader falls for {succeeded}.
{not_run} more were not run against it, because nothing there would have kept them from harming the machine.

| family | attack | what it tries | earned | plain nbgrader | AulaTorch |
|---|---|---|---|---|---|"""
