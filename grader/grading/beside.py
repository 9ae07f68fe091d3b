"""The files beside a notebook that go with it into its kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.course import RELEASED
from grader.grading.folder import files_in
from grader.grading.limits import MAX_BYTES_BESIDE


def files_beside(
    folder: Path, log: Any = None, *, handed_in: Path | None = None, notebook_folder: str = ""
) -> dict[str, bytes]:
    """The files that lie beside a notebook, by relative path; notebooks, checks and the timestamp stay behind.

    Args:
        folder: where they lie.
        log: hears of files that are left out.
        handed_in: the folder that `folder` was copied from. A link there, which nbgrader follows when it copies, may
            lead to what the student may not read.
        notebook_folder: where in the folder the notebook was; what lies there lies beside it.
    """
    found: dict[str, bytes] = {}
    total = 0
    for name, path, size in ((file.name, file.path, file.size) for file in files_in(folder, is_limited=False)):
        if path.suffix == ".ipynb" or path.name == "timestamp.txt" or name.startswith(f"{RELEASED}/"):
            continue
        if handed_in is not None and _leads_through_link(handed_in, Path(name)):
            continue
        total += size
        if total > MAX_BYTES_BESIDE:
            if log is not None:
                log.warning(
                    "the files beside the notebook are over %d MB; the rest is left out", MAX_BYTES_BESIDE >> 20
                )
            break
        found[name] = path.read_bytes()
    prefix = f"{notebook_folder}/"
    inner = {name.removeprefix(prefix): content for name, content in found.items() if name.startswith(prefix)}
    return found if notebook_folder == "" else inner | found


def _leads_through_link(folder: Path, path: Path) -> bool:
    return any((folder / part).is_symlink() for part in (path, *path.parents[:-1]))
