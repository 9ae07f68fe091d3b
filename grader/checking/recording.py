"""Runs visible checks on a source notebook and writes what their references computed; a release runs this."""

from __future__ import annotations

import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import nbformat
import torch

from grader.checking.notebooks import InProcessNotebook, exercise_cells, exercises_of
from grader.checking.runner import run_checks
from grader.course import Checks
from grader.kit.references import Recording, recording


def record(checks: Checks, notebook: nbformat.NotebookNode, exercises: list[str]) -> Recording:
    """What references computed in the visible checks of some exercises, with the notebook's answers.

    Raises:
        CheckFileError: a check file cannot be imported.
    """
    chosen = [name for name in exercises_of(notebook) if name in exercises]
    with recording() as found, tempfile.TemporaryDirectory() as folder, chdir(folder):
        results = run_checks(InProcessNotebook(exercise_cells(notebook), seed=0), chosen, checks.without_hidden())
    for result in results:
        if not result.passed:
            print(f"{result.exercise}: {result.check}: {result.fault or result.diagnosis}", file=sys.stderr)
            raise SystemExit(1)
    return found


def main(checks: Path, notebook: Path, target: Path, exercises: list[str]) -> None:
    """Writes the files into `target`, where they would lie in the folder of checks."""
    torch.set_num_threads(1)
    found = record(Checks.in_folder(checks), nbformat.read(notebook, as_version=4), exercises)
    for path, content in found.files().items():
        place = target / path.relative_to(checks.resolve())
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
