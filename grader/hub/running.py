"""A hub that runs for as long as a block of code: for the demonstration and the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from grader.hub.accounts import find_account, remove_account
from grader.hub.making import is_taken
from grader.hub.people import HubError
from grader.hub.plan import Plan
from grader.hub.writing import search_path

_STARTS_IN: Final = 240.0
_ENDS_IN: Final = 90.0
_CHPASSWD: Final = "/usr/sbin/chpasswd"
_PORTS: Final = range(8000, 9000, 20)


def free_port(count: int) -> int:
    """The first of so many ports of this machine that nobody listens at.

    Raises:
        HubError: there are none.
    """
    for first in _PORTS:
        if not any(is_taken(port) for port in range(first, first + count)):
            return first
    raise HubError(f"no {count} ports in a row are free from {_PORTS.start} to {_PORTS.stop}")


@contextmanager
def running(plan: Plan) -> Iterator[Path]:
    """Runs a hub, and ends it with all its servers; gives the path of its log.

    Raises:
        HubError: it does not start.
    """
    log = plan.state / "hub.log"
    command = [str(plan.python), "-m", "jupyterhub", "--config", str(plan.config), "--JupyterHub.cleanup_servers=True"]
    environment = {"PATH": os.pathsep.join([search_path(plan), os.environ.get("PATH", "")]), "HOME": str(Path.home())}
    with log.open("w", encoding="utf-8") as output:
        hub = subprocess.Popen(
            command, cwd=plan.state, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(plan, hub, log)
            yield log
        finally:
            hub.send_signal(signal.SIGTERM)
            for child in psutil.Process(hub.pid).children() if hub.poll() is None else ():
                with suppress(psutil.Error):  # at once, where the hub asks one after the other to stop, and waits
                    child.terminate()
            try:
                hub.wait(_ENDS_IN)
            except subprocess.TimeoutExpired:
                os.killpg(hub.pid, signal.SIGKILL)
                hub.wait()


def _wait(plan: Plan, hub: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until people can sign in, and every Formgrader answers."""
    wanted = [f"{plan.url}/hub/login", *(f"{plan.url}/services/{course}/api" for course in plan.courses)]
    end = time.monotonic() + _STARTS_IN
    while wanted:
        if hub.poll() is not None or time.monotonic() > end:
            raise HubError(f"the hub did not start; its log:\n{log.read_text(encoding='utf-8')[-2000:]}")
        try:
            with urllib.request.urlopen(wanted[0], timeout=5):  # noqa: S310 - this machine's own
                wanted.pop(0)
        except OSError:
            time.sleep(0.2)


def set_passwords(passwords: Mapping[str, str]) -> None:
    """Sets the passwords of accounts, by their names."""
    lines = "".join(f"{user}:{password}\n" for user, password in passwords.items())
    subprocess.run([_CHPASSWD], input=lines, text=True, check=True, capture_output=True)


def remove_accounts(plan: Plan) -> None:
    """Ends what the accounts of a hub run, and removes them with their homes: for a demonstration alone."""
    for name in plan.accounts:
        account = find_account(name)
        if account is None:
            continue
        own = [process for process in psutil.process_iter() if _is_of(process, account.pw_uid)]
        for process in own:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(own, timeout=_ENDS_IN)
        remove_account(name)


def _is_of(process: psutil.Process, account: int) -> bool:
    try:
        return bool(process.uids().real == account)
    except psutil.Error:
        return False
