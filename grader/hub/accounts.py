"""Unix accounts of a hub: a person's, whose home nobody else enters, and a course's, which nobody signs in to."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from grader.hub.people import HubError, Person

_PRIVATE: Final = ("--create-home", "-K", "HOME_MODE=0700")
_MARK: Final = "AulaTorch course"


def find_account(name: str) -> pwd.struct_passwd | None:
    """An account of this machine, or of the directory that it asks; None where there is none."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def make_person(person: Person) -> bool:
    """Makes a person's account where there is none; returns whether it did. It has no password yet."""
    if find_account(person.user) is not None:
        return False
    comment = person.full_name.translate(str.maketrans(":,\n", "   "))
    _run(["useradd", *_PRIVATE, "--shell", "/bin/bash", "--comment", comment, person.user])
    return True


def make_service_account(account: str, home: Path, name: str) -> bool:
    """Makes the account of a course, or of another service, where there is none; returns whether it did.

    Raises:
        HubError: an account has the name and is not the course's.
    """
    comment = f"{_MARK} {name}"
    found = find_account(account)
    if found is None:
        options = ("--home-dir", str(home), "--shell", "/usr/sbin/nologin", "--comment", comment)
        _run(["useradd", *_PRIVATE, "--user-group", *options, account])
        return True
    if found.pw_gecos != comment:
        raise HubError(
            f"there is an account {account} already, and it is not the course's: call the course {name!r}"
            " something else"
        )
    return False


def remove_account(name: str) -> None:
    """Removes an account and its home."""
    _run(["userdel", "--force", "--remove", name], quiet=True)


def run_as(
    account: str | None,
    command: Sequence[str],
    *,
    folder: Path,
    path: str = os.defpath,
    more: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """What a command printed that ran as an account, in a folder, with nothing of the caller's environment.

    Args:
        account: its name; None for this process's own.
        command: and its arguments.
        folder: where it runs.
        path: the `PATH` that it gets.
        more: of its environment.

    Raises:
        HubError: it failed.
    """
    environment = {"PATH": path, "LANG": "C.UTF-8", "HOME": str(folder), **more}
    options: dict[str, object] = {}
    if account is not None:
        entry = pwd.getpwnam(account)
        environment["HOME"] = entry.pw_dir
        options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": _groups(account)}
    done = subprocess.run(  # type: ignore[call-overload]
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, **options
    )
    if done.returncode:
        error = HubError(f"{' '.join(command[1:3])}, as {account or 'this account'}: {done.stderr.strip()}")
        error.printed = str(done.stdout)
        raise error
    return str(done.stdout)


def _groups(account: str) -> list[int]:
    return [group.gr_gid for group in grp.getgrall() if account in group.gr_mem]


def _run(command: list[str], *, quiet: bool = False) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise HubError(f"there is no {command[0]} on this machine: accounts cannot be made") from None
    except subprocess.CalledProcessError as error:
        if not quiet:
            raise HubError(f"{' '.join(command)}: {error.stderr.strip()}") from None
