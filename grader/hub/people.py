"""The people of a hub's courses: a CSV with a row for each course that a person teaches or takes."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROLES: Final = ("instructor", "student")
_NEEDED: Final = ("user", "role", "course")
_NAMES: Final = ("first_name", "last_name", "email")
_UNIX_NAME: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class HubError(Exception):
    """A hub cannot be set up as it was asked for; says in one line what to change.

    Attributes:
        printed: what a command printed that failed.
    """

    printed: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody's part in a course.

    Attributes:
        user: the name to sign in with, which is a Unix account's.
        role: one of `ROLES`.
        course: its name.
        first_name, last_name, email: for the gradebook; may be empty.
    """

    user: str
    role: str
    course: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def full_name(self) -> str:
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


def read_people(path: Path, courses: Iterable[str]) -> list[Person]:
    """The people that a CSV names: ``user,role,course`` and, if wanted, ``first_name,last_name,email``.

    Args:
        path: of the file: UTF-8, with commas, semicolons or tabs.
        courses: that there are.

    Raises:
        HubError: the file, or a row of it, cannot be used; names every row that is not right.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise HubError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise HubError(f"{path} is not UTF-8: save it once more as “CSV UTF-8”") from None
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise HubError(f"{path} has no column {', '.join(missing)}; its first line is to be: user,role,course,…")
    known = sorted(courses)
    found: dict[tuple[str, str], Person] = {}
    faults = []
    try:
        for row in rows:
            person = Person(**{name: (row.get(name) or "").strip() for name in (*_NEEDED, *_NAMES)})
            fault = _fault(person, known) or _clash(person, found)
            if fault:
                faults.append(f"{path}, line {rows.line_num}: {fault}")
            found[person.user, person.course] = person
    except csv.Error as error:
        raise HubError(f"{path}, line {rows.line_num}: {error}") from None
    if faults:
        raise HubError("\n".join(faults))
    return list(found.values())


def _fault(person: Person, courses: list[str]) -> str:
    if _UNIX_NAME.fullmatch(person.user) is None:
        return (
            f"Unix refuses the user name {person.user!r}: it is to begin with a small letter, with small letters,"
            " digits, - and _ after it, 32 characters at most"
        )
    if person.role not in ROLES:
        return f"{person.role!r} is no role: write instructor or student"
    if person.course not in courses:
        close = difflib.get_close_matches(person.course, courses, 1)
        meant = f"; did you mean {close[0]!r}?" if close else "."
        return f"there is no course {person.course!r}{meant} There are: {', '.join(courses)}"
    return ""


def _clash(person: Person, found: Mapping[tuple[str, str], Person]) -> str:
    other = found.get((person.user, person.course))
    if other is None:
        return ""
    if other.role != person.role:
        return f"{person.user} cannot be instructor and student of {person.course}"
    return f"{person.user} is in {person.course} twice"
