"""No connector and no ability goes without its suite."""

from __future__ import annotations

import importlib.util
from abc import ABC
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from syncd.contract import ports
from syncd.contract.ports import Connector
from syncd.testing.chat_suite import ChatSuite
from syncd.testing.helpdesk_suite import HelpdeskSuite
from syncd.testing.suite_connector import ABILITY_SUITES, ConnectorSuite
from syncd.testing.suite_http import SpeaksHttpSuite

INSTALLED = [*entry_points(group="syncd.chat"), *entry_points(group="syncd.helpdesk")]
SUITES = [ConnectorSuite, ChatSuite, HelpdeskSuite, SpeaksHttpSuite, *ABILITY_SUITES.values()]


def runs() -> Iterator[type[ConnectorSuite]]:
    """Give the suite runs of this folder."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"collected_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        if str(file) != __file__:
            spec.loader.exec_module(module)
        names = [name for name in vars(module) if name.startswith("Test")]
        yield from (run for name in names if issubclass(run := getattr(module, name), ConnectorSuite))


@pytest.mark.parametrize("point", INSTALLED, ids=lambda point: f"{point.group}-{point.name}")
def test_every_installed_connector_has_a_run(point: EntryPoint) -> None:
    suite = ChatSuite if point.group == "syncd.chat" else HelpdeskSuite
    assert point.load() in [run.connector_class for run in runs() if issubclass(run, suite)]


def test_connectors_are_installed() -> None:
    assert {point.group for point in INSTALLED} == {"syncd.chat", "syncd.helpdesk"}


def test_every_ability_of_the_contract_has_a_suite() -> None:
    abilities = {
        one for one in vars(ports).values() if isinstance(one, type) and ABC in one.__bases__ and one is not Connector
    }
    assert abilities == set(ABILITY_SUITES)


def test_no_suite_hides_a_test_of_another() -> None:
    names = [name for suite in SUITES for name in vars(suite) if name.startswith("test_")]
    assert sorted(set(names)) == sorted(names)
    assert all(any(name.startswith("test_") for name in vars(suite)) for suite in SUITES)
