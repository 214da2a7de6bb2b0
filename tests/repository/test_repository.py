"""What stands at the top of the repository: one version, and files for machines that hold."""

from __future__ import annotations

import ast
import re
import shlex
import sys
import tomllib
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lstmviz
from lstmviz.stage.story.discovery import stories

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def steps(workflow: str) -> list[dict[str, Any]]:
    return [step for job in read(workflow)["jobs"].values() for step in job["steps"]]


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PROJECT["project"]
    (place,) = PROJECT["tool"]["hatch"]["version"].values()
    written = re.findall(r'^__version__ = "(.+)"$', (ROOT / place).read_text("utf-8"), re.MULTILINE)
    assert written == [lstmviz.__version__]
    assert metadata.version("lstmviz") == lstmviz.__version__, "set up again: make clean demo"
    assert "version" not in read("CITATION.cff")


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads[0] == "Unreleased"
    assert any(lstmviz.__version__ in head for head in heads)


def test_hooks_are_the_linters_of_the_project_itself() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    lint = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0]
    called = [shlex.split(hook["entry"]) for hook in repository["hooks"]]
    assert len(called) == len(re.findall(r"\$\(BIN\)/", lint))
    for program, *words in called:
        first = [word for word in words if not word.startswith("--")]
        assert " ".join([program.replace(".venv/bin/", "$(BIN)/"), *first]) in lint


def test_every_python_and_system_that_is_promised_is_tested() -> None:
    matrix = read(".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    promised = [
        line.rsplit(" ", 1)[1]
        for line in PROJECT["project"]["classifiers"]
        if re.search(r"Python :: 3\.\d+$", line)
    ]
    assert matrix["python"][: len(promised)] == promised
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos"}


def test_workflows_only_use_the_forge_s_own_actions() -> None:
    for name in ("test", "release"):
        for step in steps(f".github/workflows/{name}.yml"):
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v0"))
            assert "uses" in step or "run" in step


def test_the_image_installs_what_the_setup_does() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    setup = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    first, second = re.findall(r"--no-install-recommends ([\w. -]+?) +&&", text)
    assert set(first.split()) <= set(re.findall(r"echo (gcc .+)", setup)[0].split())
    for library in second.split():
        assert library.startswith("lib")
        assert not library.endswith("-dev")
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", text)
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert all((ROOT / name).exists() for name in names)
    assert {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    } == set(names)
    packaged = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*packaged["packages"], *packaged["force-include"], PROJECT["project"]["readme"]} <= set(
        names
    )


def test_what_is_needed_is_pinned() -> None:
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    known = {name.lower().replace("_", "-") for name in pinned}
    for line in PROJECT["project"]["dependencies"]:
        assert Requirement(line).name.lower() in known, line


def test_all_stories_are_made_to_be_shared() -> None:
    jobs = tomllib.loads((ROOT / "tools" / "media.toml").read_text(encoding="utf-8"))["job"]
    shared, film = jobs
    assert sorted([*shared["story"], film["story"]]) == [each.name for each in stories()]
    assert "film" not in shared["story"]


# Whose objects are taken where their users have them.
OF_USERS = {"pandas", "torch", "xarray"}
FOR_US = {"dev", "docs"}  # extras that users do not install


def for_users(project: str, extras: set[str], seen: set[tuple[str, str]]) -> set[str]:
    """Name all that is installed with a project, with its extras."""
    found = {canonicalize_name(project)}
    for wanted in map(Requirement, metadata.requires(project) or []):
        for extra in ("", *extras):
            entry = (canonicalize_name(wanted.name), extra)
            fits = wanted.marker is None or wanted.marker.evaluate({"extra": extra})
            if fits and entry not in seen:
                seen.add(entry)
                with suppress(metadata.PackageNotFoundError):
                    found |= for_users(wanted.name, set(wanted.extras), seen)
    return found


def test_what_the_package_imports_is_what_its_users_install() -> None:
    extras = set(PROJECT["project"]["optional-dependencies"]) - FOR_US
    installed = for_users("lstmviz", extras, set())
    bring = metadata.packages_distributions()
    for file in (ROOT / "lstmviz").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names} - OF_USERS:
                if name not in sys.stdlib_module_names:
                    brought = set(map(canonicalize_name, bring.get(name, ())))
                    assert brought & installed, f"{file.name} imports {name}"
