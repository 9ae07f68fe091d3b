"""Pictures of a class, as SVG for a page: text that stays text, in the colours of the page's theme."""

from __future__ import annotations

import html
import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from grader.kit.messages import tr
from grader.report.collect import AssignmentReport, State
from grader.report.mistakes import ClassMistake, Kind
from grader.report.statistics import ClassSummary, ExerciseSummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK: Final = "#010203"
_FAINT: Final = "#040506"
_PAPER: Final = "#070809"
_BAR: Final = "#0a0b0c"
_OTHER: Final = "#0d0e0f"
_THEMED: Final = {
    _INK: "currentColor",
    _FAINT: "var(--line)",
    _PAPER: "var(--paper)",
    _BAR: "var(--accent)",
    _OTHER: "var(--other)",
}
"""Colours that stand for a theme's until the picture is written."""

_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "aulatorch",
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _FAINT,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.labelsize": 9,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,
}
_BINS: Final = 10
_MOST_NAMES: Final = 60
"""Students up to which the heat map has their names, and cells with a line between them."""
_MOST_BARS: Final = 20
_LONGEST: Final = 84
"""Characters of a mistake's title beside its bar."""
_LONGEST_NAME: Final = 24
_WIDE: Final = 7.2
_NARROW: Final = 4.6
"""Inches of a picture for a page as wide as a sheet, and for one as wide as a telephone."""
_LINE: Final = 56
"""Characters that fit into a line of a narrow picture."""


def histogram(summary: ClassSummary, max_score: float, *, narrow: bool = False) -> str:
    """How many students got how many of the points; empty without scores."""
    if not summary.scores or not max_score:
        return ""
    top = max(max_score, *summary.scores)  # extra credit goes beyond all the points
    counts, edges = np.histogram(summary.scores, bins=_BINS, range=(0, top))
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(_NARROW if narrow else _WIDE, 2.4)
        axes.bar(edges[:-1], counts, width=np.diff(edges) * 0.94, align="edge", color=_BAR)
        for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True):
            if count:
                axes.annotate(
                    str(count),
                    ((left + right) / 2, count),
                    (0, 2),
                    textcoords="offset points",
                    ha="center",
                    va="bottom",
                )
        if summary.median is not None:
            axes.axvline(summary.median, color=_INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xlim(0, top)
        axes.set_ylim(0, max(counts) * 1.15)
        axes.set_xlabel(str(tr("points (the dashed line is the median)")))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        said = tr("Histogram of the points of {n} students", n=len(summary.scores))
        return _svg(figure, str(said))


def heat_map(report: AssignmentReport, exercises: Sequence[ExerciseSummary], *, narrow: bool = False) -> str:
    """The share of each exercise's points that each student got: easy exercises on top, good students on the left.

    A narrow one is turned: good students on top, easy exercises on the left. What has no points yet is a question mark.
    """
    students = sorted(
        (student for student in report.students if student.state is State.GRADED), key=lambda one: -one.score
    )
    rows = sorted(
        (exercise for exercise in exercises if exercise.difficulty is not None),
        key=lambda exercise: -(exercise.difficulty or 0),
    )
    if not students or not rows:
        return ""
    shares = np.full((len(rows), len(students)), np.nan)
    for row, exercise in enumerate(rows):
        for place, student in enumerate(students):
            score = student.scores.get(exercise.cell)
            if score is not None and exercise.points:
                shares[row, place] = min(max(score / exercise.points, 0.0), 1.0)
    columns = report.columns
    has_names = len(students) <= _MOST_NAMES
    names = [_short(student.student, _LONGEST_NAME) for student in students] if has_names else []
    titles = [_short(columns[row.cell], _LONGEST_NAME if narrow else 30) for row in rows]
    across, down = (titles, names) if narrow else (names, titles)
    values = np.ma.masked_invalid(shares.T if narrow else shares)
    with mpl.rc_context(_STYLE):
        height = (0.16 if narrow else 0.26) * (len(down) or 24) + 0.35 + (0.075 * max(map(len, across), default=4))
        figure, axes = _figure(_NARROW if narrow else _WIDE, height)
        if has_names:
            drawn: Any = axes.pcolormesh(values, cmap="cividis", vmin=0, vmax=1, edgecolors=_PAPER, linewidth=1)
            first = 0.5
            unknown = np.argwhere(np.ma.getmaskarray(values))
            for row, column in unknown:  # the paper alone looks like no points in the dark
                axes.text(column + first, row + first, "?", ha="center", va="center")
            axes.set_ylim(len(down), 0)
        else:
            drawn = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="none")
            first = 0.0
            label = str(tr("{n} students, by their points", n=len(students)))
            (axes.set_ylabel if narrow else axes.set_xlabel)(label)
        axes.set_xticks(np.arange(len(across)) + first, across, rotation=90)
        axes.set_yticks(np.arange(len(down)) + first, down)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        bar = figure.colorbar(drawn, ax=axes, ticks=[0, 0.5, 1], fraction=0.02, pad=0.015)
        bar.ax.set_yticklabels(["0 %", "50 %", "100 %"])
        bar.outline.set_visible(False)
        return _svg(figure, str(tr("Heat map of the points of {n} students in each exercise", n=len(students))))


def mistake_bars(report: AssignmentReport, mistakes: Sequence[ClassMistake], *, narrow: bool = False) -> str:
    """The most frequent mistakes of the class, a bar each; empty without mistakes."""
    most = sorted(mistakes, key=lambda mistake: -len(mistake.students))[:_MOST_BARS]
    if not most:
        return ""
    columns = report.columns
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(_NARROW if narrow else _WIDE, (0.6 if narrow else 0.42) * len(most) + 0.1)
        counts = [len(mistake.students) for mistake in most]
        places = np.arange(len(most))
        colours = [_BAR if mistake.kind is Kind.NAMED else _OTHER for mistake in most]
        axes.barh(places + 0.22, counts, height=0.24 if narrow else 0.34, color=colours)
        for place, mistake in zip(places, most, strict=True):
            title = _short(f"{columns[mistake.cell]}: {mistake.title}".replace("`", ""), _LONGEST)
            lines = textwrap.wrap(title, _LINE) if narrow else [title]
            axes.text(0, place + (0.05 if narrow else -0.03), "\n".join(lines), va="bottom", ha="left")
            axes.annotate(
                str(len(mistake.students)),
                (len(mistake.students), place + 0.22),
                (4, 0),
                textcoords="offset points",
                va="center",
            )
        axes.set_ylim(len(most) - 0.45, -0.5)
        axes.set_xlim(0, max(counts) * 1.06)
        axes.axis("off")
        return _svg(figure, str(tr("The most frequent mistakes, and how many students had each")))


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    return figure, axes


def _short(text: str, most: int) -> str:
    flat = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+", " ", text).strip()
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _svg(figure: Figure, said: str) -> str:
    """The figure as an element of a page.

    Args:
        figure: drawn in the colours that stand for the theme's.
        said: what it shows, for who cannot see it.
    """
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser has other fonts
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(
        r' id="(?:axes|figure|patch|text|line2d|matplotlib|PolyCollection|QuadMesh|LineCollection)[^"]*"', "", text
    )
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"font: (?:\w+ )*([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    for stand_in, themed in _THEMED.items():
        text = text.replace(stand_in, themed)
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt" ', text)
    label = f'role="img" aria-label="{html.escape(said)}" '
    return text.replace(size[0], label, 1) if size else text
