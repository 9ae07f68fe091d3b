"""What is released through ngshare, where nbgrader's exchange is no folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ngshare_exchange.release_feedback import (  # type: ignore[import-not-found]  # on hubs that use it
    ExchangeReleaseFeedback,
)

from grader.hub.exchange import pages_by_other_names


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases each page also under the names of the notebooks that a student handed in, as on a shared disk."""

    def post_feedback(self, student_id: str, timestamp: str, feedback_info: Sequence[dict[str, str]]) -> Any:
        """Sends a submission's pages."""
        pages = [Path(about["path"]) for about in feedback_info]
        others = pages_by_other_names(self.coursedir, pages)
        more = [{"notebook_id": name, "path": str(page)} for name, page in others.items()]
        return super().post_feedback(student_id, timestamp, [*feedback_info, *more])
