"""What each part of the package needs: students' machines have less than this one, and say so in one sentence."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import nbformat
import pytest

from grader.devkit.answers import ROOT
from grader.evidence.answers import answered
from grader.needs import LINUX

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINUX_MODULES: Final = ("resource", "fcntl", "pwd", "grp", "termios", "landlock", "py_landlock", "pyseccomp", "seccomp")
LINUX_NAMES: Final = {
    "os": ["fork", "geteuid", "getuid", "getgid", "getegid", "getgroups", "setsid", "getpgid", "killpg", "O_DIRECTORY"],
    "signal": ["SIGCHLD", "SIGKILL", "SIGHUP", "SIGALRM", "setitimer", "alarm", "pthread_sigmask", "pthread_kill"],
    "socket": ["send_fds", "recv_fds"],
    "select": ["epoll", "poll"],
}
STUDENTS_PACKAGES: Final = (
    *("asyncio", "getpass", "multiprocessing", "pdb", "subprocess", "tempfile", "click", "jinja2", "nbformat.v4"),
    *("IPython.core.interactiveshell", "matplotlib.pyplot", "numpy", "PIL.Image", "pytest", "rich.live"),
    *("rich.progress", "safetensors.torch", "torch._subclasses.fake_tensor", "torch.overrides", "torchvision"),
)
NBGRADER: Final = ("nbgrader.apps", "asyncio", "subprocess")
STARTED: Final = """
import importlib, io, json, runpy, sys

hidden, names, platform, first, program, *arguments = json.loads(sys.argv[1])


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if platform:  # other people's packages are what they are on this machine
    io._WindowsConsoleIO = type("WindowsConsole", (), {})  # which pytest looks for
    for name in first:
        importlib.import_module(name)
for name in [name for name in sys.modules if name.partition(".")[0] in hidden]:
    del sys.modules[name]
sys.meta_path.insert(0, Hidden())
for module, attributes in names.items():
    for attribute in attributes:
        vars(importlib.import_module(module)).pop(attribute, None)
sys.platform = platform or sys.platform
sys.argv = [program, *arguments]
run = runpy.run_path if program.endswith(".py") else runpy.run_module
run(program, run_name="__main__")
"""
NOTEBOOK: Final = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

shell = InteractiveShell.instance(config=Config({{"HistoryManager": {{"enabled": False}}}}))
imports = "import torch, grader.notebook.canvas; from grader import check, datasets, device, hint, training_budget"
for cell in (imports, "def outer(a, b):\\n    return a[:, None] {sign} b", "check('outer')", "hint('outer')"):
    shell.run_cell(cell, store_history=True)
"""


def modules_required(requirements: Iterable[str]) -> set[str]:
    """The modules of some requirements, most of which are named as their package is."""
    return {re.split(r"[^\w.-]", requirement)[0].replace("-", "_") for requirement in requirements}


def of_instructors() -> set[str]:
    """The modules of `[grading]` that nothing of the plain package brings along."""
    names = modules_required(PROJECT["optional-dependencies"]["grading"]) - modules_required(PROJECT["dependencies"])
    brought = {"filelock", "jupyter_client", "psutil", "pyzmq"}  # by torch and ipykernel
    assert brought < names
    return names - brought | {"jupyterlab", "notebook", "alembic"}


def modules_of(source: str) -> Iterator[str]:
    """What a program imports, without what lies beside it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder: a released notebook, with one right answer in it, and its checks."""
    copied = Path(shutil.copytree(ROOT / "assignments" / "en" / "02_broadcasting", tmp_path / "02_broadcasting"))
    path = copied / "02_broadcasting.ipynb"
    right = "def outer(a, b):\n    return a[:, None] * b"
    nbformat.write(answered(nbformat.read(path, as_version=4), {"outer": right}), path)
    for name, sign in (("right", "*"), ("wrong", "+")):
        (copied / f"{name}.py").write_text(NOTEBOOK.format(sign=sign))
    return copied


class Machine:
    """Where some modules, and optionally a platform's means, are missing."""

    def __init__(self, hidden: Iterable[str], names: Mapping[str, Sequence[str]], platform: str = "") -> None:
        self.missing = [sorted(hidden), names, platform]

    def run(
        self, folder: Path, program: str, *arguments: str, first: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs a module, or a file of `folder`, as a program in `folder`.

        Args:
            first: modules that are imported before anything is missing, where it is a platform's.
        """
        request = json.dumps([*self.missing, first, program, *arguments])
        command = [sys.executable, "-c", STARTED, request]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


STUDENTS: Final = Machine(of_instructors(), {})
WINDOWS: Final = Machine({*LINUX_MODULES, *of_instructors()}, LINUX_NAMES, "win32")
WINDOWS_OF_INSTRUCTORS: Final = Machine(LINUX_MODULES, LINUX_NAMES, "win32")
MACS_OF_INSTRUCTORS: Final = Machine(["py_landlock", "pyseccomp"], {"select": ["epoll"]}, "darwin")

everywhere = pytest.mark.parametrize("machine", [STUDENTS, WINDOWS], ids=["plain", "windows"])


@everywhere
@pytest.mark.slow
def test_check_works_with_the_plain_package(machine: Machine, folder: Path) -> None:
    right = machine.run(folder, "right.py", first=STUDENTS_PACKAGES)
    assert (right.returncode, right.stderr) == (0, "")
    assert "✗" not in right.stdout
    assert "✓" in right.stdout
    assert "hint 1 of 3" in right.stdout
    wrong = machine.run(folder, "wrong.py", first=STUDENTS_PACKAGES)
    assert "✗" in wrong.stdout
    assert re.search(r"\b0 of \d+ checks passed", wrong.stdout)


@everywhere
@pytest.mark.slow
def test_grader_check_works_with_the_plain_package(machine: Machine, folder: Path) -> None:
    result = machine.run(folder, "grader.cli", "check", "02_broadcasting.ipynb", "-e", "outer", first=STUDENTS_PACKAGES)
    assert (result.returncode, result.stderr) == (0, "")
    assert "outer" in result.stdout


@everywhere
@pytest.mark.slow
def test_pytest_runs_a_notebook_with_the_plain_package(machine: Machine, folder: Path) -> None:
    arguments = ["02_broadcasting.ipynb", "-q", "-k", "outer", "-p", "no:cacheprovider"]
    result = machine.run(folder, "pytest", *arguments, first=STUDENTS_PACKAGES)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"\d+ passed, \d+ deselected", result.stdout)


def test_the_commands_are_listed_without_the_instructors_part(tmp_path: Path) -> None:
    result = STUDENTS.run(tmp_path, "grader.cli", "--help")
    assert result.returncode == 0
    assert {"check", "autograde", "report"} <= set(result.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [["report", "hw1"], ["autograde", "hw1"], ["autograde", "--help"], ["doctor"], ["messages"]],
    ids=" ".join,
)
def test_an_instructor_s_command_says_in_one_sentence_what_to_install(arguments: list[str], tmp_path: Path) -> None:
    result = STUDENTS.run(tmp_path, "grader.cli", *arguments)
    assert result.returncode == 1
    said = re.fullmatch(
        r"Error: This needs (\w+), which .*: pip install '\./aulatorch-\S+\[grading\]'\n", result.stderr
    )
    assert said is not None, result.stderr
    assert said[1] in of_instructors()


@pytest.mark.parametrize("machine", [WINDOWS, WINDOWS_OF_INSTRUCTORS, MACS_OF_INSTRUCTORS])
@pytest.mark.parametrize("command", ["doctor", "autograde"])
def test_grading_says_in_one_sentence_that_it_needs_linux(machine: Machine, command: str, tmp_path: Path) -> None:
    result = machine.run(tmp_path, "grader.cli", command, *(["hw1"] if command == "autograde" else []), first=["click"])
    assert (result.returncode, result.stderr) == (1, f"Error: {LINUX}\n")


@pytest.mark.slow
@pytest.mark.parametrize("machine", [WINDOWS_OF_INSTRUCTORS, MACS_OF_INSTRUCTORS])
def test_nbgrader_says_so_too(machine: Machine, tmp_path: Path) -> None:
    config = "from grader.configure import configure\n\nconfigure(get_config())\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    result = machine.run(tmp_path, "nbgrader", "autograde", "hw1", first=NBGRADER)
    assert result.returncode == 1
    assert [line.split("] ", 1)[1] for line in result.stderr.splitlines() if "CRITICAL" in line] == [
        f"Nothing is graded: {LINUX}"
    ]
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_formgrader_s_grading_says_so_too(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(
        "from nbgrader.apps import NbGraderAPI\n"
        "from traitlets.config import Config\n"
        "from grader.configure import configure\n"
        "config = Config()\n"
        "configure(config)\n"
        "NbGraderAPI(config=config).autograde('hw1', 'ada')\n"
    )
    result = WINDOWS_OF_INSTRUCTORS.run(tmp_path, "server.py", first=NBGRADER)
    assert result.stderr.rstrip().endswith(f"UnmetNeedError: {LINUX}")


def test_students_get_what_notebooks_and_their_checks_import() -> None:
    required = {re.split(r"[^\w.-]", requirement)[0] for requirement in PROJECT["dependencies"]}
    modules = {"ipython": "IPython", "pillow": "PIL", "scikit-learn": "sklearn"}
    provided = {modules.get(name, name) for name in required} | {"grader", *sys.stdlib_module_names}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "assignments").rglob("*.py")]
    for path in (ROOT / "assignments").rglob("*.ipynb"):
        sources += [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    imported = {name for source in sources for name in modules_of(source)}
    assert {"torch", "PIL", "grader"} <= imported
    assert imported - provided == set()


def test_what_only_linux_has_is_asked_for_on_linux_alone() -> None:
    every = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["grading"]]
    linux = [requirement for requirement in every if re.match(r"py-landlock|pyseccomp", requirement)]
    assert len(linux) == 2
    assert all(requirement.endswith("; sys_platform == 'linux'") for requirement in linux)
