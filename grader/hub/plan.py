"""What a hub is made of: `hub.toml`, which `grader hub init` writes and reads again, and where everything lies."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import tomlkit

from grader.access import refusal
from grader.hub.people import HubError, Person, read_people

PLAN: Final = "hub.toml"
PEOPLE: Final = "people.csv"
_COURSE_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
_ACCOUNT: Final = "grader-"
_FIRST_SERVICE: Final = 10
"""Ports, from the hub's own on: the proxy's, its API's, the hub's API's; then one for each course."""

PROXY: Final = "configurable-http-proxy"
NGSHARE: Final = "ngshare"
"""In place of the exchange's folder: the service of that name."""


@dataclass(frozen=True)
class HubCourse:
    """A course of a hub.

    Attributes:
        name: in the exchange, in addresses and in the CSV of people.
        origin: the folder that it was copied from; None where it was begun empty.
        language: of its notebooks.
        port: of its Formgrader, on this machine alone.
        home: the home of its service account, or what stands for it.
    """

    name: str
    origin: Path
    language: str
    port: int
    home: Path

    @property
    def account(self) -> str:
        """The Unix account that alone can read its solutions, hidden checks, submissions and gradebook."""
        return f"{_ACCOUNT}{self.name}"

    @property
    def root(self) -> Path:
        """The course's folder."""
        return self.home / "course"

    @property
    def students(self) -> str:
        """The hub's group of those who take it, as nbgrader's `JupyterHubAuthPlugin` names it."""
        return f"nbgrader-{self.name}"

    @property
    def instructors(self) -> str:
        """The hub's group of those who teach it, as nbgrader's `JupyterHubAuthPlugin` names it."""
        return f"formgrade-{self.name}"


@dataclass(frozen=True)
class Plan:
    """A hub.

    Attributes:
        folder: that holds its configuration.
        port: at which people reach it; those after it are for its parts.
        exchange: nbgrader's, a folder; not there with `ngshare`.
        ngshare: whether a service takes the exchange's place.
        python: that runs people's servers and their kernels: every account must be able to run it.
        proxy: the command of configurable-http-proxy.
        unix: whether people are Unix accounts of this machine; without, all servers run as one account, for a try.
        courses: by name.
    """

    folder: Path
    port: int = 8000
    exchange: Path = Path()
    ngshare: bool = False
    python: Path = Path(sys.executable)
    proxy: str = PROXY
    unix: bool = True
    courses: Mapping[str, HubCourse] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path) -> Self:
        """A hub without courses."""
        found = shutil.which(PROXY) or PROXY
        return cls(folder, exchange=folder / "exchange", proxy=found, unix=os.geteuid() == 0)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The hub of a folder.

        Raises:
            HubError: there is none, or its file cannot be read.
        """
        path = folder / PLAN
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
            courses = found.pop("courses", {})
            found |= {name: Path(found[name]) for name in ("exchange", "python")}
            plan = cls(folder, **found)
            return plan.with_courses({name: (about["origin"], about["language"]) for name, about in courses.items()})
        except FileNotFoundError:
            raise HubError(f"{folder} holds no hub: `grader hub init {folder}` begins one") from None
        except PermissionError:
            raise HubError(refusal(path)) from None
        except OSError as error:
            raise HubError(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError) as error:
            raise HubError(f"{path} cannot be used: {error}") from None

    def with_courses(self, more: Mapping[str, tuple[str, str]]) -> Self:
        """The same hub with more courses: their folders and languages by name.

        Raises:
            HubError: one cannot be called so.
        """
        courses = dict(self.courses)
        for name, (origin, language) in more.items():
            if _COURSE_NAME.fullmatch(name) is None or name == NGSHARE:
                raise HubError(
                    f"a course cannot be called {name!r}: it is part of a Unix account's name and of an address, so"
                    " begin with a small letter, with small letters, digits and - after it, 24 characters at most"
                )
            port = courses[name].port if name in courses else self.port + _FIRST_SERVICE + len(courses)
            courses[name] = HubCourse(name, Path(origin), language, port, self._home(name))
        return replace(self, courses=courses)

    def write(self) -> None:
        """Writes `hub.toml`."""
        text = tomlkit.document()
        text.add(tomlkit.comment("A hub's parts: change them here and run `grader hub init` on this folder again."))
        text.update({"port": self.port, "exchange": str(self.exchange), "python": str(self.python)})
        text.update({"ngshare": self.ngshare, "proxy": self.proxy, "unix": self.unix})
        courses: dict[str, Any] = {
            name: {"origin": str(course.origin), "language": course.language} for name, course in self.courses.items()
        }
        text["courses"] = courses
        (self.folder / PLAN).write_text(tomlkit.dumps(text), encoding="utf-8")

    @property
    def url(self) -> str:
        """Where people reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ports(self) -> dict[int, str]:
        """What listens where, on this machine alone."""
        own = {self.port: "people's", self.port + 1: "the proxy's", self.port + 2: "the hub's"}
        if self.ngshare:
            own[self.ngshare_port] = "ngshare's"
        return own | {course.port: f"{course.name}'s Formgrader" for course in self.courses.values()}

    @property
    def ngshare_port(self) -> int:
        """Where ngshare listens, on this machine alone."""
        return self.port + 3

    @property
    def ngshare_account(self) -> str:
        """The Unix account that ngshare runs as, and that alone reads what it keeps."""
        return f"{_ACCOUNT}{NGSHARE}"

    @property
    def ngshare_home(self) -> Path:
        """Where ngshare keeps what is released and handed in."""
        return self._home(NGSHARE)

    @property
    def services(self) -> list[str]:
        """The Unix accounts that its services run as: a course's Formgrader each, and ngshare."""
        courses = [course.account for course in self.courses.values()]
        return [*courses, self.ngshare_account] if self.ngshare else courses

    @property
    def accounts(self) -> list[str]:
        """The Unix accounts of its people and its services."""
        return list(dict.fromkeys([*(person.user for person in self.people), *self.services]))

    def _home(self, name: str) -> Path:
        account = f"{_ACCOUNT}{name}"
        return Path("/home", account) if self.unix else self.folder / "courses" / account

    @property
    def state(self) -> Path:
        """What the hub keeps and nobody else may read: its database, secrets and log."""
        return self.folder / "state"

    @property
    def config(self) -> Path:
        """The hub's configuration file."""
        return self.folder / "jupyterhub_config.py"

    def settings(self, role: str) -> Path:
        """The folder of Jupyter's and nbgrader's settings for students, for instructors or for a course."""
        return self.folder / "settings" / role

    @cached_property
    def people(self) -> list[Person]:
        """Those of its courses.

        Raises:
            HubError: the file of people cannot be used.
        """
        return read_people(self.folder / PEOPLE, self.courses)

    def users(self, role: str, course: str | None = None) -> list[str]:
        """The names of those who have a role in a course, or in any."""
        found = [person.user for person in self.people if person.role == role and course in (None, person.course)]
        return list(dict.fromkeys(found))
