"""`grader messages`: collects the texts for students, updates the translations, and compiles them.

The checks of each assignment have two catalogues a language, so that students get no hidden text; the package has one::

    checks/hw1/locale/pt/LC_MESSAGES/checks.po      released with the visible checks
    checks/hw1/locale/pt/LC_MESSAGES/hidden.po      stays with the hidden ones
    checks/hw1/locale/pt/LC_MESSAGES/notebook.po    the texts in the code of a notebook with cells tagged `pt`
    grader/locale/es/LC_MESSAGES/aulatorch.po       the package's own
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import nbformat
from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from grader.cell_texts import texts_in
from grader.checking.hint_files import read_hint_file
from grader.command_line import Command, complete_assignments, course_option
from grader.course import HINTS, LOCALE, NOTEBOOK_PO, Course, CourseError
from grader.evidence.mistakes import FOLDER, MISTAKES, read_answer, read_mistakes
from grader.kit.messages import languages, written

if TYPE_CHECKING:
    from nbformat import NotebookNode

PACKAGE: Final = Path(__file__).parents[1]


@click.command(cls=Command)
@click.argument("assignments", nargs=-1, shell_complete=complete_assignments)
@course_option
@click.option("--add", "added", multiple=True, metavar="LANGUAGE", help="Begin the translation to a language: pt.")
@click.option("--package", is_flag=True, help="The texts of the package itself as well (for its developers).")
def messages(assignments: tuple[str, ...], course: Path, added: tuple[str, ...], package: bool) -> None:
    """Collect the texts of ASSIGNMENTS (all, by default), update their translations and compile them.

    A text that has no translation yet is listed, and makes the command fail.
    """
    for language in added:
        try:
            Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            raise click.UsageError(f"{language!r} is no language's code, such as pt") from None
    try:
        opened = Course.open(course)
        names = opened.assignments()
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    for name in assignments:
        if name not in names:
            raise click.UsageError(f"the course has no checks of {name!r}; it has: {', '.join(names)}")
    found = [
        item
        for name in names
        if name in (assignments or names)
        for item in catalogues(opened.checks(name).folder, added)
    ]
    if package:
        found += package_catalogues(added)
    missing = 0
    for path, sources in found:
        missing += update(path, sources, opened.root)
    if missing:
        raise click.ClickException(f"{missing} texts are not translated: fill them in and run this again")


def catalogues(folder: Path, added: Iterable[str] = ()) -> list[tuple[Path, list[Path]]]:
    """The file of each catalogue of an assignment's checks, and the sources of its texts.

    Args:
        folder: of the checks.
        added: languages that it is to have besides those that it has.
    """
    files = [
        path
        for path in sorted(folder.rglob("*.py"))
        if not {"answers", "__pycache__"} & set(path.relative_to(folder).parts)
    ]
    hidden = [path for path in files if path.name.startswith("hidden")]
    visible = [path for path in files if path not in hidden] + sorted(folder.glob(f"*/{HINTS}"))
    hidden += sorted(folder.glob(f"*/{FOLDER}/{MISTAKES}")) + sorted(folder.glob(f"*/{FOLDER}/wrong_*.py"))
    return [
        (folder / LOCALE / language / "LC_MESSAGES" / name, sources)
        for language in _languages(folder / LOCALE, added)
        for name, sources in (
            ("checks.po", visible),
            ("hidden.po", hidden),
            (NOTEBOOK_PO, _notebooks(folder, language)),
        )
        if sources or name != NOTEBOOK_PO
    ]


def _notebooks(folder: Path, language: str) -> list[Path]:
    """The source notebooks of an assignment's checks that are written in a language among others."""
    course = Course.around(folder)
    if course is None:
        return []
    found = sorted(course.source(folder.name).parent.glob("*.ipynb"))
    return [path for path in found if any(language in _tags(cell) for cell in nbformat.read(path, as_version=4).cells)]


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def package_catalogues(added: Iterable[str] = ()) -> list[tuple[Path, list[Path]]]:
    """The same for the package's own texts."""
    sources = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "checks"]
    folder = PACKAGE / LOCALE
    return [(folder / name / "LC_MESSAGES" / "aulatorch.po", sources) for name in _languages(folder, added)]


def _languages(folder: Path, added: Iterable[str]) -> list[str]:
    known = {path.parents[1].name for path in folder.glob("*/LC_MESSAGES/*.po")}
    return sorted(known | set(added))


def update(path: Path, sources: Sequence[Path], root: Path) -> int:
    """Updates and compiles a catalogue; returns the number of texts without a translation.

    Args:
        path: of the ``.po`` file; its language is the name of its folder's folder.
        sources: of the texts.
        root: what their places are given relative to.
    """
    catalogue = updated(path, sources, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(po_bytes(catalogue))
    if path.name != NOTEBOOK_PO:  # which is read where a notebook is generated, and nowhere else
        path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
    missing = [item for item in catalogue if item.id and (not is_translated(item) or item.fuzzy)]
    for item in missing:
        click.echo(f"{path}: not translated: {item.id!r}", err=True)
    return len(missing)


def updated(po_path: Path, sources: Sequence[Path], root: Path) -> Catalog:
    """The catalogue with today's texts and the translations that it already had."""
    language = po_path.parents[1].name
    old = Catalog(locale=language)
    if po_path.exists():
        with po_path.open("rb") as file:
            old = read_po(file, locale=language)
    new = Catalog(locale=language, project="aulatorch", charset="utf-8", fuzzy=False)
    new.mime_headers = [("Plural-Forms", old.plural_forms)]  # Babel's own change with its versions
    for path in sources:
        for text in texts(path, language):
            known = old.get(text if isinstance(text, str) else text[0])
            translation = known.string if known is not None and not known.fuzzy else ""
            if isinstance(text, tuple) != isinstance(translation, tuple):
                translation = (
                    "" if isinstance(text, str) else ("",) * new.num_plurals
                )  # it had no plural, or has none any more
            new.add(text, translation, locations=[(path.relative_to(root).as_posix(), 0)], flags=())
    return new


def is_translated(message: Message) -> bool:
    """Whether a text, in each of its forms, has a translation."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def texts(path: Path, language: str = "") -> Iterator[str | tuple[str, str]]:
    """The texts of a file: the arguments of ``tr`` and ``trn`` (both forms), and the docstrings of checks.

    Of files of hints and of mistakes: the texts that are not written in `language` there. Of a notebook: the texts in
    its code cells, but for those that only one language has.
    """
    if path.suffix == ".ipynb":
        known = {*languages(), language}
        cells = [
            cell
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code" and not _tags(cell) & known
        ]
        yield from (text for cell in cells for text in texts_in(cell.source))
        return
    if path.name == HINTS:
        yield from (written(step).text for step in read_hint_file(path).steps if language not in step)
        return
    if path.parent.name == FOLDER:
        mistakes = read_mistakes(path) if path.name == MISTAKES else []
        pairs = [(mistake.title, mistake.hint) for mistake in mistakes]
        if path.suffix == ".py":
            answer = read_answer(path)
            pairs.append((answer.titles, answer.hints))
        yield from (written(text).text for pair in pairs for text in pair if text and language not in text)
        return
    for node in ast.walk(ast.parse(path.read_bytes())):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "tr"
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "trn":
            one, many = (argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant))
            yield str(one), str(many)
        if isinstance(node, ast.FunctionDef) and any(map(_is_exercise, node.decorator_list)):
            text = ast.get_docstring(node)
            if text is None:
                raise click.ClickException(f"{path}:{node.lineno}: the check {node.name} has no docstring, its title")
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
    compiled = Catalog(catalogue.locale, charset="utf-8", creation_date=epoch, revision_date=epoch, fuzzy=False)
    compiled.mime_headers = [("Plural-Forms", catalogue.plural_forms)]
    for message in catalogue:
        if message.id and is_translated(message):
            compiled.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, compiled)
    return buffer.getvalue()


def _is_exercise(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "exercise"
