"""Runs check files with pytest, quietly, and returns what they found."""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from _pytest.main import pytest_runtestloop
from _pytest.runner import runtestprotocol

from grader.checking.files import forget_changed, import_check_file
from grader.checking.plugin import STAGE, Stage, exercise_of
from grader.checking.results import CheckResult, Verdict, share_weights
from grader.checking.sessions import CollectedSession, keep, take
from grader.checking.verdicts import judge
from grader.course import CheckFileError, Checks
from grader.kit.failures import Diagnosis
from grader.kit.messages import Message, add_catalogues, tr
from grader.kit.observations import Notes, noting
from grader.kit.student import _last_call
from grader.kit.training.accuracy import assignment_thresholds

_ARGUMENTS: Final = [
    "--disable-plugin-autoload",
    *("-p", "grader.checking.plugin"),
    # What a check does not need costs more than the check: collecting garbage five times at the end, for one.
    *(
        argument
        for name in (
            "cacheprovider", "terminal", "logging", "unraisableexception", "threadexception", "faulthandler",
            "junitxml", "doctest", "stepwise", "pastebin", "warnings", "unittest",
        )
        for argument in ("-p", f"no:{name}")
    ),
    "--noconftest",
    "--capture=no",
    "--assert=plain",
    "--import-mode=importlib",
    f"--config-file={Path(__file__).with_name('checks.ini')}",
]  # fmt: skip


Run = Callable[[], list[CheckResult]]
"""Runs the checks that were collected, once."""

_MAX_RUNS: Final = 4
"""How often one check is run, where its process keeps being ended by something else."""


class Recorder:
    """A pytest plugin that picks the checks of the exercises asked for and notes what each found."""

    def __init__(
        self,
        stage: Stage,
        exercises: Sequence[str],
        visible_files: Sequence[Path],
        on_result: Callable[[CheckResult], None] | None = None,
        is_taken_back: Callable[[], bool] = lambda: False,
        on_collected: Callable[[Run], None] | None = None,
    ) -> None:
        self.on_collected = on_collected
        self.is_taken_back = is_taken_back
        self.stage = stage
        self.order = {name: position for position, name in enumerate(exercises)}
        self.visible_files = {path.resolve() for path in visible_files}
        self.resolved = cache(Path.resolve)  # a file has many checks
        self.on_result = on_result
        self.results: list[CheckResult] = []
        self.collection_errors: list[str] = []
        self.notes = Notes()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hands the stage to the fixtures."""
        config.stash[STAGE] = self.stage
        self.config = config
        # pytest's own account of a failure parses the check file once for each frame, and nobody reads it.
        config.option.tbstyle = "native"

    def begin(
        self, stage: Stage, on_result: Callable[[CheckResult], None] | None, is_taken_back: Callable[[], bool]
    ) -> None:
        """Makes ready for another notebook in the same session."""
        self.config.stash[STAGE] = self.stage = stage
        self.on_result, self.is_taken_back = on_result, is_taken_back
        self.results, self.notes = [], Notes()

    def end(self) -> None:
        """Lets go of the notebook."""
        del self.config.stash[STAGE], self.stage
        self.on_result, self.is_taken_back = None, lambda: False
        self.results, self.notes = [], Notes()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes files that cannot be imported."""
        if report.failed:
            self.collection_errors.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Notes what went wrong in pytest itself or in what it calls between checks."""
        self.collection_errors.append(str(excrepr))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps the exercises asked for, in the notebook's order, visible checks first."""
        chosen = [item for item in items if exercise_of(item) in self.order]
        items[:] = sorted(chosen, key=lambda item: (self.order[exercise_of(item) or ""], not self.is_visible(item)))
        self.note_unknown(items)

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Leaves it to another one when the checks run, if so asked."""
        if self.on_collected is None or self.collection_errors:
            return None

        def run() -> list[CheckResult]:
            pytest_runtestloop(session)
            return share_weights(self.results)

        self.on_collected(run)
        return True

    def is_visible(self, item: pytest.Item) -> bool:
        """Whether a check is one that students have."""
        return self.resolved(item.path) in self.visible_files

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Runs a check, and once more where its process was ended by what is none of its exercise's doing."""
        if self.collection_errors:
            return True
        known = len(self.results)
        if (unmet := awaited(item, self.results)) is not None:
            self.results.append(not_judged(item, unmet, visible=self.is_visible(item)))
            item.session._setupstate.teardown_exact(nextitem)  # as after a check that ran: this file may end with it
            if self.on_result is not None:
                self.on_result(self.results[-1])
            return True
        for _ in range(_MAX_RUNS):
            del self.results[known:]
            if hasattr(item, "_request"):
                item._initrequest()  # type: ignore[attr-defined] # fixtures anew, as pytest's own reruns do it
            with noting() as self.notes:
                runtestprotocol(item, nextitem=nextitem)
            if not self.is_taken_back():
                break
        if self.on_result is not None:
            for result in self.results[known:]:
                self.on_result(result)
        return True

    def note_unknown(self, items: Sequence[pytest.Item]) -> None:
        """Notes checks that wait for what does not come before them."""
        known: set[tuple[str | None, str]] = set()
        for item in items:
            for name in _awaits(item):
                if (exercise_of(item), name) not in known:
                    self.collection_errors.append(
                        f"{item.nodeid}: after={name!r} names no check of {exercise_of(item)!r} that comes before it"
                    )
            known.add((exercise_of(item), _name_of(item)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turns how each check ended into a result."""
        report = yield
        if call.when == "setup":
            _last_call.set(None)
        error = call.excinfo.value if call.excinfo is not None else None
        if report.skipped or (error is None and call.when != "call"):
            return report
        result = result_of(item, error, self.notes, visible=self.is_visible(item))
        self.results.append(result)
        return report


def result_of(item: pytest.Item, error: BaseException | None, notes: Notes, *, visible: bool) -> CheckResult:
    """The result of a check that ended, its weight not yet shared among its cases.

    Args:
        item: the check.
        error: that it ended with.
        notes: of what it observed.
        visible: whether students have it.
    """
    verdict, diagnosis, fault = Verdict.PASSED, None, None
    if error is not None:
        verdict, diagnosis = judge(error, reveal=visible)
        if verdict is Verdict.GRADER_ERROR:
            fault = "".join(traceback.format_exception(error))
    return CheckResult(
        check=_name_of(item),
        case=_case_of(item),
        exercise=exercise_of(item) or "",
        title=title_of(item),
        verdict=verdict,
        weight=weight_of(item),
        visible=visible,
        diagnosis=diagnosis,
        fault=fault,
        observed=() if error is None else notes.observations(),
    )


def awaited(item: pytest.Item, results: Sequence[CheckResult]) -> CheckResult | None:
    """What keeps a check from telling anything: one that must pass before it, and did not."""
    names, exercise = _awaits(item), exercise_of(item)
    found = (result for result in results if result.check in names and result.verdict in _HIDING)
    return next((result for result in found if result.exercise == exercise), None)


def _awaits(item: pytest.Item) -> tuple[str, ...]:
    """The names of the checks that must pass before this one."""
    mark = item.get_closest_marker("exercise")
    return tuple(mark.kwargs.get("after", ())) if mark is not None else ()


def _name_of(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name


def _case_of(item: pytest.Item) -> str:
    return str(item.callspec.id) if hasattr(item, "callspec") else ""


_HIDING: Final = frozenset(Verdict) - {Verdict.PASSED, Verdict.NOT_ATTEMPTED, Verdict.GRADER_ERROR}
"""Verdicts after which a check that waits for another one is not run: it would say the same again, in other words."""


def not_judged(item: pytest.Item, unmet: CheckResult, *, visible: bool) -> CheckResult:
    """The result of a check that is not run, because of another one's."""
    problem = tr("Not judged: it needs what “{title}” checks.", title=unmet.title)
    if unmet.verdict is Verdict.NOT_JUDGED and unmet.diagnosis is not None:
        problem = unmet.diagnosis.problem
    return CheckResult(
        check=_name_of(item),
        case=_case_of(item),
        exercise=exercise_of(item) or "",
        title=title_of(item),
        verdict=Verdict.NOT_JUDGED,
        weight=weight_of(item),
        visible=visible,
        diagnosis=Diagnosis(problem),
    )


def title_of(item: pytest.Item) -> Message:
    """The first paragraph of a check's docstring."""
    text = (getattr(getattr(item, "function", None), "__doc__", None) or item.name).strip()
    return Message(" ".join(text.split("\n\n", 1)[0].split()))


def weight_of(item: pytest.Item) -> float:
    """The weight given to `@exercise`."""
    mark = item.get_closest_marker("exercise")
    return float(mark.kwargs.get("weight", 1.0)) if mark is not None else 1.0


def run_checks(
    stage: Stage,
    exercises: Sequence[str],
    checks: Checks,
    *,
    on_result: Callable[[CheckResult], None] | None = None,
    is_taken_back: Callable[[], bool] = lambda: False,
    on_collected: Callable[[Run], None] | None = None,
    keeps_session: bool = False,
) -> list[CheckResult]:
    """Runs the checks of `exercises`, in that order, in one pytest session.

    Args:
        stage: gives each check its `student`.
        exercises: names, in the notebook's order.
        checks: the assignment's.
        on_result: called with each result as it comes (its weight not yet shared among cases).
        is_taken_back: asked after each check whether it must run again, for a fault that was not its exercise's.
        on_collected: called when all is imported, with what runs the checks, in place of running them. It must not
            raise, and may call that once: in each fork of this process.
        keeps_session: whether the next call for the same checks finds them collected, for a process that grades many.

    Raises:
        CheckFileError: a check file cannot be imported.
        CourseError: the assignment's budgets cannot be read.
        KeyboardInterrupt: the run was interrupted.
    """
    checks = checks.of(exercises)
    files = checks.files
    if not files:
        if on_collected is not None:
            on_collected(list)
        return []
    seen = forget_changed(files)
    add_catalogues(checks.locale)
    if keeps_session:
        key = repr((files, list(exercises), seen))
        with _no_output(), assignment_thresholds(checks.thresholds):
            session = take(key) or _collected(stage, exercises, checks)
            if session is not None:
                return _run_kept(key, session, stage, checks, on_result, is_taken_back)
    recorder = Recorder(stage, exercises, checks.visible, on_result, is_taken_back, on_collected)
    with _no_output(), assignment_thresholds(checks.thresholds):
        code = pytest.main(_arguments(checks), plugins=[recorder])
    if code == pytest.ExitCode.INTERRUPTED and not recorder.collection_errors:
        raise KeyboardInterrupt
    if recorder.collection_errors or code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        details = "\n".join(recorder.collection_errors) or f"pytest ended with code {code}"
        names = ", ".join(str(path.relative_to(checks.folder)) for path in files)
        raise CheckFileError(f"cannot run the checks in {names} of {checks.folder}:\n{details}")
    return share_weights(recorder.results)


def _arguments(checks: Checks) -> list[str]:
    within = f"--confcutdir={checks.folder}"  # pytest looks at no folder above, where anything may come and go
    return [*_ARGUMENTS, within, *(str(path) for path in checks.files)]


def _collected(stage: Stage, exercises: Sequence[str], checks: Checks) -> CollectedSession | None:
    """The checks, collected; None where they cannot be, which pytest's own way then says in its words."""
    recorder = Recorder(stage, exercises, checks.visible)
    try:
        session = CollectedSession(_arguments(checks), recorder)
    except (Exception, pytest.exit.Exception):  # noqa: BLE001 - whatever an author's file raises
        return None
    if recorder.collection_errors:
        session.close()
        return None
    return session


def _run_kept(
    key: str,
    session: CollectedSession,
    stage: Stage,
    checks: Checks,
    on_result: Callable[[CheckResult], None] | None,
    is_taken_back: Callable[[], bool],
) -> list[CheckResult]:
    """Runs collected checks; the session is kept only where they ran to their end."""
    recorder = session.plugin
    assert isinstance(recorder, Recorder)
    recorder.begin(stage, on_result, is_taken_back)
    try:
        session.run()
    except pytest.exit.Exception as error:
        raise KeyboardInterrupt from error
    except Exception as error:
        raise CheckFileError(f"cannot run the checks of {checks.folder}:\n{traceback.format_exc()}") from error
    results = share_weights(recorder.results)
    recorder.end()
    keep(key, session)
    return results


def require_importable(checks: Checks) -> None:
    """Makes sure that every check file can be imported.

    Raises:
        CheckFileError: one cannot; says in one line where and why.
        CourseError: the assignment's budgets cannot be read.
    """
    files = checks.files
    forget_changed(files)
    with assignment_thresholds(checks.thresholds):
        for path in files:
            try:
                import_check_file(path)
            except pytest.skip.Exception:
                continue  # the author leaves the file out
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever an author's file raises
                name = path.relative_to(checks.folder.parent)
                raise CheckFileError(f"{name} cannot be imported: {_in_one_line(error, checks.folder)}") from None


def _in_one_line(error: BaseException, folder: Path) -> str:
    """What was raised, and the last line of the folder's files that it went through."""
    folder = folder.resolve()
    frames = ((Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__))
    inside = [(path.relative_to(folder.parent), line) for path, line in frames if path.is_relative_to(folder)]
    where = f"{inside[-1][0]}, line {inside[-1][1]}: " if inside else ""
    return f"{where}{type(error).__name__}: {' '.join(str(error).split())}"


@contextlib.contextmanager
def _no_output() -> Iterator[None]:
    """Keeps pytest's own words on stderr from a notebook; a check's student may still print to stdout."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield
