"""AulaTorch's steps in generating an assignment; it imports no torch, so that releasing stays quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import preprocessors
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import TraitError

from grader.cell_texts import translated
from grader.check_cells import exercise_checked
from grader.course import NOTEBOOK_PO, OBSERVED, RELEASED, Checks, CourseError, checks_of, exercises_in
from grader.evidence.library import ObservingError, observed
from grader.grading.examination import examine_sources
from grader.grading.references import exercises_with_references, recorded_values, without_references
from grader.grading.showing import seal
from grader.kit.messages import languages, tr
from grader.settings import AulaTorch


@contextmanager
def _refused_in_one_line(step: NbGraderPreprocessor) -> Iterator[None]:
    """Ends the generation of an assignment that its course's faults forbid, with one line that says why."""
    try:
        yield
    except (CourseError, TraitError) as error:
        step.log.error("Nothing is generated: %s", error)
        raise NbGraderException(str(error)) from None


class KeepLanguage(NbGraderPreprocessor):
    """Keeps one language: cells tagged with another language's code are dropped, texts in the code are translated."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with _refused_in_one_line(self):
            settings = AulaTorch(parent=self)
            coursedir = getattr(self.parent, "coursedir", None) or getattr(
                getattr(self.parent, "parent", None), "coursedir", None
            )
            if coursedir is not None:
                examine_sources(coursedir, settings)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Drops the other languages' cells and this language's tags, and translates code that all languages share."""
        nb.cells = in_one_language(nb.cells, AulaTorch(parent=self), resources["nbgrader"]["assignment"])
        with _refused_in_one_line(self):
            seal(nb, f"{resources['metadata']['name']}.ipynb")
        return nb, resources


def in_one_language(cells: Iterable[NotebookNode], settings: AulaTorch, assignment: str) -> list[NotebookNode]:
    """The cells of an assignment's notebook that are the course's language's, changed to be read in that one alone."""
    known = _languages(settings)
    texts = _texts(settings, assignment)
    kept = []
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & known and settings.language not in tags:
            continue
        if cell.cell_type == "code" and not tags & known:
            cell.source = translated(cell.source, lambda text: texts.get(text, text))
        remaining = [tag for tag in cell.metadata.get("tags", []) if tag not in known]
        if remaining:
            cell.metadata["tags"] = remaining
        else:
            cell.metadata.pop("tags", None)
        kept.append(cell)
    return kept


class ClearSolutions(preprocessors.ClearSolutions):
    """nbgrader's own; what it leaves in place of a solution is in the students' language."""

    code_stub: dict[str, str]
    text_stub: str

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Replaces the solutions; a stub of the course's own stays as it was written."""
        language = AulaTorch(parent=self).language
        code, answer = tr("YOUR CODE HERE"), tr("YOUR ANSWER HERE")
        self.code_stub = {name: stub.replace(code.text, code.render(language)) for name, stub in self.code_stub.items()}
        self.text_stub = self.text_stub.replace(answer.text, answer.render(language))
        return super().preprocess(nb, resources)


def _languages(settings: AulaTorch) -> set[str]:
    """The languages that cells may be tagged with."""
    return {*languages(), settings.language}


def _texts(settings: AulaTorch, assignment: str) -> dict[str, str]:
    """The texts in the code of an assignment's notebooks, translated; those that are not are left out."""
    try:
        path = checks_of(settings, assignment).locale / settings.language / "LC_MESSAGES" / NOTEBOOK_PO
    except (CourseError, TraitError):
        return {}  # a course without checks has no catalogues
    if not path.is_file():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=settings.language)
    return {str(item.id): str(item.string) for item in catalogue if item.id and item.string and not item.fuzzy}


class ReleaseChecks(NbGraderPreprocessor):
    """Puts the visible checks beside the released notebook, in a folder ``checks``: students need no other file."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Adds the files to those that nbgrader writes with the notebook; a notebook without check cells gets none.

        Raises:
            NbGraderException: an exercise has no visible check.
        """
        exercises = [name for cell in nb.cells if cell.cell_type == "code" and (name := exercise_checked(cell.source))]
        if not exercises:
            return nb, resources
        with _refused_in_one_line(self):
            checks = checks_of(AulaTorch(parent=self), resources["nbgrader"]["assignment"])
            visible, hidden = checks.count()
        for name in exercises:
            if not visible[name] and hidden[name]:
                self.log.warning("%s: %r has hidden checks only, which students cannot run", checks.folder.name, name)
        outputs = resources.get("outputs")
        if not isinstance(outputs, dict):
            outputs = resources["outputs"] = {}
        metadata = resources["metadata"]
        with _refused_in_one_line(self):
            content = released(checks, Path(metadata["path"]) / f"{metadata['name']}.ipynb")
        for path, data in content.items():
            outputs[f"{RELEASED}/{path}"] = data
        return nb, resources


def released_files(checks: Checks) -> list[Path]:
    """What students get of an assignment's checks: all but hidden ones, their texts, answers, and what Python left."""
    return [
        path
        for path in sorted(checks.folder.rglob("*"))
        if path.is_file()
        and path.suffix in (".py", ".toml", ".mo")
        and not path.name.startswith(("hidden", "."))
        and not {"__pycache__", "answers"} & set(path.relative_to(checks.folder).parts)
    ]


def released(checks: Checks, notebook: Path | None = None) -> dict[str, bytes]:
    """What students get of an assignment's checks: the files' content, by path, without the bodies of references.

    With them go the known mistakes of each exercise, by what they answer to the visible checks: no source of any.

    Args:
        checks: of the assignment.
        notebook: the source notebook, whose answers the references' values come from, and which the mistakes change;
            without it there are neither.

    Raises:
        CourseError: the checks cannot be run on it.
    """
    content = {path.relative_to(checks.folder).as_posix(): without_references(path) for path in released_files(checks)}
    if notebook is None:
        return content
    if exercises := exercises_with_references(checks):
        content |= recorded_values(checks, notebook, exercises)
    known = {name for path in checks.visible for name in exercises_in(path)}
    try:
        mistakes = observed(checks.without_hidden(), [notebook], sorted(known))
    except ObservingError as error:
        raise CourseError(str(error)) from None
    return content | {f"{name}/{OBSERVED}": lines for name, lines in mistakes.items()}
