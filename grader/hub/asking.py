"""``python -m grader.hub.asking`` as an account of a hub: how Jupyter and nbgrader are configured there, as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path
from jupyter_server.serverapp import ServerApp
from jupyterlab.commands import get_app_dir  # type: ignore[import-untyped]
from jupyterlab_server.config import get_federated_extensions, get_page_config
from nbgrader.apps.baseapp import NbGrader


def configuration() -> dict[str, Any]:
    """What this account's servers read, from all the places that Jupyter looks at.

    Returns:
        ``extensions``: which of the server's are on. Of JupyterLab's, ``installed``: those that there are, and
        ``disabled``: those that are off; ``pages``: whether it has its own. ``policy``: the pages' content security
        policy. ``nbgrader``: the exchange, the course and who hands in.
    """
    server, grader = ServerApp(), NbGrader()
    for application in (server, grader):
        application.load_config_file()
    settings = server.config.ServerApp
    disabled = get_page_config(jupyter_path("labextensions")).get("disabledExtensions", {})
    named = disabled if isinstance(disabled, list) else [name for name, is_off in disabled.items() if is_off]
    found = grader.config
    return {
        "extensions": dict(settings.get("jpserver_extensions", {})),
        "disabled": sorted(named),
        "installed": sorted(get_federated_extensions(jupyter_path("labextensions"))),
        "pages": Path(get_app_dir(), "static", "index.html").is_file(),
        "policy": settings.get("tornado_settings", {}).get("headers", {}).get("Content-Security-Policy", ""),
        "nbgrader": {
            "exchange": str(found.Exchange.get("root", "")),
            "ngshare": str(found.Exchange.get("_ngshare_url", "")),
            "course": str(found.CourseDirectory.get("course_id", "")),
            "root": str(found.CourseDirectory.get("root", "")),
            "a folder for each course": bool(found.Exchange.get("path_includes_course", False)),
            "submit": str(found.ExchangeFactory.get("submit", "")),
            "collect": str(found.ExchangeFactory.get("collect", "")),
            "feedback": str(found.ExchangeFactory.get("release_feedback", "")),
        },
    }


if __name__ == "__main__":
    print(json.dumps(configuration()))
