"""``python -m grader.hub.ngshare FILE FOLDER``: ngshare, an exchange without a shared disk, as a service of a hub.

ngshare keeps what is released and handed in behind an API, and asks the hub who asks. Here it gets a hub's courses and
people from a file whenever it starts: a course's Formgrader, a service of the course's name, is its instructor.
"""

from __future__ import annotations

import json
import os
import sys
from collections import namedtuple
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlparse

from ngshare import dbutil  # type: ignore[import-not-found]  # on hubs that use it
from ngshare.database import Base, Course, User  # type: ignore[import-not-found]
from ngshare.ngshare import MyApplication  # type: ignore[import-not-found]
from sqlalchemy import event
from sqlalchemy.orm import configure_mappers, object_session
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

_Options: Final = namedtuple("_Options", ["x"])


def serve(people: Path, folder: Path) -> None:
    """Serves until the process is ended, at the address that the hub names: ngshare's own command takes all.

    Args:
        people: a file with each course's students, as JSON.
        folder: where it keeps what is released and handed in.
    """
    database, files = f"sqlite:///{folder}/ngshare.db", f"{folder}/files"
    keep_what_is_attached()
    dbutil.upgrade(database, cmd_opts=_Options(["data=true", f"storage={files}"]))
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    application = MyApplication(prefix, database, files, autoreload=False)
    session = application.db_session()
    enrol(session, json.loads(people.read_text(encoding="utf-8")))
    session.close()
    address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    HTTPServer(application).listen(address.port or 0, address.hostname)
    IOLoop.current().start()


def keep_what_is_attached() -> None:
    """Lets what is attached to something that is kept be kept as well.

    SQLAlchemy did so before 2.0, for which ngshare 0.6 was written: with a newer one it answers that an assignment is
    released, or handed in, and keeps nothing of it.
    """
    configure_mappers()
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            event.listen(relationship.class_attribute, "append", _keep)


def _keep(owner: Any, attached: Any, _: Any) -> None:
    session = object_session(owner)
    if session is not None:
        session.add(attached)


def enrol(session: Any, courses: Mapping[str, Sequence[str]]) -> None:
    """Makes ngshare's courses and people those of a hub; what was handed in stays.

    Args:
        session: of ngshare's database.
        courses: each course's students.
    """
    for name, students in courses.items():
        course = session.query(Course).filter(Course.id == name).one_or_none()
        if course is None:
            course = Course(name, [])
            session.add(course)
        for there, wanted in ((course.instructors, [name]), (course.students, students)):
            for user in [user for user in there if user.id not in wanted]:
                there.remove(user)
            known = {user.id for user in there}
            there.extend(_user(session, each) for each in wanted if each not in known)
    session.commit()


def _user(session: Any, name: str) -> Any:
    user = session.query(User).filter(User.id == name).one_or_none()
    if user is None:
        user = User(name)
        session.add(user)
    return user


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
