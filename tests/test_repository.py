"""What a release promises about its own files, where no other tool looks."""

import ast
from collections.abc import Iterator
from importlib import metadata
import json
import os
from pathlib import Path
import re
import subprocess
import tomllib
from typing import Any

from packaging.requirements import Requirement
import pytest

import homeassistant.components

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "evse_suite"
MADE_BY_TOOLS = re.compile(r"\.(?!github$|ci$)|__pycache__$")
COVERAGE_DATA = re.compile(r"\.?coverage\b")


def files(folder: Path) -> Iterator[Path]:
    """Walk over everything people wrote."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and not COVERAGE_DATA.match(path.name):
            yield path
        elif path.is_dir() and not MADE_BY_TOOLS.match(path.name):
            yield from files(path)


FILES = list(files(ROOT))
PYTHON = [path for path in FILES if path.suffix == ".py"]
SCRIPTS = [path for path in FILES if path.read_bytes().startswith(b"#!")]
SET_UP_IN_TESTS = ["energy", "frontend", "lektrico", "logbook", "shelly", "system_health"]


def short(path: Path) -> str:
    """Return the path as it is written in this repository."""
    return str(path.relative_to(ROOT))


def load(name: str) -> Any:
    """Return the content of a JSON or TOML file in the root of the repository."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return tomllib.loads(text) if name.endswith((".toml", ".lock")) else json.loads(text)


def manifest_of(domain: str) -> dict[str, Any]:
    """Return the manifest of an integration of the installed Home Assistant."""
    path = Path(homeassistant.components.__path__[0]) / domain / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def with_dependencies(domains: list[str]) -> set[str]:
    """Return the integrations and everything they depend on."""
    found: set[str] = set()
    while domains:
        domain = domains.pop()
        if domain not in found:
            found.add(domain)
            domains += manifest_of(domain).get("dependencies", [])
    return found


def test_one_version_everywhere() -> None:
    version = load("custom_components/evse_suite/manifest.json")["version"]
    assert load("pyproject.toml")["project"]["version"] == version
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_manifest_has_what_loader_and_store_ask_for() -> None:
    manifest = load("custom_components/evse_suite/manifest.json")
    assert list(manifest) == ["domain", "name", *sorted(manifest.keys() - {"domain", "name"})]
    assert manifest["domain"] == INTEGRATION.name
    assert manifest["config_flow"] is (INTEGRATION / "config_flow.py").is_file()
    assert manifest["documentation"].startswith("https://")
    assert manifest["issue_tracker"].startswith("https://")
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    assert (INTEGRATION / "brand" / "icon.png").is_file()
    # Other keys make the store's validation fail.
    assert load("hacs.json").keys() <= {"name", "homeassistant", "hide_default_branch"}


def test_the_oldest_home_assistant_is_the_one_under_test() -> None:
    oldest = load("hacs.json")["homeassistant"].split(".")[:2]
    assert metadata.version("homeassistant").split(".")[:2] == oldest


def test_lock_belongs_to_this_project_file() -> None:
    locked = next(p for p in load("uv.lock")["package"] if p["name"] == "evse-suite")
    for group, wanted in load("pyproject.toml")["dependency-groups"].items():
        requirements = {(normal(r.name), str(r.specifier)) for r in map(Requirement, wanted)}
        assert requirements == {
            (entry["name"], entry.get("specifier", ""))
            for entry in locked["metadata"]["requires-dev"][group]
        }


def normal(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_nothing_is_installed_while_tests_run() -> None:
    for domain in sorted(with_dependencies(list(SET_UP_IN_TESTS))):
        for text in manifest_of(domain).get("requirements", []):
            requirement = Requirement(text)
            installed = metadata.version(requirement.name)
            assert requirement.specifier.contains(installed), (domain, text, installed)


@pytest.mark.parametrize("path", SCRIPTS, ids=short)
def test_scripts_can_be_started_and_stop_at_errors(path: Path) -> None:
    assert os.access(path, os.X_OK)
    text = path.read_text(encoding="utf-8")
    if "bash" in text.splitlines()[0]:
        assert "\nset -euo pipefail\n" in text
        subprocess.run(["bash", "-n", path], check=True)


def test_files_need_no_table_of_contents() -> None:
    lines = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_annotations_are_evaluated_by_the_language() -> None:
    def imports_future(path: Path) -> bool:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)

    assert [short(path) for path in PYTHON if imports_future(path)] == []


def test_no_file_knows_a_machine() -> None:
    """Paths of one developer's machine and package mirrors do not belong in a repository."""
    places = re.compile(r"(?<![\w.])/(home|root|Users|work)/\w|pythonhosted\.org|deb\.debian\.org")
    texts = [path for path in FILES if path.name != "uv.lock" and path.suffix != ".png"]
    found = {
        short(path): match.group()
        for path in texts
        if (match := places.search(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}
