"""The Spanish edition is Spanish, in one vocabulary: that of Latin America."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import nbformat
import pytest
from babel.messages.pofile import read_po

from grader.cell_texts import texts_in
from grader.checking.hint_files import read_hints
from grader.course import Checks
from grader.devkit.answers import CHECKS, ROOT, answers, assignments, exercises

OTHER_WORDS: Final = {
    r"accuracy|el acierto": "exactitud",
    r"ficheros?": "archivo",
    r"notebooks?|prácticas?": "cuaderno",
    r"lotes?": "batch",
    r"ordenador(es)?": "computadora",
    r"traspuest[ao]s?": "transpuesta",
    r"cargador(es)?": "loader",
    r"modo de (entrenamiento|entrenar)": "modo train",
    r"modo de (evaluación|evaluar|medir)": "modo eval",
    r"autograd (está |sigue |queda )?(encendido|apagado|activo)": "activado",
    r"(puntos?|dígitos?) de prueba": "de test",
    r"corrector(es)?|al corregir|corrige (el|este|tu) cuaderno": "calificador",
    r"(etiquetas?) (del|de los( dos)?) ejes?": "rótulo",
    r"(piden?|pida|pedir) gradiente": "requerir",
    r"conjuntos? de datos": "dataset",
    r"desviación típica": "desviación estándar",
    r"(con el) ratón": "mouse",
    r"(los|cada|varios|cuántos|todos los|ningún|otros|algunos) ejemplos?": "muestra",
}
"""What is said here in another word, by a pattern."""

CODE: Final = re.compile(r"```.*?```|`[^`]*`|\{[^{}]*\}|\"[^\"]*\"|>>>.*|\w+[._(=/]\S*|\w+ = \S+", re.DOTALL)
"""What is the same in every language."""


def notebook(assignment: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(ROOT / "assignments" / "es" / assignment / f"{assignment}.ipynb", as_version=4).cells


def prose(assignment: str) -> list[str]:
    return [cell.source for cell in notebook(assignment) if cell.cell_type == "markdown"]


def texts_of_code(assignment: str) -> list[str]:
    return [text for cell in notebook(assignment) if cell.cell_type == "code" for text in texts_in(cell.source)]


def everything() -> Iterator[str]:
    """All that a student reads in Spanish."""
    for path in [*CHECKS.glob("*/locale/es/*/*.po"), *(ROOT / "grader" / "locale" / "es").rglob("*.po")]:
        with path.open("rb") as file:
            for message in read_po(file, locale="es"):
                yield from [message.string] if isinstance(message.string, str) else message.string
    for assignment in assignments():
        yield from prose(assignment)
        for answer in answers(assignment):
            yield from (texts["es"] for texts in (answer.titles, answer.hints) if "es" in texts)
        for exercise in exercises(assignment):
            yield from (step["es"] for step in read_hints(Checks.in_folder(CHECKS / assignment), exercise).steps)
    yield (ROOT / "docs" / "students.es.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("assignment", assignments())
def test_no_code_in_spanish_has_an_english_text(assignment: str) -> None:
    english = re.compile(r"\b(the|of|and|is|are|with|to|shape|number|values|returns)\b", re.IGNORECASE)
    texts = texts_of_code(assignment)
    assert len(texts) > 50
    assert [text for text in texts if len(english.findall(CODE.sub("", text))) > 1] == []


@pytest.mark.parametrize(("others", "word"), OTHER_WORDS.items(), ids=OTHER_WORDS.values())
def test_one_thing_has_one_word(others: str, word: str) -> None:
    pattern = re.compile(rf"\b({others})\b", re.IGNORECASE)
    texts = [CODE.sub("", text.replace("lote (*batch*)", "")) for text in everything()]
    assert len(texts) > 2000
    assert [text for text in texts if pattern.search(text)] == []
    assert any(word in text for text in texts)


@pytest.mark.parametrize("assignment", assignments())
def test_decimals_in_prose_have_a_comma(assignment: str) -> None:
    numbered = re.compile(r"^(#+|\|) *\d\.\d", re.MULTILINE)
    text = numbered.sub("", CODE.sub("", "\n".join(prose(assignment))))
    assert re.findall(r".{20}\d\.\d.{5}", text) == []
