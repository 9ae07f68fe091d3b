"""Plugs AulaTorch into nbgrader's configuration: one call at the beginning of ``nbgrader_config.py``.

It imports neither torch nor nbgrader: nbgrader's commands stay as quick as they are.
"""

from __future__ import annotations

from typing import Any, Final

from traitlets.config import Application

from grader.config_files import ConfigFileError, file_being_run, run_config_file
from grader.needs import UnmetNeedError, require_linux

_STEPS: Final = "grader.grading.steps"
_NBGRADER: Final = "nbgrader.preprocessors"


def configure(c: Any) -> None:
    """Puts AulaTorch's steps in the lists of preprocessors of nbgrader's configuration `c`.

    The lists are nbgrader's own, in their order, but for these:

    ==================== ============================== =========================================
    command              nbgrader's step                AulaTorch's
    ==================== ============================== =========================================
    generate_assignment  —                              `KeepLanguage`, first; `ReleaseChecks`, last
    generate_assignment  `ClearSolutions`               ours, with its stub in the students' language
    generate_assignment  —                              `ForbidOtherSteps`, after `SaveCells`
    autograde, sanitize  (opening the file)             `SubmissionExporter`
    autograde, sanitize  `DeduplicateIds`               `RepairCells`
    autograde, sanitize  `OverwriteKernelspec`          `RestoreKernelspec`
    autograde            `Execute`                      `GradeCells`
    autograde            `SaveAutoGrades`               `SaveGrades`
    generate_feedback    (making the page)              `FeedbackExporter`
    ==================== ============================== =========================================

    Feedback and formgrader pages show Markdown without its scripts, and are done in time (`grader.feedback.pages`).

    An error in the file that calls this, or in one that it loads, ends the command: nbgrader would go on without the
    file, and so without all of this. `nbgrader autograde` ends as well where the machine cannot grade.

    Raises:
        ConfigFileError: there is an error, and no command of nbgrader's that could be ended.
    """
    _refuse_to_grade_elsewhere()
    _run_to_the_end()
    c.GenerateAssignment.preprocessors = [
        "grader.grading.release.KeepLanguage",
        f"{_NBGRADER}.IncludeHeaderFooter",
        f"{_NBGRADER}.InstantiateTests",
        f"{_NBGRADER}.LockCells",
        "grader.grading.release.ClearSolutions",
        f"{_NBGRADER}.ClearOutput",
        f"{_NBGRADER}.CheckCellMetadata",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_NBGRADER}.SaveCells",
        "grader.grading.kernelspecs.ForbidOtherSteps",
        f"{_NBGRADER}.ClearHiddenTests",
        f"{_NBGRADER}.ClearMarkScheme",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_NBGRADER}.CheckCellMetadata",
        "grader.grading.release.ReleaseChecks",
    ]
    c.Autograde.exporter_class = f"{_STEPS}.opening.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = [
        f"{_NBGRADER}.ClearOutput",
        f"{_STEPS}.repairing.RepairCells",
        "grader.grading.kernelspecs.RestoreKernelspec",
        f"{_NBGRADER}.OverwriteCells",
        f"{_NBGRADER}.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_STEPS}.grading.GradeCells",
        f"{_NBGRADER}.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{_NBGRADER}.LimitOutput",
        f"{_STEPS}.saving.SaveGrades",
        f"{_NBGRADER}.AssignLatePenalties",
        f"{_NBGRADER}.CheckCellMetadata",
    ]
    c.GenerateFeedback.exporter_class = "grader.feedback.exporter.FeedbackExporter"
    c.HTMLExporter.filters = {
        "markdown2html": "grader.feedback.pages.markdown_without_scripts",
        "highlight_code": "grader.feedback.pages.highlighted_code",
        "strip_files_prefix": "grader.feedback.pages.page_without_files_prefix",
    }


_rehearsing = False


def _run_to_the_end() -> None:
    """Runs the configuration file at hand once more, and to its end, before nbgrader can pass over an error in it."""
    global _rehearsing
    application = _nbgrader_command()
    if application is not None:
        application.raise_config_file_errors = True  # in files that are still to be loaded
    loader = file_being_run()
    if loader is None or _rehearsing:
        return
    _rehearsing = True
    try:
        run_config_file(loader.filename, loader.path)
    except ConfigFileError as error:
        if application is None:
            raise
        application.log.critical("Nothing is done, for the configuration has an error: %s", error)
        application.exit(1)
    finally:
        _rehearsing = False


def _refuse_to_grade_elsewhere() -> None:
    application = _nbgrader_command()
    if application is None or application.name != "nbgrader-autograde":
        return
    try:
        require_linux()
    except UnmetNeedError as error:
        application.log.critical("Nothing is graded: %s", error)
        application.exit(1)


def _nbgrader_command() -> Application | None:
    """The command that is being started, where it is nbgrader's or ours: a Jupyter server is not ended."""
    application = Application.instance() if Application.initialized() else None
    is_nbgrader = any(base.__module__.startswith("nbgrader.") for base in type(application).__mro__)
    return application if is_nbgrader else None
