"""`grader new`: begins a course, an assignment or an exercise, with files that work and are there to be changed."""

from __future__ import annotations

import itertools
import json
import keyword
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.check_cells import exercise_checked
from grader.checking.hint_files import hints_in, line_below_heading
from grader.command_line import Group, complete_assignments, complete_languages, course_option
from grader.course import CONFIG, HIDDEN, HINTS, LOCALE, VISIBLE, Course, CourseError
from grader.devkit.new_mistake import mistake
from grader.kit.messages import SOURCE_LANGUAGE, languages

RESERVED: Final = frozenset(
    [
        *("attribute", "call", "cells", "define", "fetch", "file", "last_call", "put", "time_limit"),  # `student`'s own
        *("check", "grader", "hint", "overview", "solution", "torch", "use_language"),  # the notebook's
        *("answers", LOCALE),  # folders of checks
    ]
)
"""What no exercise can be called."""

_OVERVIEW: Final = "overview()"
"""An assignment's last cell: what is open when all have run."""

_ASSIGNMENT: Final = re.compile(r"\w[\w-]*")
_NO_ID: Final = re.compile(r"[^A-Za-z0-9_-]")
_INDENTS: Final = (1, 2, 4, "\t", None)


@click.group(cls=Group)
def new() -> None:
    """Begin a course, an assignment or an exercise: files that work as they are, for you to change."""


new.add_command(mistake)


@new.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--language",
    default=SOURCE_LANGUAGE,
    shell_complete=complete_languages,
    help="Of the notebooks and of messages to students.",
)
def course(folder: Path, language: str) -> None:
    """Begin a course in the new folder DIR."""
    if language not in _words():
        raise click.ClickException(
            f"there is no course in {language!r} to begin with, but in {', '.join(_words())}; `grader messages --add`"
            " begins the translation to another language"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} exists and is not empty: name a new folder")
    about = {"course_id": re.sub(r"\W+", "_", folder.resolve().name), "language": language}
    names = {"nbgrader_config.py": CONFIG, "gitignore": ".gitignore", "README.md": "README.md"}
    names |= {"pytest.ini": "pytest.ini"}
    _write({folder / name: _rendered(f"course/{template}", **about) for template, name in names.items()})
    for name in ("source", "checks"):
        (folder / name).mkdir()
    click.echo(f"{folder} is a course. Next, in that folder: grader new assignment NAME")


@new.command()
@click.argument("name")
@course_option
def assignment(name: str, course: Path) -> None:
    """Begin an assignment: a notebook without exercises."""
    if _ASSIGNMENT.fullmatch(name) is None:
        raise click.ClickException(f"{name!r} cannot be an assignment's name: use letters, digits, _ and -")
    found = _course_around(course)
    notebook, checks = found.source(name), _checks_path(found) / name
    for path in (notebook.parent, checks):
        if path.exists():
            raise click.ClickException(f"there is an assignment {name!r}: {path} exists")
    language = found.settings.language
    words = _words().get(language, _words()[SOURCE_LANGUAGE])
    imports = "import torch\n\nfrom grader import check, hint, overview, solution, use_language"
    setup = f'{imports}\n\nuse_language("{language}")'
    cells = [
        _markdown("title", f"# {name}\n\n{words['intro'].strip()}"),
        _code("setup", setup, _nbgrader("setup", locked=True)),
        _code("overview", _OVERVIEW, {}),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    _write({notebook: json.dumps(content, indent=1, ensure_ascii=False) + "\n"})
    checks.mkdir()
    click.echo(f"{notebook} is an assignment. Next: grader new exercise NAME --assignment {name}")


@new.command()
@click.argument("name")
@click.option(
    *("--assignment", "assignment_name"),
    shell_complete=complete_assignments,
    help="Of which it is one; the course's only one by default.",
)
@click.option("--points", type=click.FloatRange(min=0, min_open=True), default=10.0, help="That it is worth (10).")
@course_option
def exercise(name: str, assignment_name: str | None, points: float, course: Path) -> None:
    """Begin an exercise: cells at the end of the assignment's notebook, checks, right answers and mistakes."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise click.ClickException(f"{name!r} cannot be an exercise's name: it is the name of a Python function")
    if name in RESERVED:
        raise click.ClickException(f"{name!r} cannot be an exercise's name: it means something else in a check")
    found = _course_around(course)
    path = _notebook(found, assignment_name)
    checks = _checks_path(found) / path.parent.name
    notebook = _read(path)
    _refuse_known(name, found, path, checks)

    tagged = _languages_tagged(notebook, {*languages(), found.settings.language})
    spoken = {entry.name for entry in (checks / LOCALE).glob("*")} | tagged
    text_language = SOURCE_LANGUAGE if spoken else found.settings.language
    english = _words()[SOURCE_LANGUAGE]
    hints = {code: _words().get(code, english) for code in sorted(spoken | {text_language})}
    about = {"name": name, "t": _filled(_words().get(text_language, english), name), "hints": hints}
    files = {checks / name / file: _rendered(f"exercise/{template}", **about) for file, template in _TEMPLATES.items()}
    said = hints_in(files[checks / name / HINTS], checks / name / HINTS)

    added = []
    for code in sorted(tagged) or [""]:
        words = _words().get(code or text_language, english)["prose"]
        below = line_below_heading(name, said, code or text_language)
        text = f"## {name}\n\n{below}\n\n{words.strip().format(name=name)}"
        added.append(_markdown(f"{name}-text{f'-{code}' if code else ''}", text, [code] if code else []))
    worth = int(points) if points.is_integer() else points
    answer = _nbgrader(f"{name}_answer", solution=True)
    check = _nbgrader(name, grade=True, locked=True, points=worth)
    added += [
        _code(f"{name}-answer", _rendered("exercise/answer.py", **about).rstrip(), answer),
        _code(f"{name}-check", f'check("{name}")', check),
    ]
    cells = notebook["cells"]
    end = len(cells) - (bool(cells) and "".join(cells[-1].get("source", "")).strip() == _OVERVIEW)
    cells[end:end] = added
    if (notebook["nbformat"], notebook.get("nbformat_minor", 0)) < (4, 5):
        for cell in notebook["cells"]:
            cell.pop("id", None)
    _write(files | {path: _dumped(notebook, path.read_text(encoding="utf-8"))})
    click.echo(
        f"{checks / name} is an exercise that works; change it, and its cells at the end of {path}, into yours."
        f" Try it: grader test {path.parent.name} {name}"
    )


_TEMPLATES: Final = {
    "judges.py": "judges.py",
    VISIBLE: "visible.py",
    HINTS: "hints.toml",
    HIDDEN: "new_cases.py",  # so that no file of the wheel is called hidden
    **{f"answers/{name}": name for name in ("right_method.py", "right_sum.py", "mistakes.toml", "equivalents.toml")},
}
"""What is written of an exercise, and the template of each file."""


# ------------------------------------------------------------------------------------------------ what is there


def _course_around(folder: Path) -> Course:
    try:
        found = Course.around(folder)
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    if found is None:
        raise click.ClickException(
            f"{folder.resolve()} lies in no course: no folder has an {CONFIG}; `grader new course DIR` begins one"
        )
    return found


def _checks_path(found: Course) -> Path:
    try:
        return found.settings.checks_path
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _notebook(found: Course, assignment_name: str | None) -> Path:
    """The source notebook of an assignment, or of the course's only one."""
    sources = found.source("x").parents[1]
    names = sorted({path.parent.name for path in sources.glob("*/*.ipynb")})
    if assignment_name is None and len(names) != 1:
        which = f"there are: {', '.join(names)}" if names else "there is none; `grader new assignment NAME` begins one"
        raise click.ClickException(f"say which assignment, with --assignment; {which}")
    wanted = names[0] if assignment_name is None else assignment_name
    if wanted not in names:
        raise click.ClickException(
            f"there is no assignment {wanted!r} in {sources}; there are: {', '.join(names) or 'none'}"
        )
    if found.source(wanted).is_file():
        return found.source(wanted)
    others = sorted((sources / wanted).glob("*.ipynb"))
    if len(others) > 1:
        raise click.ClickException(f"{sources / wanted} has several notebooks and none called {wanted}.ipynb")
    return others[0]


def _read(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_bytes())
        is_known = notebook["nbformat"] == 4 and isinstance(notebook["cells"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        is_known = False
    if not is_known:
        raise click.ClickException(f"{path} is no notebook of Jupyter's format 4")
    return dict(notebook)


def _refuse_known(name: str, found: Course, path: Path, checks: Path) -> None:
    """Makes sure that nothing of an assignment has the name of a new exercise."""
    for other in sorted(path.parent.glob("*.ipynb")):
        for cell in _read(other)["cells"]:
            known = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
            if known in (name, f"{name}_answer") or exercise_checked("".join(cell.get("source", ""))) == name:
                raise click.ClickException(f"there is an exercise {name!r}: {other.name} has a cell of it")
    if (checks / name).exists():
        raise click.ClickException(f"there is an exercise {name!r}: {checks / name} exists")
    try:
        is_checked = found.checks(path.parent.name).has(name)
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    if is_checked:
        raise click.ClickException(f"there is an exercise {name!r}: a file in {checks} has checks of it")


def _languages_tagged(notebook: Mapping[str, Any], known: set[str]) -> set[str]:
    """The languages that a notebook's cells are tagged with: it has its prose in each."""
    return {tag for cell in notebook["cells"] for tag in cell.get("metadata", {}).get("tags", []) if tag in known}


# ------------------------------------------------------------------------------------------------ what is written


@cache
def _words() -> dict[str, dict[str, str]]:
    """The texts of what is written, by language."""
    return tomllib.loads(Path(__file__).with_name("templates").joinpath("texts.toml").read_text(encoding="utf-8"))


def _filled(words: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: text.replace("{name}", name) for key, text in words.items()}


@cache
def _templates() -> Environment:
    return Environment(  # noqa: S701 - Python and TOML, no HTML
        loader=PackageLoader("grader.devkit"), undefined=StrictUndefined, keep_trailing_newline=True
    )


def _rendered(template: str, **values: Any) -> str:
    return _templates().get_template(f"{template}.j2").render(values)


def _nbgrader(name: str, **about: Any) -> dict[str, Any]:
    """nbgrader's metadata of a cell."""
    flags = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": dict(sorted((flags | about).items()))}


def _markdown(name: str, text: str, tags: Iterable[str] = ()) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "markdown", "id": _id(name), "metadata": metadata, "source": _lines(text)}


def _code(name: str, source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(name),
        "metadata": dict(metadata),
        "outputs": [],
        "source": _lines(source),
    }


def _id(name: str) -> str:
    """A cell's id, by the rules of Jupyter's format."""
    return _NO_ID.sub("-", name.replace("_", "-"))[:64]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _dumped(notebook: Mapping[str, Any], before: str) -> str:
    """A notebook as JSON, laid out as the text that it was before."""
    old = json.loads(before)
    end = before[len(before.rstrip()) :]
    for indent, is_ascii in itertools.product(_INDENTS, (False, True)):
        if json.dumps(old, indent=indent, ensure_ascii=is_ascii) + end == before:
            return json.dumps(notebook, indent=indent, ensure_ascii=is_ascii) + end
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
