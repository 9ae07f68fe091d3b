"""An audit as a page: HTML for one assignment, and ``docs/audit.md`` of AulaTorch's own course.

``python -m grader.devkit.audit.page FILE…`` writes the latter from what ``grader audit --json`` left: ``make audit``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from jinja2 import Environment, PackageLoader, select_autoescape

from grader.devkit.audit.tables import COLUMNS, Content, changed, details, rows

TARGET: Final = Path(__file__).parents[3] / "docs" / "audit.md"

HEAD: Final = """# Audit of the exercises

What `grader audit` says of AulaTorch's exercises: right answers were changed in the way that students go wrong, one
small change each, and tried on the checks; the right answers themselves were tried with several seeds, the known
mistakes too. `make audit` makes this page; [Writing exercises](authoring.md#is-it-ready-for-students) says how to read
it. An exercise without a row has not been tried.

- **killed**: a check noticed the change; **marked**: it makes a right answer too, and `answers/equivalents.toml`
  beside the exercise says why; **survived**: nobody noticed, and nobody has said why.
- **seen**: of those killed, the share that visible checks notice, which students have.
- **named**: of those killed, the share that is told which mistake it is; **as changes**: of those killed, the part of
  the named ones that no mistake explains which somebody wrote down, and a right answer with one change does.
- **facts**: of those killed, the share without a name that see what was expected and what came, or the error and its
  line; **raised**: the part of them that is told nothing but such an error; **nothing**: the rest.
- **false**: named, and unlike that mistake with other inputs; **refused**: checks that a right answer failed.
"""


def html(audits: Sequence[Content]) -> str:
    """An assignment's audit as a page of HTML."""
    environment = Environment(
        loader=PackageLoader("grader.devkit.audit"), autoescape=select_autoescape(["html.j2"], default=True)
    )
    return environment.get_template("audit.html.j2").render(
        title=f"Audit of {audits[0]['assignment']}",
        columns=COLUMNS,
        rows=rows(audits),
        names={audit["exercise"] for audit in audits},
        open={audit["exercise"] for audit in audits if audit["problems"]},
        audits=audits,
        details=details,
    )


def markdown(audits: Sequence[Content]) -> str:
    """All of a course's audits as a page of Markdown: a table an assignment, and what is to be mended."""
    parts = [HEAD, "\n## All assignments\n\n", *_table(audits, last_alone=True)]
    for assignment in dict.fromkeys(audit["assignment"] for audit in audits):
        own = [audit for audit in audits if audit["assignment"] == assignment]
        parts += [f"\n## {assignment}\n\n", *_table(own)]
        for audit in own:
            parts += _open(audit)
    return "".join(parts)


def _table(audits: Sequence[Content], *, last_alone: bool = False) -> list[str]:
    cells = rows(audits)[-1:] if last_alone else rows(audits)
    return [
        f"| exercise | {' | '.join(COLUMNS)} |\n",
        f"|---|{'--:|' * len(COLUMNS)}\n",
        *(f"| {' | '.join(row)} |\n" for row in cells),
    ]


def _open(audit: Content) -> list[str]:
    """What is to be mended in an exercise."""
    lines = [f"survived: {changed(item)}" for item in audit["survived"]]
    lines += [f"named `{item['mistake']}`, which it is not: {changed(item)}" for item in audit["false_names"]]
    lines += [f"refused: `{item['answer']}`, seed {item['seed']}: {item['problem']}" for item in audit["refusals"]]
    lines += [f"broke: {': '.join(fault)}" for fault in audit["faults"]]
    if not lines:
        return []
    return [f"\n`{audit['exercise']}`:\n\n", *(f"- {_as_code(line)}\n" for line in lines)]


def _as_code(line: str) -> str:
    """A line whose part after its first word is code."""
    kind, _, rest = line.partition(": ")
    return f"{kind}: `` {rest} ``"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(files: Sequence[Path]) -> None:
    """Writes docs/audit.md from what `grader audit --json` wrote into FILES."""
    audits = [audit for path in files for audit in json.loads(path.read_text(encoding="utf-8"))]
    TARGET.write_text(markdown(audits), encoding="utf-8")


if __name__ == "__main__":
    main()
