"""Grades for Moodle: ``nbgrader export --exporter grader.report.moodle.MoodleExportPlugin``.

Moodle's import asks which column says who a student is (*ID number*, *Username* or *Email address*) and which grade
item each other column is for; columns that are for none are passed over. One student whom it does not know ends the
import, and a row that does not say who it is of counts for the student before: so a column that says so is here only
where all have it. ``-`` is no grade.

Source: https://docs.moodle.org/en/Grade_import and ``grade/import/csv/classes/load_data.php`` of moodle/moodle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from grader.report.exporting import Column, PlatformExportPlugin, number
from grader.report.gradebook import Person

_IDENTIFIERS: Final = ("ID number", "Username", "Email address")
_NONE: Final = "-"
_MOST: Final = 100.0
"""Points beyond which Moodle ends an import, where its administrators have not allowed more."""


class MoodleExportPlugin(PlatformExportPlugin):
    """Writes ``moodle.csv`` for *Grades → Import → CSV file* of a course in Moodle, in UTF-8 with commas.

    The student map has nbgrader's ids in its first column, and *ID number*, *Username* or *Email address*.
    """

    filename: ClassVar[str] = "moodle.csv"
    identifiers: ClassVar[tuple[str, ...]] = _IDENTIFIERS

    def rows(
        self, people: Mapping[str, Person], known: Mapping[str, Mapping[str, str]] | None, columns: Sequence[Column]
    ) -> list[list[object]]:
        """The header and a row a student."""
        if known is None:
            said = {name: {"Username": name, "Email address": person.email} for name, person in people.items()}
        else:
            said = {name: {key: value for key, value in known[name].items() if value} for name in people}
            if nameless := [name for name, values in said.items() if not values]:
                self.log.warning("Left out, for the student map does not say who they are: %s", ", ".join(nameless))
                people = {name: person for name, person in people.items() if name not in nameless}
        complete = [title for title in _IDENTIFIERS if all(said[name].get(title) for name in people)]
        if people and not complete:
            self._fail(f"no column of the student map has all of them; one of {', '.join(_IDENTIFIERS)} must")
        if too_large := [column.title for column in columns if column.most > _MOST]:
            self.log.warning(
                "More than %g points, which Moodle imports only where its administrator allows it: %s",
                _MOST,
                ", ".join(too_large),
            )
        found: list[list[object]] = [["First name", "Last name", *complete, *(column.title for column in columns)]]
        for student, person in people.items():
            points = [number(column.points.get(student)) or _NONE for column in columns]
            found.append([person.first_name, person.last_name, *(said[student][title] for title in complete), *points])
        return found
