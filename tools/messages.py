"""Collects the texts for students, updates the translations, and compiles them: ``make messages``.

Each file of checks has a catalogue of its own, and the rest of the package has one named ``aulatorch``::

    grader/locale/es/LC_MESSAGES/{aulatorch,test_01_tensors,…}.po      shipped
    grader/hidden/locale/es/LC_MESSAGES/{test_01_tensors,…}.po         stays with the hidden checks

``make messages`` updates all; ``python tools/messages.py test_01_tensors`` only the ones of that name. A text that
has no translation yet is listed and makes the command fail.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LANGUAGE = "es"


def main(only: list[str]) -> int:
    """Updates every catalogue, or those named; returns the number of texts without a translation."""
    missing = 0
    for po_path, sources in catalogues().items():
        if only and po_path.stem not in only:
            continue
        catalogue = updated(po_path, sources)
        po_path.parent.mkdir(parents=True, exist_ok=True)
        po_path.write_bytes(po_bytes(catalogue))
        po_path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
        for message in catalogue:
            if message.id and (not is_translated(message) or message.fuzzy):
                print(f"{po_path.relative_to(ROOT)}: not translated: {message.id!r}", file=sys.stderr)
                missing += 1
    return missing


def catalogues() -> dict[Path, list[Path]]:
    """Each catalogue's file and the sources of its texts."""
    package = ROOT / "grader"
    shipped = package / "locale" / LANGUAGE / "LC_MESSAGES"
    hidden = package / "hidden" / "locale" / LANGUAGE / "LC_MESSAGES"
    checks = {"samples": shipped, "hidden": hidden}
    rest = [path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in checks]
    found = {shipped / "aulatorch.po": rest}
    for folder, target in checks.items():
        found |= {target / f"{path.stem}.po": [path] for path in sorted((package / folder).glob("test_*.py"))}
    return found


def updated(po_path: Path, sources: list[Path]) -> Catalog:
    """The catalogue with today's texts and the translations that it already had."""
    old = _catalogue(locale=LANGUAGE)
    if po_path.exists():
        with po_path.open("rb") as file:
            old = read_po(file, locale=LANGUAGE)
    new = _catalogue(locale=LANGUAGE, project="aulatorch", charset="utf-8", fuzzy=False)
    for path in sources:
        for text in texts(path):
            known = old.get(text if isinstance(text, str) else text[0])
            translation = known.string if known is not None and not known.fuzzy else ""
            if isinstance(text, tuple) != isinstance(translation, tuple):
                translation = (
                    "" if isinstance(text, str) else ("",) * new.num_plurals
                )  # it had no plural, or has none any more
            new.add(text, translation, locations=[(str(path.relative_to(ROOT)), 0)], flags=())
    return new


def _catalogue(**options: Any) -> Catalog:
    """An empty catalogue with two forms of a plural; Babel 2.19 counts a third one, for millions."""
    found = Catalog(**options)
    found._num_plurals, found._plural_expr = 2, "(n != 1)"
    return found


def is_translated(message: Message) -> bool:
    """Whether a text, in each of its forms, has a translation."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def texts(path: Path) -> Iterator[str | tuple[str, str]]:
    """The texts of a file: the arguments of ``tr`` and ``trn`` (both forms), and the docstrings of checks."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "tr"
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "trn":
            one, many = (argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant))
            yield str(one), str(many)
        if isinstance(node, ast.FunctionDef) and any(map(_is_exercise, node.decorator_list)):
            text = ast.get_docstring(node)
            if text is None:
                raise SystemExit(f"{path}:{node.lineno}: the check {node.name} has no docstring, its title")
            yield " ".join(text.split("\n\n", 1)[0].split())


def po_bytes(catalogue: Catalog) -> bytes:
    """The catalogue as a .po file without dates and line numbers, so that only texts make it change."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=False, width=110, include_lineno=False, sort_output=True)
    dated = (
        b'"POT-Creation-Date',
        b'"PO-Revision-Date',
        b'"Last-Translator',
        b'"Language-Team',
        b'"Generated-By',
    )
    return b"".join(
        line
        for line in buffer.getvalue().splitlines(keepends=True)
        if not line.startswith((*dated, b"# Translations template", b"# Copyright", b"# This file is", b"# FIRST"))
    )


def mo_bytes(catalogue: Catalog) -> bytes:
    """The compiled catalogue."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)  # not today: the same texts compile to the same bytes
    compiled = _catalogue(locale=LANGUAGE, charset="utf-8", creation_date=epoch, revision_date=epoch, fuzzy=False)
    for message in catalogue:
        if message.id and is_translated(message):
            compiled.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, compiled)
    return buffer.getvalue()


def _is_exercise(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "exercise"


if __name__ == "__main__":
    count = main(sys.argv[1:])
    if count:
        raise SystemExit(f"{count} texts are not translated: fill them in and run this again")
