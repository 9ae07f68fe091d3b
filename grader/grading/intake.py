"""Which of the files that a student handed in is which notebook of the assignment, whatever they are called.

A notebook is known by its cells: nbgrader's names of them, their ids, the exercises they check. One that is clearly the
assignment's is graded under its right name, with a remark; where two hold different answers, or none is known, the
points wait for a person. Nothing is renamed where it was handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nbformat.notebooknode import NotebookNode

from grader.grading.folder import FolderRefusedError, Found, Refusal, candidates, files_in, plain_stem
from grader.grading.repair import ReleasedCell
from grader.grading.stripping import read_notebook_file
from grader.grading.submissions import UnreadableNotebookError, grade_id_in, read_submission
from grader.kit.cells import exercise_checked
from grader.kit.messages import Message, tr

_ENOUGH: Final = 0.3
"""Of a released notebook's cells, in a file that is taken for it: half a notebook may be cut off."""

_NAMES_SHOWN: Final = 5
_NAME_LENGTH: Final = 80


@dataclass(frozen=True)
class Taken:
    """What is graded as one notebook of the assignment.

    Attributes:
        path: the file; None where none is.
        file: its path in the folder.
        notices: for the student, where it is not simply the file of that name.
        undecided: why a person must look, if that is so.
    """

    path: Path | None = None
    file: str | None = None
    notices: tuple[Message, ...] = ()
    undecided: Message | None = None


@dataclass(frozen=True)
class _Candidate:
    """A file that may be a notebook of the assignment.

    Attributes:
        found: the file.
        shares: how much of each released notebook's cells it has, by name; none where it has too few.
        answers: by the name of each notebook, what its answer cells say where they say anything new.
    """

    found: Found
    shares: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def take_in(
    folder: Path, released: Mapping[str, Sequence[ReleasedCell]], ignored: Sequence[str], max_bytes: int
) -> dict[str, Taken]:
    """What to grade as each notebook of the assignment; a notebook that was not handed in is left out.

    Args:
        folder: that was handed in.
        released: the cells of each notebook of the assignment.
        ignored: patterns of names that nbgrader passes over.
        max_bytes: of a file that is opened.
    """
    try:
        files = files_in(folder, ignored)
    except FolderRefusedError as error:
        return dict.fromkeys(released, Taken(undecided=explained(error.refusal)))
    found = candidates(files, released)
    if not found:
        names = tuple(file.name for file in files if file.name != "timestamp.txt")
        return dict.fromkeys(released, Taken(undecided=explained(Refusal("nothing", files=names))))
    if {file.name for file in found} <= {f"{name}.ipynb" for name in released}:
        return {Path(file.name).stem: Taken(file.path, file.name) for file in found}
    return _chosen([_opened(file, released, max_bytes) for file in found], released)


def _opened(file: Found, released: Mapping[str, Sequence[ReleasedCell]], max_bytes: int) -> _Candidate:
    try:
        notebook = read_submission(read_notebook_file(file.path, max_bytes)[0], max_bytes).notebook
    except (OSError, UnreadableNotebookError):
        return _Candidate(file)
    shares, answers = {}, {}
    for name, cells in released.items():
        known = _known_cells(notebook, cells)
        if cells and len(known) / len(cells) >= _ENOUGH:
            shares[name] = len(known) / len(cells)
            given = {cell.grade_id: cell for cell in cells if not cell.is_fixed}
            answers[name] = {
                key: source.strip()
                for key, source in known.items()
                if key in given and source.strip() != given[key].source.strip()
            }
        elif any(cell.source.strip() for cell in notebook.cells):
            answers[name] = {"": "\n".join(cell.source for cell in notebook.cells)}
    return _Candidate(file, shares, answers)


def _known_cells(notebook: NotebookNode, released: Sequence[ReleasedCell]) -> dict[str, str]:
    """The sources of a notebook's cells that are among the released ones, by name."""
    by_id = {cell.cell_id: cell.grade_id for cell in released}
    by_exercise = {exercise_checked(cell.source): cell.grade_id for cell in released if cell.is_fixed}
    by_exercise.pop(None, None)
    names = {cell.grade_id for cell in released}
    found: dict[str, str] = {}
    for cell in notebook.cells:
        claimed = grade_id_in(cell.metadata)
        exercise = exercise_checked(cell.source) if len(cell.source) < 1_000 else None
        name = claimed if claimed in names else by_id.get(cell.get("id")) or by_exercise.get(exercise)
        if name is not None:
            found[name] = cell.source
    return found


def _chosen(opened: Sequence[_Candidate], released: Mapping[str, Sequence[ReleasedCell]]) -> dict[str, Taken]:
    groups: dict[str, list[_Candidate]] = {name: [] for name in released}
    unknown: list[_Candidate] = []
    for candidate in opened:
        name = _name_of(candidate, released)
        (groups[name] if name is not None else unknown).append(candidate)
    chosen = {}
    for name, group in groups.items():
        if group:
            chosen[name] = _of_group(name, group)
        elif unknown:
            files = shown(candidate.found.name for candidate in unknown)
            chosen[name] = Taken(
                undecided=tr(
                    "There is no {name}.ipynb, and it is not clear whether this is it: {files}.", name=name, files=files
                )
            )
    return chosen


def _name_of(candidate: _Candidate, released: Collection[str]) -> str | None:
    """The notebook that a file is: the one it is called, or the one whose cells it has."""
    for name in released:
        if candidate.found.name == f"{name}.ipynb":
            return name
    if not candidate.shares:
        return None
    most = max(candidate.shares.values())
    best = [name for name, share in candidate.shares.items() if share == most]
    if len(best) > 1:
        stem = plain_stem(candidate.found.name)
        best = [name for name in best if plain_stem(name) in stem]
    return best[0] if len(best) == 1 else None


def _of_group(name: str, group: Sequence[_Candidate]) -> Taken:
    """The one file that holds all the answers that any of them holds, if there is such a one."""
    files = shown(candidate.found.name for candidate in group)
    for candidate in group:  # the one that is called so is the first
        mine = candidate.answers.get(name, {})
        if all(other.answers.get(name, {}).items() <= mine.items() for other in group):
            break
    else:
        return Taken(
            undecided=tr(
                "Several notebooks here hold different answers ({files}): your instructor decides which one counts.",
                files=files,
            )
        )
    found = candidate.found
    if found.name == f"{name}.ipynb":
        return Taken(found.path, found.name)
    text = tr(
        "Your notebook was handed in as {file}; it was graded as {name}.ipynb.", file=shown([found.name]), name=name
    )
    if len(group) == 1:
        return Taken(found.path, found.name, (text,))
    others = shown(candidate.found.name for candidate in group if candidate.found is not found)
    beside = tr("The other notebooks beside it hold no other answers: {files}.", files=others)
    return Taken(found.path, found.name, (text, beside))


def shown(names: Iterable[str]) -> str:
    """Names of files as a person may see them: short, and with what commands a terminal written out."""
    listed = [_printable(name) for name in names]
    more = f" (+ {len(listed) - _NAMES_SHOWN})" if len(listed) > _NAMES_SHOWN else ""
    return ", ".join(listed[:_NAMES_SHOWN]) + more


def _printable(name: str) -> str:
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)
    return text if len(text) <= _NAME_LENGTH else f"…{text[-_NAME_LENGTH:]}"


def explained(refusal: Refusal) -> Message:
    """A refusal, for the student."""
    match refusal.kind:
        case "entries":
            return tr(
                "The folder that you handed in holds more than {n} files. Hand in your notebook and what it needs.",
                n=refusal.limit,
            )
        case "depth":
            return tr("The folders that you handed in lie more than {n} deep, one in another.", n=refusal.limit)
        case "path":
            return tr("A file that you handed in has a path of more than {n} characters.", n=refusal.limit)
        case "bytes":
            return tr(
                "The files beside your notebook are over {n} MB together. Hand in your notebook and what it needs.",
                n=refusal.limit >> 20,
            )
        case "unlisted":
            return tr("The folder that you handed in cannot be read.")
        case _ if refusal.files:
            return tr("You handed in no notebook of this assignment, but: {files}.", files=shown(refusal.files))
        case _:
            return tr("The folder that you handed in is empty.")
