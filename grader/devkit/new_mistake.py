"""`grader new mistake`: the library's next entry, from what a student handed in."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import nbformat

from grader.command_line import Command, complete_assignments, complete_exercises, course_option
from grader.course import Course, CourseError
from grader.evidence.answers import ANSWER, answers_to, hint_languages, source_of
from grader.evidence.mistakes import CLASSES, SERIOUS

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@click.command(cls=Command)
@click.argument("assignment", shell_complete=complete_assignments)
@click.argument("exercise", shell_complete=complete_exercises)
@click.option(
    "--from",
    "submission",
    required=True,
    metavar="STUDENT",
    help="A student's id, or the path of a notebook or a folder.",
)
@click.option("--name", help="The mistake's own: swapped_results.")
@click.option("--title", "titles", multiple=True, metavar="[LANG:]TEXT", help="What the code does wrong.")
@click.option("--hint", "hints", multiple=True, metavar="[LANG:]TEXT", help="One next step; never the answer.")
@click.option("--class", "severity", type=click.Choice(CLASSES), default=SERIOUS, show_default=True)
@course_option
def mistake(
    assignment: str,
    exercise: str,
    submission: str,
    name: str | None,
    titles: tuple[str, ...],
    hints: tuple[str, ...],
    severity: str,
    course: Path,
) -> None:
    """Add a mistake to an exercise's library, from a submission that nobody could name.

    What is written is the student's solution cell, as it was graded or else handed in, without its comments. A name and
    texts that no option gives are asked for, the texts in each language that the assignment's other mistakes have.
    Nothing is run: read the file before `grader test` runs it.
    """
    if name is not None:
        _require_name(name)
    try:
        found = Course.around(course)
        if found is None:
            raise click.UsageError(f"{course.resolve()} lies in no course")
        checks = found.checks(assignment)
        if not checks.has(exercise):
            raise click.UsageError(f"{assignment!r} has no checks of {exercise!r}")
        source_of(checks.folder, exercise)
        folder = answers_to(checks, exercise)
        languages = sorted(hint_languages(checks.folder) or {found.settings.language})
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    code = _without_comments(_answer(_notebooks(found, assignment, submission), exercise))
    if name is None:
        name = str(click.prompt("Its name, such as swapped_results", value_proc=_require_name))
    target = folder / f"wrong_{name}.py"
    if target.exists() or f'name = "{name}"' in _text(target.with_name("mistakes.toml")):
        raise click.UsageError(f"{exercise!r} has a mistake {name!r} already")
    title = _asked("The title", titles, languages)
    hint = _asked("The hint", hints, languages)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_written(title, hint, severity, code), encoding="utf-8")
    click.echo(code)
    click.echo(
        f"{target} is written. It is a student's code and will be run as yours: read it, and leave out what does not"
        f" matter. Then: grader test {assignment} {exercise}"
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _require_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise click.UsageError(f"{name!r} cannot be a mistake's name: use small letters, digits and _")
    return name


def _notebooks(course: Course, assignment: str, submission: str) -> list[Path]:
    """The notebooks that are meant: one named by its path, those in a folder, or what a student handed in.

    What was graded comes first: it is what a report tells of, and its cells have their names again.
    """
    named = Path(submission)
    if named.is_file():
        return [named]
    from nbgrader.coursedir import CourseDirectory

    coursedir = CourseDirectory(config=course.config)
    steps = (coursedir.autograded_directory, coursedir.submitted_directory)
    folders = [course.root / coursedir.format_path(step, submission, assignment) for step in steps]
    found = [path for folder in (*folders, named) for path in sorted(folder.glob("*.ipynb"))]
    if not found:
        raise click.UsageError(f"{submission!r} is no notebook, and nobody of this name handed in {assignment!r}")
    return found


def _answer(paths: Sequence[Path], exercise: str) -> str:
    """The source of the exercise's solution cell, in the first notebook that has one."""
    for path in paths:
        try:
            notebook = nbformat.read(path, as_version=4)
        except Exception as error:  # noqa: BLE001 - whatever a file does to the reader
            reason = f"{path} is no notebook: {error}"
            continue
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise + ANSWER:
                return str(cell.source)
        reason = f"{path} has no cell {exercise}{ANSWER}"
    raise click.UsageError(reason)


def _without_comments(source: str) -> str:
    """A cell's code without comments and docstrings, which may say whose it is."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise click.UsageError(f"the answer is not Python: line {error.lineno}: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _asked(what: str, given: tuple[str, ...], languages: list[str]) -> dict[str, str]:
    """A text in each language, from the options or from the keyboard."""
    found: dict[str, str] = {}
    for text in given:
        language, colon, rest = text.partition(":")
        if colon and language in languages:
            found[language] = " ".join(rest.split())
        else:
            found[languages[0]] = " ".join(text.split())
    for language in languages:
        if not found.get(language):
            found[language] = " ".join(click.prompt(f"{what} in {language!r}").split())
    return found


def _written(title: Mapping[str, str], hint: Mapping[str, str], severity: str, code: str) -> str:
    first = title.get("en") or next(iter(title.values()))
    lines = [f"# title.{language}: {text}" for language, text in title.items() if language != "en"]
    lines += [f"# hint.{language}: {text}" for language, text in hint.items()]
    quoted = first.replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join([f'"""{quoted}"""', "", *lines, f"# class: {severity}", "", code])
