"""pytest sessions whose checks are collected once and run for one notebook after another."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Final

import pytest
from _pytest.config import _prepareconfig
from _pytest.main import pytest_runtestloop

_MAX_KEPT: Final = 4
"""Sessions that a process keeps."""

_MAX_RUNS: Final = 200
"""How often one is run: whatever checks leave in it, as in pytest's temporary folders, comes to an end."""


class CollectedSession:
    """A session that has collected its checks, and has run none of them.

    Args:
        arguments: pytest's.
        plugin: registered in it.

    Raises:
        Exception: whatever pytest raises where it cannot collect them.
    """

    def __init__(self, arguments: Sequence[str], plugin: object) -> None:
        self.plugin = plugin
        self._runs = 0
        self._config = _prepareconfig(list(arguments), [plugin])
        try:
            self._session = pytest.Session.from_config(self._config)
            self._config._do_configure()
            self._config.hook.pytest_sessionstart(session=self._session)
            self._config.hook.pytest_collection(session=self._session)
        except BaseException:
            self._config._ensure_unconfigure()
            raise

    @property
    def config(self) -> pytest.Config:
        """pytest's configuration, whose stash its fixtures read."""
        return self._config

    @property
    def is_worn_out(self) -> bool:
        """Whether it has been run often enough."""
        return self._runs >= _MAX_RUNS

    def run(self) -> None:
        """Runs all checks, each with its fixtures anew."""
        self._runs += 1
        self._session.testsfailed = 0
        self._session.shouldfail = self._session.shouldstop = False
        folder = os.getcwd()  # noqa: PTH109 - given back as it is
        try:
            pytest_runtestloop(self._session)
        finally:
            os.chdir(folder)

    def close(self) -> None:
        """Ends it."""
        try:
            self._config.hook.pytest_sessionfinish(session=self._session, exitstatus=pytest.ExitCode.OK)
        finally:
            self._config._ensure_unconfigure()


_kept: Final[OrderedDict[Hashable, CollectedSession]] = OrderedDict()


def take(key: Hashable) -> CollectedSession | None:
    """A kept session, which is nobody else's until it is kept again."""
    return _kept.pop(key, None)


def keep(key: Hashable, session: CollectedSession) -> None:
    """Keeps a session for the next one who asks for it; the oldest ones are ended."""
    if session.is_worn_out or key in _kept:
        session.close()
        return
    _kept[key] = session
    while len(_kept) > _MAX_KEPT:
        _kept.popitem(last=False)[1].close()
