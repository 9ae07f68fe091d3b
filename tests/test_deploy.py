"""What a cluster gets: settings that Jupyter reads as those of one machine, and parts that fit together."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.devkit.answers import ROOT
from grader.hub.configured import frames_its_own
from grader.hub.writing import lab_names, server_names

DEPLOY = ROOT / "deploy"
VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "values.yaml").read_text("utf-8"))
PARTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "course.yaml").read_text("utf-8")))
COURSE = "torch-es"


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {part["metadata"]["name"]: part for part in PARTS if part["kind"] == kind}


def container(name: str) -> dict[str, Any]:
    (found,) = of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"]
    return found


def environment(name: str) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container(name)["env"]}


@pytest.mark.slow
@pytest.mark.parametrize("role", ["students", "course"])
def test_settings_of_the_image_are_read_as_those_of_a_hub(tmp_path: Path, role: str) -> None:
    shutil.copytree(DEPLOY / "jupyter", tmp_path / "image")
    path = [tmp_path / "image"]
    if role == "course":
        volumes = of_kind("Deployment")[COURSE]["spec"]["template"]["spec"]["volumes"]
        (items,) = [volume["configMap"]["items"] for volume in volumes if "configMap" in volume]
        for item in items:
            (tmp_path / "course" / item["path"]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(DEPLOY / "course" / item["key"], tmp_path / "course" / item["path"])
        assert {item["key"] for item in items} == {path.name for path in (DEPLOY / "course").glob("*.*")}
        path.insert(0, tmp_path / "course")
    own = {"JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, path)), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "grader.hub.asking"],
        cwd=tmp_path,
        env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["extensions"] == server_names(role)
    off = {name for name, is_on in lab_names(role).items() if not is_on}
    assert {name for name in found["disabled"] if name.startswith("@jupyter/nbgrader")} == off
    assert frames_its_own(found["policy"])
    service = VALUES["hub"]["services"]["ngshare"]["url"]
    assert found["nbgrader"]["ngshare"] == f"{service}{environment('ngshare')['JUPYTERHUB_SERVICE_PREFIX'].rstrip('/')}"
    assert found["nbgrader"]["submit"].startswith("ngshare_exchange.")
    assert found["nbgrader"]["course"] == (COURSE if role == "course" else "")
    assert found["nbgrader"]["a folder for each course"] is (role == "students")


@pytest.mark.parametrize("name", [COURSE, "ngshare"])
def test_a_service_is_where_the_hub_looks_for_it_and_has_the_token_that_the_hub_made(name: str) -> None:
    (port,) = of_kind("Service")[name]["spec"]["ports"]
    assert VALUES["hub"]["services"][name]["url"] == f"http://{name}:{port['port']}"
    own = environment(name)
    assert own["JUPYTERHUB_SERVICE_PREFIX"] == f"/services/{name}/"
    assert own["JUPYTERHUB_CLIENT_ID"] == f"service-{name}"
    assert own["JUPYTERHUB_SERVICE_URL"].endswith(f":{port['port']}")
    (token,) = [each["valueFrom"]["secretKeyRef"] for each in container(name)["env"] if "valueFrom" in each]
    assert token == {"name": "hub", "key": f"hub.services.{name}.apiToken"}


def test_one_image_for_all_and_its_version_is_the_package_s() -> None:
    image = VALUES["singleuser"]["image"]
    assert {container(name)["image"] for name in (COURSE, "ngshare")} == {f"{image['name']}:{image['tag']}"}
    assert f'version = "{image["tag"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_image_is_made_of_the_wheel_and_of_settings_alone() -> None:
    copied = [line.split()[1] for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line.startswith("COPY")]
    assert copied == ["dist/aulatorch-*.whl", "deploy/jupyter"]


def test_students_in_a_course_are_those_that_ngshare_is_told_of() -> None:
    (line,) = [each for each in (DEPLOY / "course.yaml").read_text("utf-8").splitlines() if "people.json=" in each]
    people = json.loads(line.partition("people.json=")[2].strip("'"))
    groups = VALUES["hub"]["config"]["JupyterHub"]["load_groups"]
    assert people == {COURSE: groups[f"nbgrader-{COURSE}"]["users"]}
