"""Who may know whom: upkeep → generations → catalog → clients; clients and sandbox know nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OURS = {"upkeep", "generations", "catalog", "clients", "sandbox", "hedra_studio"}
SHARED = {"hedra_studio.files", "hedra_studio.logs", "hedra_studio.web"}
MAY_IMPORT = {
    "upkeep": {"generations", "catalog", "clients", "hedra_studio"},
    "generations": {"catalog", "clients"} | SHARED,
    "catalog": {"clients"} | SHARED,
    "clients": set[str](),
    "sandbox": set[str](),
    "hedra_studio": set[str](),
}


def sources(package: str) -> list[Path]:
    found = sorted((PROJECT / package).rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[str]:
    """Full names of what the file imports, relative ones resolved."""
    package = path.relative_to(PROJECT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*start, *(node.module or "").split(".")]).strip(".")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_packages_import_in_one_direction_only(package: str) -> None:
    for path in sources(package):
        for name in imports(path):
            if name.split(".")[0] in OURS - {package}:
                assert any(is_within(name, allowed) for allowed in MAY_IMPORT[package]), (path, name)


@pytest.mark.parametrize("package", sorted(OURS))
def test_nobody_imports_the_routes(package: str) -> None:
    for path in sources(package):
        assert not any(is_within(name, "hedra_studio.urls") for name in imports(path)), path


@pytest.mark.parametrize("package", sorted(OURS - {"clients"}))
def test_only_clients_know_the_http_library(package: str) -> None:
    libraries = ("requests", "urllib3", "requests_hardened", "requests_toolbelt", "httpx")
    for path in sources(package):
        for name in imports(path):
            assert not any(is_within(name, library) for library in libraries), (path, name)


@pytest.mark.parametrize("package", ["clients", "sandbox"])
def test_clients_and_sandbox_know_nothing_of_django(package: str) -> None:
    for path in sources(package):
        assert not any(is_within(name, "django") for name in imports(path)), path


def test_the_entry_can_be_read_by_a_python_too_old_for_the_rest() -> None:
    ast.parse((PROJECT / "manage.py").read_text(), feature_version=(3, 7))
