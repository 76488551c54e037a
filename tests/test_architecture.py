"""Promises the tree makes about itself, read from the source with `ast`."""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

# Which of our own packages each may import.
MAY_IMPORT = {
    "core": {"core"},
    "db": {"db", "core"},
    "addons": {"addons", "db", "core"},
    "admin": {"admin", "db", "core"},
    "api_bridge": {"api_bridge", "db", "core"},
    "supervisor": {"supervisor", "db", "core"},
    "supervisor/people.py": {"supervisor", "admin", "db", "core"},  # the admin's commands, typed
    "supervisor/moving_accounts.py": {"supervisor", "admin", "db", "core"},
    "supervisor/doctor.py": {"supervisor", "admin", "api_bridge", "db", "core"},  # as the sidecar
    "supervisor/keys.py": {"supervisor", "admin", "db", "core"},
    "sidecar": {"admin", "api_bridge", "db", "core"},
    "serve": {"supervisor", "db", "core"},
    "standin": {"standin", "core"},
    "run": set(),
}

PACKAGES = [name for name in MAY_IMPORT if "/" not in name]

# core is pure: what talks to the machine, tells the time or throws dice stays outside.
IMPURE = {
    "asyncio", "http.client", "http.server", "multiprocessing", "os", "random", "secrets", "select",
    "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time",
    "urllib.request",
}  # fmt: skip
READS_THE_ENVIRONMENT = "core/settings.py"
LONGEST_FUNCTION = 40


def sources() -> Iterator[Path]:
    for top in PACKAGES:
        if (ROOT / top).is_dir():
            yield from sorted((ROOT / top).rglob("*.py"))
        elif (ROOT / f"{top}.py").exists():
            yield ROOT / f"{top}.py"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES = list(sources())
CORE = [path for path in SOURCES if name_of(path).startswith("core/")]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(tree_of(path)))


@cache
def imports(path: Path) -> set[str]:
    """Dotted names of all imported modules; `from a import b` counts as both a and a.b."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def top_names(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def offenders(paths: list[Path], wrong: Callable[[Path], Any]) -> dict[str, Any]:
    """What is wrong, by file; where nothing is, the file is left out."""
    return {name_of(path): found for path in paths if (found := wrong(path))}


def test_packages_import_only_what_lies_below_them() -> None:
    def wrong(path: Path) -> set[str]:
        package = path.relative_to(ROOT).parts[0].removesuffix(".py")
        ours = top_names(path) & {*PACKAGES, "tests", "docs", "benchmarks"}
        return ours - MAY_IMPORT.get(name_of(path), MAY_IMPORT[package])

    assert offenders(SOURCES, wrong) == {}


def test_core_needs_only_the_standard_library() -> None:
    def wrong(path: Path) -> set[str]:
        allowed = {"dotenv"} if name_of(path) == READS_THE_ENVIRONMENT else set()
        return top_names(path) - set(sys.stdlib_module_names) - {"core"} - allowed

    assert offenders(CORE, wrong) == {}


def test_core_does_not_touch_the_machine_the_clock_or_the_dice() -> None:
    def wrong(path: Path) -> set[str]:
        allowed = {"os"} if name_of(path) == READS_THE_ENVIRONMENT else set()
        return imports(path) & IMPURE - allowed

    assert offenders(CORE, wrong) == {}


def test_each_file_of_core_has_its_test_file() -> None:
    modules = {path.stem for path in (ROOT / "core").glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests/core").glob("test_*.py")}
    assert modules - tests == set()


def test_only_the_settings_read_the_environment() -> None:
    def lines(path: Path) -> list[int]:
        return [
            node.lineno
            for node in nodes_of(path)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
            and node.attr in {"environ", "environb", "getenv", "getenvb"}
        ]

    assert set(offenders(SOURCES, lines)) <= {READS_THE_ENVIRONMENT, "run.py"}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From `def` to the last line, the docstring left out."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def test_no_function_is_longer_than_a_screen() -> None:
    def long(path: Path) -> dict[str, int]:
        return {
            node.name: code_lines(node)
            for node in nodes_of(path)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and code_lines(node) > LONGEST_FUNCTION
        }

    assert offenders(SOURCES, long) == {}


def test_modules_open_with_what_they_are_for() -> None:
    def is_mute(path: Path) -> bool:
        empty = path.name == "__init__.py" and not tree_of(path).body
        return not (empty or ast.get_docstring(tree_of(path)))

    assert offenders(SOURCES, is_mute) == {}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawer = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|$)")
    assert offenders(SOURCES, lambda path: bool(drawer.search(path.stem))) == {}


def test_every_imported_library_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {normal(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}  # type: ignore[index]
    ours = set(PACKAGES) | set(sys.stdlib_module_names) | {"__future__"}
    imported = {name for path in sources() for name in top_names(path)} - ours
    homes = packages_distributions()
    lost = {
        name for name in imported if not declared & {normal(home) for home in homes.get(name, [])}
    }
    assert lost == set()


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
