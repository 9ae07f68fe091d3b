"""HTML without scripts, rebuilt from what is known to be harmless, in time that grows with its length and no faster.

A real HTML parser takes minutes for a hundred thousand unclosed tags. Here a tag is copied when its name and its
attributes are on a list, and every other ``<`` becomes text; so nothing gets through that is not on the lists.

No script does not mean no harm. nbgrader's formgrader finds its buttons by class and its scores by id: with those, a
click on what looks like a figure would give full credit. So of classes only those of pandas and of highlighted code
are kept, and an id never is one of the page's own.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html import escape, unescape
from typing import Final

from pygments.token import STANDARD_TYPES

_TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "details",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
    ]
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_VOID: Final = frozenset({"br", "col", "hr", "img"})
_UNREAD: Final = frozenset({"script", "style", "template", "noscript", "iframe", "textarea", "title", "xmp"})
"""Elements whose text is not for reading; pandas puts style sheets before its tables."""
_ATTRIBUTES: Final = frozenset(
    {"class", "style", "title", "alt", "width", "height", "colspan", "rowspan", "border", "align", "start"}
)
_CLASSES: Final = frozenset({"dataframe", "highlight", "anchor-link", *STANDARD_TYPES.values()} - {""})
_ANCHOR: Final = "text-"
"""What ids, and the addresses of places in the page, begin with."""
_STYLES: Final = re.compile(
    r"(?:background|border|font|margin|max|min|overflow|padding|text)(?:-[a-z-]+)?"
    r"|color|display|float|height|line-height|list-style-type|vertical-align|white-space|width"
)
_STYLE_VALUE: Final = re.compile(r"[\w\s#%.,'-]{0,200}")
_COLOUR: Final = re.compile(r"\b(?:rgb|hsl)a?\([\d\s.,%/]*+\)", re.IGNORECASE)
"""The only functions: others take addresses, or compute lengths."""
_REFUSED_VALUE: Final = re.compile(r"-\s*[\d.]")
"""Negative lengths, which would lay an output over the rest of the page."""
_MAX_OPEN: Final = 100
"""Elements one in another; a deeper one is left out."""

_NAME: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*+([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?+"""
)  # fmt: skip
_END: Final = re.compile(r"[\s/]*+>")
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*+")
_ADDRESS: Final = re.compile(r"(?:https?://|#)[^\x00-\x20]*+", re.IGNORECASE)
_REMOTE_PICTURE: Final = re.compile(r"(https?://[^\x00-\x20?#]*+|[\w./ %-]++)(?:[?#][^\x00-\x20]*+)?", re.IGNORECASE)
_PICTURE_NAMES: Final = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
"""An address that does not end like this may be that of signing out."""


def without_scripts(html: str, *, remote_pictures: bool = False) -> str:
    """HTML with only harmless elements and attributes, each element closed.

    Args:
        html: anything.
        remote_pictures: whether pictures may lie elsewhere, whose server then learns who looks at them.
    """
    parts: list[str] = []
    opened: list[str] = []
    counts: Counter[str] = Counter()
    position = 0
    while (start := html.find("<", position)) >= 0:
        parts.append(_text(html[position:start]))
        found = _NAME.match(html, start)
        if found is None:
            position = _skip_comment(html, start)
            if position == start + 1:
                parts.append("&lt;")
            continue
        name = found[1].lower()
        attributes, end = _attributes(html, found.end())
        closing = _END.match(html, end)
        if closing is None:
            parts.append(_text(html[start:end]))
            position = end
            continue
        position = closing.end()
        is_end = html[start + 1] == "/"
        if name in _UNREAD and not is_end:
            position = _after_element(html, name, position)
        elif name not in _TAGS:
            continue
        elif is_end:
            while counts[name] > 0:
                last = opened.pop()
                counts[last] -= 1
                parts.append(f"</{last}>")
                if last == name:
                    break
        elif name in _VOID or len(opened) < _MAX_OPEN:
            parts.append(_tag(name, attributes, remote_pictures))
            if name not in _VOID:
                opened.append(name)
                counts[name] += 1
    parts.append(_text(html[position:]))
    parts += [f"</{name}>" for name in reversed(opened)]
    return "".join(parts)


_BOX: Final = '<div style="contain: paint; overflow: auto">'
"""Clips what it holds, whatever that measures: a height of zero with visible overflow, a float of no width, a formula
that is moved. Both words do, and one of them in browsers that do not know the other."""


def contained(html: str) -> str:
    """HTML whose elements are closed, in a box that nothing of it reaches out of."""
    return f"{_BOX}{html}</div>" if html else html


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _skip_comment(html: str, start: int) -> int:
    """The position after a comment or declaration; after the ``<`` alone where there is none."""
    if html.startswith(("<!", "<?"), start):
        end = html.find("-->" if html.startswith("<!--", start) else ">", start)
        return len(html) if end < 0 else end + (3 if html.startswith("-->", end) else 1)
    return start + 1


def _after_element(html: str, name: str, position: int) -> int:
    found = re.compile(rf"</{name}\s*+>", re.IGNORECASE).search(html, position)
    return found.end() if found is not None else len(html)


def _attributes(html: str, position: int) -> tuple[dict[str, str], int]:
    """A tag's attributes, and where they end."""
    found: dict[str, str] = {}
    while (match := _ATTRIBUTE.match(html, position)) is not None:
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), unescape(value))
        position = match.end()
    return found, position


def _tag(name: str, attributes: dict[str, str], remote_pictures: bool) -> str:
    kept = {key: value for key, value in attributes.items() if key in _ATTRIBUTES}
    if "class" in kept:
        kept["class"] = " ".join(word for word in kept["class"].split() if word in _CLASSES)
    if name in _HEADINGS and "id" in attributes:
        kept["id"] = _ANCHOR + attributes["id"]
    if "style" in kept:
        kept["style"] = _style(kept["style"])
    source, address = attributes.get("src", "").strip(), attributes.get("href", "").strip()
    if name == "img":
        if not (_PICTURE.fullmatch(source) or (remote_pictures and _is_picture_elsewhere(source))):
            return ""
        kept["src"] = source
    if name == "a" and _ADDRESS.fullmatch(address):
        kept["href"] = f"#{_ANCHOR}{address[1:]}" if address.startswith("#") else address
    return f"<{name}{''.join(f' {key}={_quoted(value)}' for key, value in kept.items() if value)}>"


def _is_picture_elsewhere(address: str) -> bool:
    found = _REMOTE_PICTURE.fullmatch(address)
    return found is not None and found[1].lower().endswith(_PICTURE_NAMES)


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


@lru_cache(maxsize=1024)
def _style(style: str) -> str:
    """The declarations that only change how something looks where it stands."""
    if len(style) > 1000:
        return ""
    kept = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if (
            _STYLES.fullmatch(name)
            and _STYLE_VALUE.fullmatch(_COLOUR.sub("", value))
            and not _REFUSED_VALUE.search(value)
        ):
            kept.append(f"{name}: {value}")
    return "; ".join(kept)
