"""What students install holds no hidden check."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from grader.course import Checks
from grader.devkit.answers import ROOT, assignments, exercises


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_engine_and_nothing_of_a_course(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "grader/locale/es/LC_MESSAGES/aulatorch.mo" in names
    assert "grader/checking/templates/panel.html.j2" in names
    assert not [name for name in names if name.startswith("grader/checks") or "hidden" in name]


@pytest.mark.slow
def test_the_wheel_holds_nothing_of_a_hidden_check_s_text(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    everything = b"\n".join(archive.read(name) for name in archive.namelist())
    hidden = [path.read_text() for path in (ROOT / "grader" / "checks").glob("*/*/hidden.py")]
    names = [name for text in hidden for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)]
    assert len(hidden) == sum(len(exercises(assignment)) for assignment in assignments())
    assert names
    assert not [name for name in names if name.encode() in everything]


def test_what_is_released_holds_no_hidden_check_and_no_answer() -> None:
    for assignment in ("01_tensors", "05_cnn"):
        checks = Checks.in_folder(ROOT / "grader" / "checks" / assignment)
        released = ROOT / "assignments" / "en" / assignment / "checks"
        found = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
        assert {path.relative_to(checks.folder).as_posix() for path in checks.visible} <= found
        assert not [name for name in found if "hidden" in name or "answers" in name or name.endswith(".po")]


def test_nothing_tells_to_install_a_name_that_is_somebody_else_s() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("Makefile")]
    for folder in ("docs", "solutions", "assignments", "grader", "benchmarks"):
        for kind in ("*.md", "*.ipynb", "*.py", "*.po", "*.j2"):
            texts += (ROOT / folder).rglob(kind)
    assert len(texts) > 100
    told = re.compile(r"""\binstall\b[^\n`#|;&]*[\s"'\\]aulatorch(?![\w./-])""")
    assert told.search("pip install -U 'aulatorch[dask]'")
    assert told.search("!pip install torch aulatorch")
    assert not told.search("pip install ./aulatorch-0.1.0-py3-none-any.whl")
    assert not [path for path in texts if told.search(path.read_text(encoding="utf-8"))]


def test_the_wheel_that_is_named_is_the_one_that_is_built() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"aulatorch-[\w.]+-py3-none-any\.whl", page.read_text())}
    assert named == {f"aulatorch-{version}-py3-none-any.whl"}
