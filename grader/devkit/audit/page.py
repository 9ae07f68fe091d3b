"""An audit as a page: HTML for anybody, and ``docs/audit.md`` of AulaTorch's own course (``make audit``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, select_autoescape

from grader.devkit.audit.tables import COLUMNS, details, rows

if TYPE_CHECKING:
    from grader.devkit.audit.verdicts import ExerciseAudit


def html(audits: Sequence[ExerciseAudit]) -> str:
    """An assignment's audit as a page of HTML."""
    environment = Environment(
        loader=PackageLoader("grader.devkit.audit"), autoescape=select_autoescape(["html.j2"], default=True)
    )
    return environment.get_template("audit.html.j2").render(
        title=f"Audit of {audits[0].assignment}",
        columns=COLUMNS,
        rows=rows(audits),
        linked={audit.exercise for audit in audits},
        open={audit.exercise for audit in audits if audit.problems},
        audits=audits,
        details=details,
    )
