"""The panel that shows a student what an exercise's checks found: HTML, and text where there is no HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from grader.checking.results import VERDICT_TITLES, CheckGroup, ExerciseResult, NamedMistake, Verdict, group
from grader.kit.messages import Message, speaking, tr, trn

_ICONS: Final = {Verdict.PASSED: "✓", Verdict.NOT_ATTEMPTED: "○", Verdict.NOT_JUDGED: "–", Verdict.GRADER_ERROR: "?"}


@dataclass(frozen=True)
class Panel:
    """One exercise's results, rendered.

    Attributes:
        html: for notebooks and feedback pages; styles are inline, and every text is escaped.
        text: for terminals.
    """

    html: str
    text: str

    def bundle(self) -> dict[str, str]:
        """The MIME bundle that Jupyter displays."""
        return {"text/html": self.html, "text/plain": self.text}


def render(result: ExerciseResult, language: str, *, show_score: bool, footer: Message | None = None) -> Panel:
    """Renders an exercise's results.

    Args:
        result: what the checks found.
        language: of the texts.
        show_score: whether to show the points beside the name.
        footer: a last line.
    """
    with speaking(language):
        groups = group(result.checks)
        lines = [_line(item) for item in groups]
        if result.mistake is not None:  # its hint is the one that is known to be true
            for line in lines:
                line.pop("hint", None)
        untouched = all(item.verdict is Verdict.NOT_ATTEMPTED for item in groups)
        closing = str(footer) if footer is not None else ""
        if untouched:  # said once, not under every check
            problems = [line.pop("problem", "") for line in lines]
            closing = next(filter(None, problems), closing)
        context = {
            "exercise": result.exercise,
            "score": _score(result) if show_score else None,
            "summary": str(summary(groups)),
            "all_passed": result.passed,
            "untouched": untouched,
            "mistake": _mistake(result.mistake),
            "notices": [str(notice) for notice in result.notices],
            "groups": lines,
            "hidden_label": str(tr("hidden")),
            "footer": closing,
        }
        return Panel(html=render_template("panel.html.j2", context), text=render_template("panel.txt.j2", context))


def render_template(name: str, context: Mapping[str, Any]) -> str:
    """One of the templates beside this module, with what it is to show."""
    return _environment().get_template(name).render(context)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("grader.checking"), autoescape=select_autoescape(["html.j2"]))
    environment.filters["code"] = _with_code
    return environment


def _with_code(text: str) -> Markup:
    """Escapes a text and sets what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just there


def _mistake(named: NamedMistake | None) -> dict[str, str] | None:
    return None if named is None else {"title": str(named.title), "hint": str(named.hint)}


def _score(result: ExerciseResult) -> str:
    return str(tr("{score} of {points} points", score=f"{result.score:g}", points=f"{result.points:g}"))


def summary(groups: Sequence[CheckGroup]) -> Message:
    """How many checks passed; how many cases, where a check gave points for some of its cases."""
    if any(0 < item.passed < len(item.cases) for item in groups):
        passed, total = sum(item.passed for item in groups), sum(len(item.cases) for item in groups)
        return tr("{passed} of {total} cases passed", passed=passed, total=total)
    passed = sum(item.verdict is Verdict.PASSED for item in groups)
    return trn("{passed} of {total} check passed", "{passed} of {total} checks passed", len(groups), passed=passed)


def _line(item: CheckGroup) -> dict[str, Any]:
    failure = item.failure
    line: dict[str, Any] = {
        "title": str(item.title),
        "verdict": item.verdict.value,
        "icon": _ICONS.get(item.verdict, "✗"),
        "cases": str(tr("{passed} of {total} cases", passed=item.passed, total=len(item.cases)))
        if len(item.cases) > 1
        else "",
        "visible": item.visible,
        "rows": [],
    }
    if failure is None or failure.diagnosis is None:
        return line
    found = failure.diagnosis
    line["problem"] = str(found.problem)
    line["hint"] = str(found.hint) if found.hint is not None else ""
    rows = [
        (tr("called"), found.called),
        (tr("expected"), found.expected),
        (tr("actual"), found.actual),
        (tr("where"), found.where),
    ]
    if item.verdict not in (Verdict.FAILED, Verdict.ERROR, Verdict.NOT_ATTEMPTED, Verdict.NOT_JUDGED):
        rows.insert(0, (tr("verdict"), VERDICT_TITLES[item.verdict]))
    if item.verdict is not Verdict.NOT_ATTEMPTED:
        line["rows"] = [(str(label), str(text)) for label, text in rows if text is not None]
    return line
