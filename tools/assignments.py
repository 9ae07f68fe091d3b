"""Generates ``assignments/`` from ``solutions/``, in both languages, with nbgrader: ``make assignments``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANGUAGES = ("es", "en")


def main(target: Path) -> None:
    """Writes ``es/`` and ``en/`` into `target`."""
    names = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/gradebook.db"
        for language in LANGUAGES:
            release = Path(folder) / language
            for name in names:
                command = [
                    *(sys.executable, "-m", "nbgrader", "generate_assignment", name, "--force", "--db", database),
                    f"--CourseDirectory.release_directory={release}",
                    f"--AulaTorch.language={language}",
                ]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(f"nbgrader could not generate {name}:\n{done.stderr}")
            shutil.rmtree(target / language, ignore_errors=True)
            shutil.copytree(release, target / language)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assignments")
