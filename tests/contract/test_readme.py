"""What connectors/README.md says of the connectors is true."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from pathlib import Path

import pytest

from syncd.contract.ports import FindsDeliveries, ReceivesWebhooks
from syncd.testing.suite_connector import ABILITY_SUITES

README = Path(__file__).parents[2] / "connectors" / "README.md"
INSTALLED = [*entry_points(group="syncd.chat"), *entry_points(group="syncd.helpdesk")]


def table(first: str) -> list[list[str]]:
    """Give the cells of the table whose first cell is `first`, its head first and without the line under it."""
    lines = README.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    end = next((n for n, line in enumerate(lines) if n > start and not line.startswith("|")), len(lines))
    rows = [[cell.strip(" `*") for cell in line.strip("|").split("|")] for line in lines[start:end]]
    return [rows[0], *rows[2:]]


def grades(connector: str) -> dict[str, str]:
    """Give a connector's column of the table of rules, by the rule's number or `level`; the first word of each."""
    head, *rows = table("rule")
    column = head.index(connector)
    return {row[0].split(" ")[0]: row[column].split(":")[0] for row in rows}


def test_the_table_of_abilities_is_what_the_class_lines_say() -> None:
    head, *rows = table("connector")
    abilities = {ability.__name__: ability for ability in ABILITY_SUITES}
    assert head == ["connector", "end", *abilities]
    said = {(name, end): marks for name, end, *marks in rows}
    assert said == {
        (point.name, point.group.removeprefix("syncd.")): [
            "yes" if issubclass(point.load(), ability) else "-" for ability in abilities.values()
        ]
        for point in INSTALLED
    }


def test_each_ability_is_explained() -> None:
    assert [row[0] for row in table("ability")[1:]] == [ability.__name__ for ability in ABILITY_SUITES]


def test_every_connector_is_graded_by_every_rule() -> None:
    head, *rows = table("rule")
    assert set(head[1:]) == {point.name for point in INSTALLED}
    assert [row[0].split(" ")[0] for row in rows] == [*map(str, range(1, 11)), "level"]
    assert {cell.split(":")[0] for row in rows[:-1] for cell in row[1:]} <= {"yes", "no", "-"}


@pytest.mark.parametrize("name", sorted({point.name for point in INSTALLED}))
def test_the_level_follows_from_the_rules(name: str) -> None:
    marks = grades(name)
    reached = "none"
    for level, (after, last) in zip(("bronze", "silver", "gold"), pairwise((0, 4, 7, 10)), strict=True):
        if "no" in [marks[str(rule)] for rule in range(after + 1, last + 1)]:
            break
        reached = level
    assert marks["level"] == reached


@pytest.mark.parametrize("point", INSTALLED, ids=lambda point: f"{point.group}-{point.name}")
def test_marks_agree_with_the_code_where_it_can_tell(point: EntryPoint) -> None:
    connector, marks = point.load(), grades(point.name)
    told = inspect.getdoc(import_module(point.module)) or ""
    assert marks["4"] == ("yes" if "Known limitations:\n-" in told else "no")
    assert (marks["6"] == "-") is (connector.quota is None)
    if point.group == "syncd.helpdesk":
        assert marks["8"] == ("yes" if issubclass(connector, FindsDeliveries) else "no")
    if issubclass(connector, ReceivesWebhooks) and connector.admit_webhook is ReceivesWebhooks.admit_webhook:
        assert marks["9"] != "yes"
