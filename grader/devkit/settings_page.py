"""Writes ``docs/settings.md``: every setting, its default and what it is for: ``make settings``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from traitlets import Enum, List, TraitType

from grader.batch.settings import ParallelAutograde
from grader.settings import AulaTorch, Settings

TARGET = Path(__file__).parents[2] / "docs" / "settings.md"
HEAD = """# Settings

They stand in the course's `course_config.py` or `nbgrader_config.py`, beside nbgrader's own, such as
`c.AulaTorch.cell_timeout = 20`; or on a command line, as `--AulaTorch.cell_timeout=20`. A misspelt one is refused.

This page is made by `make settings` from the settings' help texts; `grader settings` lists them with the
values in force and where those come from.
"""


def page() -> str:
    """The page's text."""
    return HEAD + "".join(_section(kind) for kind in (AulaTorch, ParallelAutograde))


def _section(kind: type[Settings]) -> str:
    purpose = " ".join((kind.__doc__ or "").split("\n\n", 1)[0].split())
    rows = "\n".join(_rows(kind))
    return f"\n## c.{kind.__name__}\n\n{purpose}\n\n| setting | default | what it is |\n|---|---|---|\n{rows}\n"


def _rows(kind: type[Settings]) -> Iterator[str]:
    for name, trait in kind.class_own_traits(config=True).items():
        choices = (
            f" One of {', '.join(f'`{value}`' for value in trait.values or ())}." if isinstance(trait, Enum) else ""
        )
        text = f"{trait.help}{choices}".replace("|", r"\|")
        yield f"| `{name}` | {_default(kind, name, trait)} | {text} |"


def _default(kind: type[Settings], name: str, trait: TraitType[object, object]) -> str:
    """As Python writes it; nothing where it depends on the machine."""
    if isinstance(trait, List):
        return "`[]`"
    value = trait.default_value
    return f"`{value!r}`" if kind().trait_defaults(name) == value else ""


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
