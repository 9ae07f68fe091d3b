"""What to say where an account may not read or write a file: whose it is, and who may; nothing here needs Linux."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_MAY_NOT: Final = {os.X_OK: "enter", os.R_OK: "read", os.W_OK: "write into"}


def barrier(path: Path) -> Path | None:
    """The first folder on the way to a path that this account may not enter; None where the way is open."""
    folders = reversed(_named_in_full(path).parents)
    return next((folder for folder in folders if folder.is_dir() and not os.access(folder, os.X_OK)), None)


def refusal(path: Path) -> str:
    """What is closed to this account of a path that it was refused, and what to do, in one sentence.

    It names the folder on the way that is closed, or the path itself, or the folder that a new file was to be made in.
    """
    path = _named_in_full(path)  # what is here may be closed as well
    closed = barrier(path) or (path if path.exists() else path.parent)
    modes = (os.X_OK, os.R_OK, os.W_OK) if closed.is_dir() else (os.R_OK, os.W_OK)
    mode = next((mode for mode in modes if not os.access(closed, mode)), os.W_OK)
    verb = "write" if mode == os.W_OK and not closed.is_dir() else _MAY_NOT[mode]
    if sys.platform == "win32":
        return f"this account may not {verb} {closed}: give it access there"
    owner, me = account_name(closed.stat().st_uid), account_name(os.geteuid())
    whose = "" if owner == me else f"run this as {owner}, or "
    asked = "let its mode allow it" if owner == me else f"let {owner} give {me} access"
    return f"this account ({me}) may not {verb} {closed}, which is {owner}'s: {whose}{asked} (chmod)"


def _named_in_full(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def account_name(account: int) -> str:
    """The name of a Unix account; one that has none is called by its number, in words that are nobody's name."""
    import pwd

    try:
        return pwd.getpwuid(account).pw_name
    except KeyError:
        return f"account {account}"
