"""Feedback and formgrader pages: what a student wrote, without scripts, and in time.

These are filters of nbconvert, which `grader.configure` sets. The pages are opened by instructors who are signed in,
and by default nbconvert copies the HTML in Markdown as it stands. Besides, its libraries can be kept busy for hours by
a cell that was written to do so, and a page that is never done holds up those of the whole class.
"""

from __future__ import annotations

import html
import signal
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from jinja2 import pass_context
from nbconvert.filters import strip_files_prefix
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from grader.feedback.formulas import Formulas
from grader.sandbox.markup import contained, without_scripts

_SECONDS: Final = 5.0
"""For all texts of a page together; an assignment of the course takes a tenth of one."""
_SPENT: Final = "aulatorch_seconds"
_MAX_MARKDOWN: Final = 20_000
_MAX_CODE: Final = 50_000
_MAX_UNTIMED: Final = 5_000
"""Characters of a text that is shown as more than it was written. Not all that takes long can be interrupted, and
nothing outside of the main thread."""
_MAX_SHOWN: Final = 50_000
"""Characters of a text that is shown as it was written: nbconvert reads the page once more, character by character
where they are escaped."""


class _TooSlowError(Exception):
    """A text keeps its parser busy for too long."""


class _Renderer(IPythonRenderer):
    """nbconvert's own, with formulas that are drawn, and without an error where an attachment is not there."""

    formulas: Formulas

    def block_math(self, body: str) -> str:
        return self.formulas.mark(body, is_block=True)

    def inline_math(self, body: str) -> str:
        return self.formulas.mark(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self.formulas.mark(f"\\begin{{{name}}}{body}\\end{{{name}}}", is_block=True)

    def _embed_image_or_attachment(self, src: str) -> str:
        try:
            return str(super()._embed_image_or_attachment(src))
        except (InvalidNotebook, AttributeError, TypeError, StopIteration):
            return ""


@pass_context
def markdown_without_scripts(context: Any, source: str) -> str:
    """What nbconvert's own filter ``markdown2html`` makes of a text, without scripts, and with formulas as MathML."""

    def render() -> str:
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(escape=False, attachments=attachments)
        renderer.formulas = Formulas()
        text = MarkdownWithMath(renderer=renderer).render(Formulas.unmarked(source))
        return contained(renderer.formulas.drawn(without_scripts(text, remote_pictures=True)))

    return _in_time(context, source, _MAX_MARKDOWN, render) or _as_written(source)


@pass_context
def highlighted_code(context: Any, source: str, **options: Any) -> str:
    """What nbconvert's own filter ``highlight_code`` makes of a cell."""
    language = context.get("nb", {}).get("metadata", {}).get("language_info", {})
    lexer = language.get("pygments_lexer", language.get("name"))

    def render() -> str:
        return str(Highlight2HTML(pygments_lexer=lexer)(source, **options))

    return _in_time(context, source, _MAX_CODE, render) or _as_written(source)


@pass_context
def page_without_files_prefix(context: Any, text: str) -> str:
    """What nbconvert's own filter ``strip_files_prefix`` makes of a text: it is for notebooks of 2013."""
    if "files/" not in text:
        return text
    return _in_time(context, text, _MAX_MARKDOWN, lambda: str(strip_files_prefix(text))) or text


def _as_written(source: str) -> str:
    shown = source if len(source) <= _MAX_SHOWN else f"{source[:_MAX_SHOWN]}…"
    return f'<div class="highlight"><pre>{html.escape(shown, quote=False)}</pre></div>'


def _in_time(context: Any, source: str, most: int, render: Callable[[], str]) -> str | None:
    """A text as `render` makes it; None where it is longer than `most`, or takes too long."""
    resources: MutableMapping[str, Any] = context.get("resources", {})
    left = _SECONDS - resources.get(_SPENT, 0.0)
    began = time.monotonic()
    try:
        is_timed = threading.current_thread() is threading.main_thread()
        if left <= 0 or len(source) > (most if is_timed else _MAX_UNTIMED):
            raise _TooSlowError
        with _time_limit(left) if is_timed else nullcontext():
            return render()
    except (_TooSlowError, RecursionError):
        return None
    finally:
        resources[_SPENT] = resources.get(_SPENT, 0.0) + time.monotonic() - began


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupts what takes longer: Python's regular expressions, where most of the time goes, listen to signals.

    Raises:
        _TooSlowError: the time is over.
    """
    is_over = False

    def stop(*_: object) -> None:
        if not is_over:
            raise _TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        is_over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
