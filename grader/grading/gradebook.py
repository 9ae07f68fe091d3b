"""nbgrader's gradebook, opened to be read: its own `Gradebook` makes a file where there is none, and rows in it."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import scoped_session, sessionmaker


class ReadOnlyGradebook(Gradebook):
    """A gradebook that is only read; a context manager.

    Args:
        db_url: nbgrader's.
        course_id: nbgrader's.

    Raises:
        FileNotFoundError: there is none.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        self.engine = create_engine(_existing(db_url))
        self.db = scoped_session(sessionmaker(bind=self.engine))
        self.course_id = course_id
        self.authenticator = None


def _existing(db_url: str) -> URL:
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(url.database or "")
    if not path.is_file():
        raise FileNotFoundError(f"there is no gradebook {path}")
    return read_only(url, path)


def read_only(url: URL, path: Path) -> URL:
    """The address of an SQLite database, to be opened in a way that writes nothing and keeps nobody from writing."""
    return url.set(database=path.absolute().as_uri(), query={**url.query, "mode": "ro", "uri": "true"})
