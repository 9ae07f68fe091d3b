"""nbgrader's exchange, as students use it on a hub."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from nbgrader.exchange.default import ExchangeSubmit

_OWNER_AND_GROUP: Final = 0o007


class PrivateSubmit(ExchangeSubmit):  # type: ignore[misc]  # nbgrader has no types
    """Hands in so that the course's account can read it, and no other student.

    nbgrader leaves what it submits open for everybody who knows its name to read, and its folder to change. The folder
    of what is handed in passes its group on, the course's account's, to what is made in it, until its mode is set by
    somebody who is not in the group. So the files are written once more, with the right modes from the beginning.
    """

    def copy_files(self) -> None:
        """Copies the files, and closes them to others."""
        super().copy_files()
        open_to_all = Path(self.inbound_path, self.assignment_filename)
        closed = open_to_all.with_name(f".{open_to_all.name}")
        before = os.umask(_OWNER_AND_GROUP)
        try:
            for folder, _, files in os.walk(open_to_all):
                target = closed / Path(folder).relative_to(open_to_all)
                target.mkdir()
                for name in files:
                    shutil.copyfile(Path(folder, name), target / name)
        finally:
            os.umask(before)
        shutil.rmtree(open_to_all)
        closed.rename(open_to_all)
