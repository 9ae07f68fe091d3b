"""`grader settings`: every setting, the value in force, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from jupyter_core.paths import jupyter_config_path
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import KVArgParseConfigLoader, LazyConfigValue

from grader.batch.settings import ParallelAutograde
from grader.command_line import TRAITS, ConfigurableCommand, course_option, json_option
from grader.config_files import ConfigFileError, Places, run_config_files
from grader.course import CONFIG
from grader.settings import AulaTorch, Settings, SettingsError, refuse_misspelt_sections

KINDS: Final[tuple[type[Settings], ...]] = (AulaTorch, ParallelAutograde)

DEFAULT: Final = "default"
COMMAND_LINE: Final = "command line"


@dataclass(frozen=True)
class InForce:
    """A setting.

    Attributes:
        name: as it is given, ``AulaTorch.seed``.
        value: in force.
        default: what it is where nobody gives it.
        source: `DEFAULT`, `COMMAND_LINE`, or the file.
        line: of that file, where there is one.
        help: what it is for.
    """

    name: str
    value: Any
    default: Any
    source: str
    line: int | None
    help: str

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


def in_force(folder: Path, arguments: Sequence[str] = ()) -> list[InForce]:
    """The settings that a command in `folder` would go by.

    Args:
        folder: a course's; any other one has Jupyter's own configuration and the defaults.
        arguments: settings of a command line, ``--AulaTorch.seed=7``.

    Raises:
        SettingsError: one given in a file is not right.
        ConfigFileError: a file has an error.
        click.UsageError: one given in `arguments` is not right.
    """
    given = given_settings(arguments)
    folders = [*reversed(jupyter_config_path()), str(folder.resolve())]
    found, places = run_config_files(CONFIG.removesuffix(".py"), folders)
    found.CourseDirectory.setdefault("root", str(folder.resolve()))
    refuse_misspelt_sections(found)
    found.merge(given)
    return [setting for kind in KINDS for setting in _of(kind, found, given, places)]


def given_settings(arguments: Sequence[str]) -> Config:
    """The settings of a command line.

    Raises:
        click.UsageError: one of them is none, or its value is not right.
    """
    try:
        given: Config = KVArgParseConfigLoader(list(arguments), classes=list(KINDS)).load_config()
        refuse_misspelt_sections(given)
        for kind in KINDS:
            kind(config=given)
    except (TraitError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    known = {kind.__name__ for kind in KINDS}
    for section in given:
        if section not in known:
            raise click.UsageError(f"{section} is no section of these settings: {', '.join(sorted(known))}")
    return given


def _of(kind: type[Settings], found: Config, given: Config, places: Places) -> Iterator[InForce]:
    section = kind.__name__
    values, defaults = kind(config=found), kind()
    for name, trait in kind.class_own_traits(config=True).items():
        source, line = DEFAULT, None
        if name in given.get(section, {}):
            source = COMMAND_LINE
        elif name in found.get(section, {}) and not _is_empty(found[section][name]):
            place = places.get((section, name))
            source, line = (place.file, place.line) if place is not None else (CONFIG, None)
        help_text = " ".join(str(trait.help).split())
        yield InForce(f"{section}.{name}", getattr(values, name), getattr(defaults, name), source, line, help_text)


def _is_empty(value: Any) -> bool:
    """Whether a file only asked for a setting."""
    return isinstance(value, LazyConfigValue) and not value.to_dict()


@click.command(cls=ConfigurableCommand)
@course_option
@json_option
@click.option("--help-texts/--no-help-texts", default=True, help="Whether to say what each one is for.")
@click.pass_context
def settings(ctx: click.Context, course: Path, as_json: bool, help_texts: bool) -> None:
    """List every setting with the value in force, and the file and line, or the command line, that it comes from.

    In a folder that is no course these are the defaults. What is given here as `--AulaTorch.seed=7` counts, as it does
    for `grader autograde`.
    """
    try:
        found = in_force(course, ctx.meta[TRAITS])
    except (ConfigFileError, SettingsError, TraitError) as error:
        raise click.ClickException(f"the configuration has an error: {error}") from None
    if as_json:
        keys = ("name", "value", "default", "source", "line", "help")
        click.echo(
            json.dumps([{key: getattr(item, key) for key in keys} for item in found], ensure_ascii=False, indent=2)
        )
        return
    for item in found:
        is_default = item.source == DEFAULT
        value = click.style(repr(item.value), bold=not is_default)
        other = "" if is_default or item.value == item.default else f"; the default is {item.default!r}"
        click.echo(f"c.{item.name} = {value}  ({item.origin}{other})")
        if help_texts:
            click.echo(click.wrap_text(item.help, 100, initial_indent="    ", subsequent_indent="    ") + "\n")
