"""What students install holds no hidden check."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.devkit.answers import ROOT


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
