"""The house rules that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from hub.__main__ import GROUPS

ROOT = Path(__file__).resolve().parent.parent
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in TRACKED if path.suffix == ".py"]
HUB = [path for path in PYTHON if path.is_relative_to(ROOT / "hub")]
REGISTRY_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian",
)
FORBIDDEN_WORDS = ("face_recognition", "faceid", "reid", "plate_number", "ethnic")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_function_has_at_most_70_lines(path: Path) -> None:
    long = {
        f.name: (f.end_lineno or f.lineno) - f.lineno + 1
        for f in functions(path)
        if (f.end_lineno or f.lineno) - f.lineno + 1 > 70
    }
    assert not long


@pytest.mark.parametrize("path", HUB, ids=name_of)
def test_broad_excepts_live_in_the_supervisor_alone(path: Path) -> None:
    if name_of(path) == "hub/kit/supervise.py":
        return
    broad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert not broad


def imported_modules(path: Path) -> set[str]:
    """Dotted names a file imports, also `from package import module`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_module_of_the_hub_is_dead() -> None:
    imported: set[str] = set()
    for path in PYTHON:
        if not path.is_relative_to(ROOT / "tests"):
            imported |= imported_modules(path)
    alive_by_running = {"hub.__main__", "hub.store.migrations.env"}
    alive_by_running |= {f"hub.cli.{group}" for group in GROUPS}
    dead = []
    for path in HUB:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        started = module in alive_by_running or ".migrations.versions." in f"{module}."
        if not (module in imported or started or any(m.startswith(f"{module}.") for m in imported)):
            dead.append(module)
    assert not dead


def test_no_registry_host_stands_in_any_file() -> None:
    found = [
        (name_of(path), host)
        for path in TRACKED
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert not found


def test_no_file_is_over_one_mebibyte() -> None:
    assert not [name_of(path) for path in TRACKED if path.stat().st_size > 1 << 20]


def test_redis_sql_and_web_stay_in_their_rooms() -> None:
    homes = {
        "redis": ("hub/store/", "hub/dispatch/queue.py"),
        "fastapi": ("hub/api/",),
        "starlette": ("hub/api/",),
        "sqlalchemy": ("hub/store/",),
        "sqlite3": ("hub/store/",),
    }
    strays = []
    for path in HUB:
        name = name_of(path)
        for module in imported_modules(path):
            root = module.split(".")[0]
            if root not in homes or name.startswith(homes[root]):
                continue
            if root == "sqlalchemy" and (name.endswith("repository.py") or _connection_only(path)):
                continue
            strays.append((name, module))
    assert not strays


def _connection_only(path: Path) -> bool:
    """`Connection` as a type of an argument is all that a service needs of SQLAlchemy."""
    names = {m for m in imported_modules(path) if m.startswith("sqlalchemy")}
    return names == {"sqlalchemy", "sqlalchemy.Connection"}


@pytest.mark.parametrize("word", FORBIDDEN_WORDS)
def test_the_line_we_do_not_cross_is_not_crossed_in_names(word: str) -> None:
    pattern = re.compile(rf"\b\w*{word}\w*\b", re.I)
    found = [
        (name_of(path), node.id)
        for path in HUB
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name) and pattern.search(node.id)
    ]
    assert not found
