"""nbgrader's exchange, as students use it on a hub."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nbgrader.exchange.default import ExchangeSubmit


class PrivateSubmit(ExchangeSubmit):
    """Hands in so that the course's account can read it, and no other student.

    nbgrader leaves what it submits open for everybody who knows its name to read, and its folder to change. Here the
    group may do so, which is the course's account's: the folder of what is handed in passes its group on.
    """

    def copy_files(self) -> None:
        """Copies the files, and closes them to others."""
        super().copy_files()
        for folder, _, files in os.walk(self.dest_path):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                mode = stat.S_IMODE(path.lstat().st_mode)
                if not path.is_symlink():
                    path.chmod(mode & ~stat.S_IRWXO | stat.S_IRGRP)
            Path(folder).chmod(stat.S_IRWXU | stat.S_IRWXG)
