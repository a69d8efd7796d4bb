"""What the tests of connectors share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.testing.suite_ends import draft
from tests.connectors.desk_pages import Office

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture
def payload() -> Callable[[str], dict[str, Any]]:
    """Read `payloads/NAME.json`, a fresh one each time."""

    def read(name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        return content

    return read


@pytest.fixture
async def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    office.ticket = await office.open(draft("Where is my parcel?"))
    return office
