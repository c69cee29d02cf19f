"""The rules of the house that no linter knows."""

import ast
import re
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.celery import app

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("portal", "consent", "tenants")
LONGEST_FILE = 300
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
VAGUE_VERBS = ("handle_", "process_", "do_")
HTTP_CLIENTS = {"aiohttp", "httpx", "msal", "requests", "urllib.request", "http.client"}
HTTP_ROOMS = ("tenants/microsoft/", "portal/sandbox/")


def files(*folders: str, ending: str = ".py") -> Iterator[Path]:
    """The files that we write by hand, by their path from the root."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{ending}")):
            written = path.relative_to(ROOT)
            if not {"migrations", "vendor", "__pycache__"} & set(written.parts):
                yield written


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, `a.b` and `a.b.c` alike for `from a.b import c`."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_files_are_shorter_than_the_house_allows() -> None:
    written = [*files(*PRODUCT, "tests"), *files("portal", "templates", ending=".html")]
    written += [*files("portal", ending=".css"), *files("portal", ending=".js")]

    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in written}

    assert {path: lines for path, lines in lengths.items() if lines >= LONGEST_FILE} == {}


def test_names_of_files_say_what_is_inside() -> None:
    written = [*files(*PRODUCT, "tests")]

    assert [str(path) for path in written if VAGUE_NAMES & {*path.parts, path.stem}] == []


def test_names_of_functions_say_what_they_do() -> None:
    found = [
        f"{path}: {node.name}"
        for path in files(*PRODUCT)
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith(VAGUE_VERBS)
    ]

    assert found == []


def test_every_task_that_is_rung_or_scheduled_is_registered() -> None:
    source = "".join((ROOT / path).read_text() for path in files(*PRODUCT))
    rung = set(re.findall(r'ring\(\s*"([a-z_.]+)"', source))
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert (rung | scheduled) - set(app.tasks) == set()


def test_http_clients_stay_in_their_rooms() -> None:
    found = {
        f"{path}: {name}"
        for path in files(*PRODUCT)
        if not str(path).startswith(HTTP_ROOMS)
        for name in imports(path)
        if name in HTTP_CLIENTS or name.partition(".")[0] in HTTP_CLIENTS
    }

    assert found == set()


def test_product_does_not_know_its_tests() -> None:
    found = {
        f"{path}: {name}"
        for path in files(*PRODUCT)
        for name in imports(path)
        if name.partition(".")[0] in {"tests", "pytest"}
    }

    assert found == set()


@pytest.mark.parametrize("name", ["base", "demo", "test"])
def test_requirements_are_locked_and_name_no_host(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    locked = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    assert [line for line in locked if "==" not in line or not line.endswith("\\")] == []


def test_every_dependency_carries_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"].values()
    named = {*project["dependencies"], *(name for extra in extras for name in extra)}

    reasoned = set(re.findall(r'^    "([^"]+)",\s+# \S.+$', text, flags=re.MULTILINE))

    assert named - reasoned == set()


def test_every_variable_that_the_settings_read_is_explained() -> None:
    source = (ROOT / "portal" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|secret|positive)\(\s*"([A-Z_]+)"', source))
    explained = (ROOT / ".env.example").read_text()

    assert read, "the settings are read in another way than this test knows"
    assert {name for name in read if not re.search(rf"^#? ?{name}=", explained, re.M)} == set()


def test_network_is_blocked() -> None:
    with pytest.raises(UserWarning, match="A test tried to use socket"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.loopback
def test_network_beyond_the_loopback_is_blocked() -> None:
    with pytest.raises(UserWarning, match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
