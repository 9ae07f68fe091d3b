"""What students install holds no hidden check."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.answers import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_visible_checks_and_no_hidden_one(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "grader/samples/test_01_tensors.py" in names
    assert "grader/locale/es/LC_MESSAGES/aulatorch.mo" in names
    assert "grader/testing/templates/panel.html.j2" in names
    assert not [name for name in names if "hidden" in name]


@pytest.mark.slow
def test_the_wheel_holds_nothing_of_a_hidden_check_s_text(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    everything = b"\n".join(archive.read(name) for name in archive.namelist())
    hidden = (ROOT / "grader" / "hidden" / "test_01_tensors.py").read_text()
    functions = [
        line.split("(")[0].removeprefix("def ") for line in hidden.splitlines() if line.startswith("def test_")
    ]
    samples = (ROOT / "grader" / "samples" / "test_01_tensors.py").read_text()
    only_hidden = [name for name in functions if name not in samples]
    assert only_hidden
    assert not [name for name in only_hidden if name.encode() in everything]


def test_nothing_tells_to_install_a_name_that_is_somebody_else_s() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("Makefile")]
    for folder in ("docs", "solutions", "assignments", "grader", "tools", "benchmarks"):
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
