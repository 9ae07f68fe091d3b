"""Packages outside Python's own prefix: a graded notebook imports them, and reads nothing beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.checking.results import Verdict
from grader.course import Checks
from grader.grading.core import GradedNotebook, grade_notebook
from grader.grading.policy import Policy
from grader.sandbox.import_path import ImportPath, UnreadablePackageError, keep_private
from grader.sandbox.zygote import Zygote, ZygoteError
from grader.settings import AulaTorch

CHECKS = '''
from grader.kit import assert_equal, exercise

@exercise("answer")
def test_answer(student):
    """The answer is right."""
    assert_equal(student.answer(), 42)
'''
MARKS = {"grade_id": "answer", "grade": True, "points": 1, "solution": False, "locked": True}


def write_package(folder: Path, name: str, value: int = 42) -> Path:
    """A package with a data file and a module that is imported late."""
    package = folder / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"ANSWER = {value}\n")
    (package / "late.py").write_text(
        "from pathlib import Path\nTEXT = Path(__file__).with_name('data.txt').read_text()\n"
    )
    (package / "data.txt").write_text("data")
    return folder


def graded(tmp_path: Path, *cells: str) -> GradedNotebook:
    """Grades a notebook with a zygote of its own, which starts with the environment as it is now."""
    checks = tmp_path / "checks"
    checks.mkdir(exist_ok=True)
    (checks / "visible.py").write_text(CHECKS)
    sources = [new_code_cell(source) for source in cells]
    sources.append(new_code_cell('check("answer")', metadata={"nbgrader": MARKS}))
    policy = Policy("en", Checks.in_folder(checks), seed=1)
    return grade_notebook(nbformat.writes(new_notebook(cells=sources)).encode(), policy)


def said(found: GradedNotebook, index: int) -> str:
    cell = nbformat.reads(found.notebook.decode(), as_version=4).cells[index]
    return "".join(output.get("text", output.get("evalue", "")) for output in cell.outputs)


@pytest.mark.slow
def test_a_package_of_pythonpath_is_imported_and_nothing_beside_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    packages = write_package(home / "packages", "from_pythonpath")
    (home / "secret.txt").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(packages))
    reads = f"import os\nfor path in {[str(home), str(home / 'secret.txt')]!r}:\n"
    reads += "    try:\n        os.listdir(path) if os.path.isdir(path) else open(path)\n"
    reads += "    except PermissionError:\n        print('refused')"
    uses = "import from_pythonpath.late\nprint(from_pythonpath.late.TEXT)"
    answer = "def answer():\n    return from_pythonpath.ANSWER"
    found = graded(tmp_path, uses, reads, answer, "!python -c 'import from_pythonpath as p; print(p.ANSWER)'")
    assert [said(found, index) for index in range(4)] == ["data\n", "refused\nrefused\n", "", "42\n"]
    assert found.exercises[0].passed


STACKED = """
import json, sys
from pathlib import Path
from tests.test_import_path import graded, said
found = graded(Path(sys.argv[1]), *json.loads(sys.argv[2]))
print(json.dumps([found.exercises[0].passed, said(found, 0), sys.prefix]))
"""


@pytest.mark.slow
def test_a_whole_environment_outside_the_prefix_and_the_users_site_are_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    python = getattr(sys, "_base_executable", sys.executable)  # without this environment's packages, if it is a venv
    environment = os.environ | {
        "HOME": str(home),
        "PYTHONUSERBASE": str(home / "base"),
        "PYTHONPATH": os.pathsep.join((sysconfig.get_path("purelib"), str(Path(__file__).parents[1]))),
    }
    asked = [python, "-c", "import site; print(site.getusersitepackages(), site.ENABLE_USER_SITE)"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    users_site, is_enabled = done.stdout.split()
    if is_enabled != "True":
        pytest.skip("this Python has no user's site-packages")
    elsewhere = write_package(home / "elsewhere", "from_pth", 20)
    write_package(Path(users_site), "from_user_site", 22)
    Path(users_site, "elsewhere.pth").write_text(f"{elsewhere}\n")
    cells = [
        "import from_pth.late, from_user_site.late, sklearn.cluster, torch, os\n"
        f"for folder in {[str(home), str(home / 'base')]!r}:\n"
        "    try:\n        os.listdir(folder)\n    except PermissionError:\n        print('refused')",
        "def answer():\n    return from_pth.ANSWER + from_user_site.ANSWER",
    ]
    arguments = [python, "-c", STACKED, str(tmp_path), json.dumps(cells)]
    graded_there = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert graded_there.returncode == 0, graded_there.stderr
    passed, said_there, prefix = json.loads(graded_there.stdout.splitlines()[-1])
    assert (passed, said_there) == (True, "refused\nrefused\n")
    assert prefix == sys.base_prefix


@pytest.mark.slow
def test_a_home_folder_is_not_opened_and_its_package_is_no_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_package(tmp_path / "home", "of_home")
    (home / "secret.txt").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(home))
    opened = ImportPath().opened()
    assert opened.folders == ()
    assert opened.refused == {str(home): "it is your home folder"}
    with pytest.raises(UnreadablePackageError, match=rf"'of_home', which lies in {home}.*home folder"):
        graded(tmp_path, "import of_home", "def answer():\n    return of_home.ANSWER")
    late = graded(tmp_path, "def answer():\n    import of_home\n    return of_home.ANSWER").exercises[0].checks[0]
    assert late.verdict == Verdict.GRADER_ERROR
    assert "'of_home', which lies in" in str(late.fault)
    found = graded(
        tmp_path, "import nothing_at_all", "def answer():\n    return 42", f"open({str(home / 'secret.txt')!r})"
    )
    assert "nothing_at_all" in said(found, 0)
    assert "denied" in said(found, 2)
    assert found.exercises[0].passed


@pytest.mark.parametrize("place", ["/", "/usr", "/etc/x", "home", "home/..", "course", "course/source", "course/.."])
def test_no_folder_is_opened_that_holds_or_is_what_notebooks_may_not_read(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, course = tmp_path / "homes" / "home", tmp_path / "courses" / "course"
    home.mkdir(parents=True)
    (course / "source").mkdir(parents=True)
    (course / "lib").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(course)
    private = [str(path) for path in AulaTorch().private_paths]
    folders = {"home": home, "course": course}
    path = Path(place) if place.startswith("/") else folders[place.split("/")[0]].joinpath(*place.split("/")[1:])
    found = ImportPath()
    found.__dict__["entries"] = (path.resolve(), course / "lib")
    opened = found.opened(private)
    assert opened.folders == (str(course / "lib"),)
    assert list(opened.refused) == [str(path.resolve())] if str(path) != "/usr" else True


def test_hidden_checks_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "a" / "hidden" / "helpers").mkdir(parents=True)
    found = ImportPath()
    found.__dict__["entries"] = (tmp_path / "a", tmp_path / "a" / "hidden" / "helpers")
    assert found.opened([str(tmp_path / "a" / "hidden")]).folders == ()
    keep_private([str(tmp_path / "a" / "hidden")])
    assert found.opened().folders == ()


def test_a_stacked_environments_libraries_are_opened_with_its_packages(tmp_path: Path) -> None:
    packages = tmp_path / "base" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    found = ImportPath()
    found.__dict__["entries"] = (packages,)
    assert found.opened().folders == (str(tmp_path / "base" / "lib"),)


def test_what_links_of_an_import_folder_lead_to_is_opened(tmp_path: Path) -> None:
    """A Spack view links packages; uv, asked for links, each file of one."""
    packages, store = tmp_path / "view", tmp_path / "store"
    (packages / "files").mkdir(parents=True)
    for name in ("whole", "files", "private"):
        (store / name).mkdir(parents=True)
        (store / name / "__init__.py").touch()
    (store / "single.py").touch()
    (packages / "whole").symlink_to(store / "whole")
    (packages / "files" / "__init__.py").symlink_to(store / "files" / "__init__.py")
    (packages / "single.py").symlink_to(store / "single.py")
    (packages / "secret").symlink_to(store / "private")
    (packages / "notes.txt").symlink_to(store / "private" / "__init__.py")
    (packages / "gone").symlink_to(store / "gone")
    found = ImportPath()
    found.__dict__["entries"] = (packages,)
    opened = found.opened([str(store / "private")])
    expected = (store / "files", store / "single.py", store / "whole", packages)
    assert opened.folders == tuple(sorted(map(str, expected)))
    assert list(opened.refused) == [str(store)]


def test_the_current_folder_is_on_the_path_only_if_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f":{tmp_path / 'x'}:")
    (tmp_path / "x").mkdir()
    assert tmp_path not in ImportPath().entries
    assert tmp_path / "x" in ImportPath().entries
    monkeypatch.setenv("PYTHONPATH", "x")
    assert tmp_path / "x" in ImportPath().entries


def test_what_an_editable_install_leads_to_is_opened_and_its_project_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_package(tmp_path / "project" / "src", "edited") / "edited"
    site = tmp_path / "site"
    site.mkdir()
    (site / "__editable___edited_finder.py").write_text(f"MAPPING = {{'edited': {str(source)!r}}}\n")
    (site / "sitecustomize.py").write_text("import __editable___edited_finder\n")
    origin = site / "edited-1.dist-info"
    origin.mkdir()
    (origin / "METADATA").write_text("Metadata-Version: 2.1\nName: edited\nVersion: 1\n")
    (origin / "direct_url.json").write_text(f'{{"url": "file://{tmp_path}/project", "dir_info": {{"editable": true}}}}')
    monkeypatch.setenv("PYTHONPATH", str(site))
    assert ImportPath().opened().folders == (str(source), str(site))


@pytest.mark.slow
def test_a_zygote_that_does_not_start_says_the_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libexample.so.1: no such file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Zygote() as zygote, pytest.raises(ZygoteError) as raised:
        zygote.clone()
    assert str(raised.value).splitlines()[0].endswith("ended: ImportError: libexample.so.1: no such file")
