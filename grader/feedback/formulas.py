"""Formulas of a page as MathML, which browsers draw by themselves: without a script, and without the internet.

What a student wrote as TeX may hold anything, so of what the converter makes only elements and attributes are copied
that change how a formula looks, and every text is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element

_LONGEST: Final = 2000
"""Characters of a formula; a longer one is shown as it was written."""
_DEEPEST: Final = 100

_ELEMENTS: Final = frozenset(
    [
        *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded"),
        *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none"),
        *("mtable", "mtr", "mtd", "menclose", "mphantom"),
    ]
)
_ATTRIBUTES: Final = frozenset(
    [
        *(
            "accent",
            "accentunder",
            "columnalign",
            "display",
            "displaystyle",
            "fence",
            "form",
            "largeop",
            "linethickness",
        ),
        *(
            "lspace",
            "rspace",
            "mathcolor",
            "mathsize",
            "mathvariant",
            "maxsize",
            "minsize",
            "movablelimits",
            "notation",
        ),
        *("rowspacing", "columnspacing", "scriptlevel", "separator", "stretchy", "symmetric", "width"),
    ]
)
_VALUE: Final = re.compile(r"[\w .%#]{1,40}|-[\d.]+em")
_BARS: Final = ("‖", "|")
"""Which browsers would stretch to the height of the line, each as if it opened something."""
_MARK: Final = re.compile("\ue000([0-9]+)\ue001")
_TAG_OR_MARK: Final = re.compile(f"<[^<>]*>|{_MARK.pattern}")
_OURS: Final = str.maketrans("", "", "\ue000\ue001")


class Formulas:
    """Stands marks into a text in place of its formulas, and formulas in place of the marks when the text is safe."""

    def __init__(self) -> None:
        self._found: list[tuple[str, bool]] = []

    @staticmethod
    def unmarked(source: str) -> str:
        """A text without marks of its own."""
        return source.translate(_OURS)

    def mark(self, tex: str, *, is_block: bool = False) -> str:
        """What stands for a formula."""
        self._found.append((tex, is_block))
        return f"\ue000{len(self._found) - 1}\ue001"

    def drawn(self, text: str) -> str:
        """HTML with its formulas; in an attribute one is shown as it was written."""

        def replaced(match: re.Match[str]) -> str:
            if match[1] is not None:
                return mathml(*self._found[int(match[1])])
            return _MARK.sub(lambda mark: html.escape(f"${self._found[int(mark[1])][0]}$"), match[0])

        return _TAG_OR_MARK.sub(replaced, text)


def _not_tex() -> Iterator[type[Exception]]:
    """What the converter raises; its own exceptions have no base of their own."""
    yield from (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)
    for kind in vars(exceptions).values():
        if isinstance(kind, type) and issubclass(kind, Exception):
            yield kind


_NOT_TEX: Final = tuple(_not_tex())


@lru_cache(maxsize=1024)
def mathml(tex: str, is_block: bool = False) -> str:
    """A formula in TeX as MathML; as code where it is none, or longer than a person would write."""
    try:
        if len(tex) > _LONGEST:
            raise ValueError
        element = convert_to_element(tex, display="block" if is_block else "inline")
        return "".join(_serialized(element, 0))
    except _NOT_TEX:
        sign = "$$" if is_block else "$"
        return f"<code>{html.escape(f'{sign}{tex}{sign}')}</code>"


def _serialized(element: Element, depth: int) -> Iterator[str]:
    """An element and what it holds.

    Raises:
        ValueError: it is too deep.
    """
    if depth > _DEEPEST:
        raise ValueError
    name = element.tag if element.tag in _ELEMENTS else "mrow"
    attributes = "".join(
        f' {key}="{html.escape(value)}"'
        for key, value in element.items()
        if key in _ATTRIBUTES and _VALUE.fullmatch(value) and (key in ("lspace", "rspace") or value[0] != "-")
    )
    text = html.unescape(element.text or "")
    if name == "mo" and text in _BARS and "stretchy" not in element.attrib:
        attributes += ' stretchy="false"'
    yield f"<{name}{attributes}>{html.escape(text, quote=False)}"
    for child in element:
        yield from _serialized(child, depth + 1)
    yield f"</{name}>"
