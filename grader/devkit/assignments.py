"""Generates ``assignments/`` from ``solutions/``, in both languages, with nbgrader: ``make assignments``."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

import click
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from grader.course import load_config

ROOT = Path(__file__).parents[2]
LANGUAGES = ("es", "en")


def main(target: Path) -> None:
    """Writes ``es/`` and ``en/`` into `target`."""
    names = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            config = load_config(ROOT)
            config.AulaTorch.language = language
            config.CourseDirectory.release_directory = str(Path(folder) / language)
            config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
            api = NbGraderAPI(CourseDirectory(config=config), config=config)
            api.log.setLevel(logging.ERROR)
            for name in names:
                result = api.generate_assignment(name)
                if not result["success"]:
                    raise SystemExit(f"nbgrader could not generate {name}:\n{result.get('error') or result.get('log')}")
            shutil.rmtree(target / language, ignore_errors=True)
            shutil.copytree(Path(folder) / language, target / language)


@click.command()
@click.argument("target", type=click.Path(path_type=Path, file_okay=False), default=ROOT / "assignments")
def command(target: Path) -> None:
    """Generates the assignments in all languages into TARGET, which is assignments/ by default."""
    main(target)


if __name__ == "__main__":
    command()
