"""A Python that every account of this machine can run, for a demonstration.

A checkout is often its owner's alone, and so may be its Python, for one under root's home. This makes a small virtual
environment beside the demonstration, of a Python that all can run, with this package as students get it (its wheel,
which holds no checks) and everything else from where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from grader.hub.people import HubError

ROOT: Final = Path(__file__).parents[2]
_NOBODY: Final = 65534
_SCRIPT: Final = "#!{python}\nimport sys\nfrom {module} import {name}\nsys.exit({attribute}())\n"


def make_python(folder: Path) -> Path:
    """Makes it in a new folder and returns its path.

    Raises:
        HubError: no Python of this machine does.
    """
    base = _that_all_can_run()
    programs, packages = folder / "bin", folder / "lib" / f"python{_version()}" / "site-packages"
    for path in (programs, packages):
        path.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n", encoding="utf-8"
    )
    for name in ("python", "python3"):
        (programs / name).symlink_to(base)
    _unpack_wheel(packages)
    _add_older_soupsieve(base, packages)
    elsewhere = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "elsewhere.pth").write_text("\n".join(elsewhere), encoding="utf-8")
    for name in ("share", "etc"):
        (folder / name).symlink_to(Path(sys.prefix) / name)
    for entry in entry_points(group="console_scripts"):
        name = entry.attr.partition(".")[0]
        text = _SCRIPT.format(python=programs / "python", module=entry.module, name=name, attribute=entry.attr)
        (programs / entry.name).write_text(text, encoding="utf-8")
        (programs / entry.name).chmod(0o755)
    return programs / "python"


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _that_all_can_run() -> Path:
    names = (
        Path(sys.executable).resolve(),
        *(Path(top, f"python{_version()}") for top in ("/usr/bin", "/usr/local/bin")),
    )
    as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    for path in names:
        try:
            subprocess.run([path, "-c", ""], cwd="/", check=True, capture_output=True, **as_nobody)  # type: ignore[call-overload]
        except (OSError, subprocess.CalledProcessError):
            continue
        return path
    raise HubError(
        f"no Python {_version()} of this machine can be run by all of its accounts: install Debian's python3"
    )


def _add_older_soupsieve(base: Path, packages: Path) -> None:
    """Before 3.11.4, Python fails on the regular expressions of soupsieve 3, and so on every page of nbgrader's."""
    code = "import sys; sys.exit(sys.version_info < (3, 11, 4))"
    if subprocess.run([base, "-c", code], check=False).returncode:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages)]
        subprocess.run([*install, "soupsieve<3"], check=True, capture_output=True)


def _unpack_wheel(packages: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if not wheels:
            raise HubError(f"the wheel cannot be built: {done.stderr.strip()}")
        with zipfile.ZipFile(wheels[0]) as wheel:
            wheel.extractall(packages)
    shutil.rmtree(packages / "grader" / "__pycache__", ignore_errors=True)
