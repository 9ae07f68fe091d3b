"""AulaTorch's step in generating an assignment; it imports no torch, so that releasing stays quick."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import TraitError

from grader.settings import AulaTorch


class KeepLanguage(NbGraderPreprocessor):
    """Keeps the cells of one language: those tagged with another language's code are dropped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        try:
            AulaTorch(parent=self)
        except TraitError as error:
            self.log.error("Nothing is generated: %s", error)
            raise NbGraderException(str(error)) from None

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Drops the other languages' cells and this language's tags."""
        settings = AulaTorch(parent=self)
        languages = set(AulaTorch.language.values or ())
        kept = []
        for cell in nb.cells:
            tags = set(cell.metadata.get("tags", []))
            if tags & languages and settings.language not in tags:
                continue
            remaining = [tag for tag in cell.metadata.get("tags", []) if tag not in languages]
            if remaining:
                cell.metadata["tags"] = remaining
            else:
                cell.metadata.pop("tags", None)
            kept.append(cell)
        nb.cells = kept
        return nb, resources
