"""Texts for students: written in English where they arise, translated through gettext when they are shown."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

SOURCE_LANGUAGE: Final = "en"
"""The language that texts are written in, and shown in where nothing else is asked for."""

_catalogues: Final = [Path(__file__).parents[1] / "locale"]
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a student's texts may hold and no file or terminal should get: control characters, halves of surrogate pairs."""
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_default: str = SOURCE_LANGUAGE


@dataclass(frozen=True)
class Message:
    """A text that knows how to be translated.

    Attributes:
        text: English, with ``{name}`` placeholders; the catalogues' msgid.
        values: what fills the placeholders; messages among them are translated too.
        plural: the English text for other counts than one; the catalogues' msgid_plural.
        count: the number that decides.
    """

    text: str
    values: dict[str, object] = field(default_factory=dict)
    plural: str = ""
    count: int = 1

    def render(self, language: str) -> str:
        """The text in `language`, such as ``es``; English where that language has no translation of it."""
        filled = {
            name: value.render(language) if isinstance(value, Message) else value for name, value in self.values.items()
        }
        catalogue = translations(language)
        if self.plural:
            template = catalogue.ngettext(self.text, self.plural, self.count)
        else:
            template = catalogue.gettext(self.text) if self.text else ""
        return _UNPRINTABLE.sub("�", template.format(**filled)) if filled else template

    def __str__(self) -> str:
        return self.render(current_language())


@dataclass(frozen=True)
class Written(Message):
    """A text that its author wrote in each language himself; no catalogue is asked.

    Attributes:
        languages: the text by language.
    """

    languages: Mapping[str, str] = field(default_factory=dict)

    def render(self, language: str) -> str:
        """The text in `language`; in English, or in whichever there is, where it was not written in that."""
        return self.languages.get(language) or self.text


def written(languages: Mapping[str, str]) -> Written:
    """A text written in several languages, such as ``{"en": …, "es": …}``: at least one."""
    first = languages.get(SOURCE_LANGUAGE) or next(iter(languages.values()), "")
    return Written(first, languages=dict(languages))


def tr(text: str, /, **values: object) -> Message:
    """Marks `text` for translation: ``tr("expected {n} rows", n=3)``.

    Without values the text is taken as it is, so that braces in it need no doubling.
    """
    return Message(text, values)


def trn(singular: str, plural: str, n: int, /, **values: object) -> Message:
    """Marks a text with a number for translation: ``trn("{n} row", "{n} rows", 3)``. `n` is ``{n}`` and ``{total}``."""
    return Message(singular, {"n": n, "total": n, **values}, plural, n)


def verbatim(text: str) -> Message:
    """A text that is the same in every language: a shape, a dtype, a piece of code."""
    return Message("{text}", {"text": text})


def current_language() -> str:
    """The language that messages are shown in."""
    return _spoken.get() or _default


def languages() -> tuple[str, ...]:
    """The languages that there are catalogues of, and the one that texts are written in."""
    found = {path.parents[1].name for folder in _catalogues for path in folder.glob("*/LC_MESSAGES/*.mo")}
    return tuple(sorted(found | {SOURCE_LANGUAGE}))


def use_language(language: str) -> None:
    """Shows every message from here on in `language`.

    Raises:
        ValueError: neither the package nor the checks beside the notebook have texts in that language.
    """
    global _default
    if language not in languages():
        _add_catalogues_here()
    if language not in languages():
        raise ValueError(f"unknown language {language!r}; choose one of {', '.join(languages())}")
    _default = language


def _add_catalogues_here() -> None:
    from grader.course import CourseError, find_checks

    with suppress(CourseError, OSError):
        add_catalogues(find_checks(Path.cwd()).locale)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Shows messages in `language` inside a ``with`` block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


@lru_cache(maxsize=32)
def translations(language: str) -> gettext.NullTranslations:
    """The catalogues of a language; texts without a translation stay in English."""
    chain = gettext.NullTranslations()
    for folder in _catalogues:
        for path in sorted((folder / language / "LC_MESSAGES").glob("*.mo")):
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)
            catalogue.add_fallback(chain)
            chain = catalogue
    return chain


def add_catalogues(folder: Path) -> None:
    """Also looks for translations in `folder`, laid out as gettext's: ``es/LC_MESSAGES/*.mo``."""
    if folder not in _catalogues:
        _catalogues.append(folder)
        translations.cache_clear()
