"""Grades for Canvas: ``nbgrader export --exporter grader.report.canvas.CanvasExportPlugin``.

The columns are those of Canvas's own export, which its gradebook imports: *Student*, *ID*, *SIS User ID*, *SIS Login
ID*, *Section*, then the assignments, and a second row with the points possible. Canvas looks for a student by ID, then
by SIS User ID, then by SIS Login ID, then by name, and makes a new assignment of a column that it does not know. It
passes over a column whose points possible are ``(read only)``: so are the exercises, unless they are asked for.

Source: the guide "How do I import grades in the Gradebook?" and ``lib/gradebook_importer.rb`` of
instructure/canvas-lms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from traitlets import Bool, Dict

from grader.report.exporting import Column, PlatformExportPlugin, number
from grader.report.gradebook import Person

_FIXED: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_READ_ONLY: Final = "(read only)"
_OF_CANVAS: Final = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
"""Canvas passes over columns whose titles have one of its own totals in them."""


class CanvasExportPlugin(PlatformExportPlugin):
    """Writes ``canvas.csv`` for *Grades → Import* of a course in Canvas.

    The student map has nbgrader's ids in its first column, and *ID*, *SIS User ID* or *SIS Login ID*, with *Student*
    and *Section* if you like, as in the file that *Grades → Export* of Canvas gives.
    """

    assignment_ids = Dict(
        help="Canvas's numbers of the assignments, by nbgrader's name, which are in their addresses: without them"
        " Canvas goes by the name.",
    ).tag(config=True)

    import_exercises = Bool(
        False,
        help="Whether Canvas is to import the exercises as well, as assignments of their own, which its totals count.",
    ).tag(config=True)

    filename: ClassVar[str] = "canvas.csv"
    identifiers: ClassVar[tuple[str, ...]] = _FIXED

    def rows(
        self, people: Mapping[str, Person], known: Mapping[str, Mapping[str, str]] | None, columns: Sequence[Column]
    ) -> list[list[object]]:
        """The header, the points possible and a row a student."""
        titles = [self._title(column) for column in columns]
        if passed_over := [title for title in titles if _OF_CANVAS.search(title)]:
            self.log.warning(
                "Canvas takes these for totals of its own and passes over them: %s", ", ".join(passed_over)
            )
        is_read = [column.is_total or self.import_exercises for column in columns]
        most = [number(column.most) if read else _READ_ONLY for column, read in zip(columns, is_read, strict=True)]
        found: list[list[object]] = [[*_FIXED, *titles], ["    Points Possible", "", "", "", "", *most]]
        for student, person in people.items():
            values = _defaults(student, person) if known is None else _mapped(student, person, known[student])
            found.append(
                [*(values[title] for title in _FIXED), *(number(column.points.get(student)) for column in columns)]
            )
        return found

    def _title(self, column: Column) -> str:
        found = self.assignment_ids.get(column.assignment)
        return f"{column.title} ({found})" if found and column.is_total else column.title


def _name(student: str, person: Person) -> str:
    return ", ".join(filter(None, (person.last_name, person.first_name))) or student


def _defaults(student: str, person: Person) -> dict[str, str]:
    of_canvas = person.lms_user_id if person.lms_user_id.isdigit() else ""
    return {
        "Student": _name(student, person),
        "ID": of_canvas,
        "SIS User ID": "",
        "SIS Login ID": student,
        "Section": "",
    }


def _mapped(student: str, person: Person, known: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(_FIXED, "") | {"Student": _name(student, person)} | {key: v for key, v in known.items() if v}
