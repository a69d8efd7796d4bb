"""What the project promises about its own code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("syncd", "connectors") for path in (ROOT / folder).rglob("*.py"))
EVERYTHING = [*CODE, *sorted((ROOT / "tests").rglob("*.py"))]
SUPPRESSION = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)")
REASON = re.compile(r"# noqa: [A-Z0-9, ]+ +(?:\(|- )\S")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_250_lines_and_a_function_40(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250
    assert [function.name for function in functions(path) if length(function) > 40] == []


def test_half_of_the_functions_are_shorter_than_8_lines_of_code() -> None:
    lengths = sorted(
        length(function)
        - (len((ast.get_docstring(function) or "").splitlines()) + 1 if ast.get_docstring(function) else 0)
        for path in CODE
        for function in functions(path)
    )
    assert lengths[len(lengths) // 2] < 8


def test_suppressions_are_rare_and_each_has_its_reason() -> None:
    lines = [line for path in CODE for line in path.read_text().splitlines()]
    suppressed = [line.strip() for line in lines if SUPPRESSION.search(line)]
    assert 1000 * len(suppressed) / len(lines) < 3
    assert [line for line in suppressed if not REASON.search(line) and "same reason" not in line] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in EVERYTHING if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    assert [path for path in CODE if words.search(path.read_text())] == []


def test_the_readme_gives_every_dependency_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in wanted}
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(names) if f"| {name} |" not in readme] == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert [name for name in wanted if re.split(r"[<>=]", name)[0] not in locked] == []
