"""Plugs AulaTorch into nbgrader's configuration: one call in ``course_config.py``.

It imports neither torch nor nbgrader: nbgrader's commands stay as quick as they are.
"""

from __future__ import annotations

from typing import Any, Final

from traitlets.config import Application

_OURS: Final = "grader.grading.preprocessors"
_NBGRADER: Final = "nbgrader.preprocessors"


def configure(c: Any) -> None:
    """Puts AulaTorch's steps in the lists of preprocessors of nbgrader's configuration `c`.

    The lists are nbgrader's own, in their order, but for these:

    ==================== ============================== =========================================
    command              nbgrader's step                AulaTorch's
    ==================== ============================== =========================================
    generate_assignment  —                              `KeepLanguage`, first; `ReleaseChecks`, last
    autograde, sanitize  (opening the file)             `SubmissionExporter`
    autograde, sanitize  `DeduplicateIds`               `RepairCells`
    autograde            `Execute`                      `GradeCells`
    autograde            `SaveAutoGrades`               `SaveGrades`
    ==================== ============================== =========================================

    Feedback and formgrader pages show Markdown without its scripts, and are done in time (`grader.feedback.pages`).

    A configuration file with an error ends the command: nbgrader would go on without it, and so without all of this.
    """
    if Application.initialized():
        Application.instance().raise_config_file_errors = True
    c.GenerateAssignment.preprocessors = [
        "grader.grading.release.KeepLanguage",
        f"{_NBGRADER}.IncludeHeaderFooter",
        f"{_NBGRADER}.InstantiateTests",
        f"{_NBGRADER}.LockCells",
        f"{_NBGRADER}.ClearSolutions",
        f"{_NBGRADER}.ClearOutput",
        f"{_NBGRADER}.CheckCellMetadata",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_NBGRADER}.SaveCells",
        f"{_NBGRADER}.ClearHiddenTests",
        f"{_NBGRADER}.ClearMarkScheme",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_NBGRADER}.CheckCellMetadata",
        "grader.grading.release.ReleaseChecks",
    ]
    c.Autograde.exporter_class = f"{_OURS}.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = [
        f"{_NBGRADER}.ClearOutput",
        f"{_OURS}.RepairCells",
        f"{_NBGRADER}.OverwriteKernelspec",
        f"{_NBGRADER}.OverwriteCells",
        f"{_NBGRADER}.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_OURS}.GradeCells",
        f"{_NBGRADER}.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{_NBGRADER}.LimitOutput",
        f"{_OURS}.SaveGrades",
        f"{_NBGRADER}.AssignLatePenalties",
        f"{_NBGRADER}.CheckCellMetadata",
    ]
    c.HTMLExporter.filters = {
        "markdown2html": "grader.feedback.pages.markdown_without_scripts",
        "highlight_code": "grader.feedback.pages.highlighted_code",
        "strip_files_prefix": "grader.feedback.pages.page_without_files_prefix",
    }
