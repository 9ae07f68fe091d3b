"""A Jupyter server's extension: Formgrader's buttons grade as `grader autograde` does, and the page can grade a class.

It goes with nbgrader's own ``nbgrader.server_extensions.formgrader``, and comes before it where both answer.
"""

from __future__ import annotations

from typing import Any, Final

EXTENSION: Final = "grader.hub.formgrader"

SCRIPT: Final = "/formgrader/aulatorch/grade_all.js"
"""Where a server that has this extension answers anybody, and no other server does."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": EXTENSION}]


def _load_jupyter_server_extension(app: Any) -> None:
    from grader.hub.formgrader.handlers import add_handlers

    add_handlers(app.web_app)
