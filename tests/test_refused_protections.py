"""Machines that refuse one means of confinement: it is named, grading stops, and goes on where the course accepts it.

Each really refuses: the tests run in a process under a seccomp filter of its own, as in some containers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.devkit.warmup import ASSIGNMENT, RIGHT, environment, hand_in, make_course

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")

REFUSING = """
import errno, json, sys
import pyseccomp
from grader.course import Checks
from grader.sandbox.linux import forbid_privileges, load_filter
from grader.sandbox.trials import _ALLOW_ALL, refusals

def refuse(error, *calls, prctl=None):
    found = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in calls:
        found.add_rule(pyseccomp.ERRNO(error) if error else pyseccomp.KILL_PROCESS, call)
    if prctl is not None:
        found.add_rule(pyseccomp.ERRNO(error), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, prctl))
    found.load()

match sys.argv[1]:
    case "seccomp-kills":
        refuse(0, "seccomp")
    case "listener-taken":
        forbid_privileges()
        listener = load_filter(_ALLOW_ALL, supervised=True)
    case "listener-refused":
        found = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        new_listener = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 8, 8)
        found.add_rule(pyseccomp.ERRNO(errno.EINVAL), "seccomp", new_listener)
        found.load()
    case "landlock":
        refuse(errno.ENOSYS, 444, 445, 446)
    case "landlock-late":
        refuse(errno.EPERM, 446)
    case "privileges":
        refuse(errno.EPERM, "capset")
    case "no-new-privileges":
        refuse(errno.EPERM, prctl=38)
    case number:
        refuse(getattr(errno, number), "seccomp", prctl=22)
"""

NAMING = (
    REFUSING
    + """
from grader.sandbox.confinement import missing_protections
print(json.dumps(dict(missing_protections())))
"""
)

GRADING = (
    REFUSING
    + """
from pathlib import Path
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.sandbox.confinement import ConfinementError
from grader.sandbox.doctor import examine
from grader.sandbox.zygote import Zygote

folder = Path(sys.argv[2])
(folder / "visible.py").write_text('''
from grader.kit import assert_equal, exercise

@exercise("answer")
def test_answer(student):
    assert_equal(student.answer(), 42)
''')
marks = {"grade_id": "answer", "grade": True, "points": 1, "solution": False, "locked": True}
cells = [new_code_cell("def answer():\\n    return 42"), new_code_cell('check("answer")', metadata={"nbgrader": marks})]
notebook = nbformat.writes(new_notebook(cells=cells)).encode()
with Zygote() as zygote:
    lacking = [finding.protection for finding in examine(zygote) if not finding.holds]
    refusal = ""
    try:
        grade_notebook(notebook, Policy("en", Checks.in_folder(folder), seed=1), zygote=zygote)
    except ConfinementError as error:
        refusal = str(error)
    policy = Policy("en", Checks.in_folder(folder), seed=1, accept_unprotected=tuple(lacking))
    passed = grade_notebook(notebook, policy, zygote=zygote).exercises[0].passed
print(json.dumps({"lacking": lacking, "refusal": refusal, "passed": passed}))
"""
)


def run(script: str, *arguments: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return said


COMMANDING = (
    REFUSING
    + """
import os
if "listener" in globals():
    os.set_inheritable(listener, True)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
)
"""Runs a program that is refused what this script refuses itself."""

SECCOMP = {"network", "calls", "processes"}


@pytest.mark.parametrize(
    ("case", "missing", "why"),
    [
        ("EPERM", SECCOMP, "no seccomp filter can be installed here (EPERM"),
        ("EINVAL", SECCOMP, "EINVAL"),
        ("ENOSYS", SECCOMP, "ENOSYS"),
        ("seccomp-kills", SECCOMP, "ended by SIGSYS"),
        ("listener-taken", {"processes"}, "has a listener already"),
        ("listener-refused", {"processes"}, "EINVAL"),
        ("landlock", {"files"}, "Landlock is missing (ENOSYS"),
        ("landlock-late", {"files"}, "Landlock is missing (EPERM"),
        ("privileges", {"privileges"}, "EPERM"),
        ("no-new-privileges", {"privileges"}, "EPERM"),
    ],
)
def test_a_refused_protection_is_named_with_the_systems_reason(case: str, missing: set[str], why: str) -> None:
    found = run(NAMING, case)
    assert missing <= set(found)
    # Where a filter needs privileges to be given up, or Landlock is too old for signals, more goes with it.
    assert set(found) - missing <= {"signals", *(SECCOMP | {"files"} if case == "no-new-privileges" else ())}
    for name in missing:
        assert why in str(found[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "missing"),
    [
        ("EPERM", SECCOMP),
        ("listener-taken", {"processes"}),
        ("landlock", {"files"}),
        ("privileges", {"privileges"}),
    ],
)
def test_doctor_and_grading_name_what_is_refused_and_grading_goes_on_where_it_is_accepted(
    case: str, missing: set[str], tmp_path: Path
) -> None:
    found = run(GRADING, case, str(tmp_path))
    lacking = set(map(str, found["lacking"]))  # type: ignore[call-overload]
    assert missing <= lacking <= missing | {"signals"}
    for name in lacking:
        assert f"\n  {name}: a graded notebook" in str(found["refusal"])
    assert found["passed"] is True


@pytest.mark.slow
@pytest.mark.parametrize(("case", "missing"), [("EPERM", SECCOMP), ("listener-taken", {"processes"})])
def test_a_class_is_not_graded_and_the_first_submission_says_why(case: str, missing: set[str], tmp_path: Path) -> None:
    make_course(tmp_path)
    for student in ("ada", "bea"):
        hand_in(tmp_path, student, RIGHT)
    done = subprocess.run(
        [sys.executable, "-c", COMMANDING, case, "-m", "grader.cli", "autograde", ASSIGNMENT, "--jobs", "1"],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Nothing is graded: this machine lacks protections" in said
    assert all(f"\n  {name}: a graded notebook" in said for name in missing)
    accepted = [name for name in ("network", "calls", "processes") if name in missing]
    assert f"c.AulaTorch.accept_unprotected = {accepted}" in said
    assert "graded again" not in said
    assert "Traceback" not in said
    assert not (tmp_path / "autograded" / "ada" / ASSIGNMENT).exists()
