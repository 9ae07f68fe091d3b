"""Feedback and formgrader pages: Markdown, which a student may write anywhere in a notebook, without its scripts."""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.sandbox.markup import without_scripts


@pass_context
def markdown_without_scripts(context: Any, source: str) -> str:
    """What nbconvert's own filter ``markdown2html`` makes of a text, without scripts.

    The pages are opened by instructors who are signed in, and by default nbconvert copies HTML as it stands.
    """
    renderer = IPythonRenderer(escape=False, attachments=context.get("cell", {}).get("attachments", {}))
    return without_scripts(MarkdownWithMath(renderer=renderer).render(source), remote_pictures=True)
