"""A Request Tracker that answers with what a real one recorded: a ticket with every kind of transaction.

It was recorded from version 5.0.3. Words say what they are: SAID by an agent, PRIVATE, AUTOMATIC, OURS and so on.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.request_tracker import RequestTracker
from syncd.contract.http import Http

Row = dict[str, Any]
RECORDING = json.loads((Path(__file__).parent / "payloads" / "request_tracker" / "transactions.json").read_text())


class RecordedTracker:
    """Answers a connector's polls, and looks at what these ask for as RT does."""

    def __init__(self) -> None:
        told = copy.deepcopy(RECORDING)
        self.transactions: list[Row] = told["transactions"]
        self.attachments: list[Row] = told["attachments"]
        self.tickets: dict[str, Row] = told["tickets"]
        self.privileged: dict[str, int] = told["users"]

    def connector(self) -> RequestTracker:
        settings = RequestTracker.Settings(url="http://rt.example", token=SecretStr("1-1-x"), queue="Support")
        return RequestTracker(settings, Http(httpx.AsyncClient(transport=httpx.MockTransport(self._answer))))

    def words(self, number: str) -> str:
        """Give what was said with a transaction."""
        return next((str(one["Content"]).strip() for one in self.attachments if one["TransactionId"] == number), "")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        kind, _, name = request.url.path.removeprefix("/REST/2.0/").partition("/")
        query = request.url.params.get("query", "")
        match kind:
            case "transactions":
                return _listed([row for row in self.transactions if _is_asked(row, query)])
            case "attachments":
                return _listed(self._parts(json.loads(query)))
            case "ticket":
                return httpx.Response(200, json=self.tickets[name])
            case "user":
                return httpx.Response(200, json={"Privileged": self.privileged[name]})
            case _:
                return _listed([])

    def _parts(self, query: list[Row]) -> list[Row]:
        ids = query[0]["value"]
        limits = {(limit["field"], limit["operator"]) for limit in query[1:]}
        if limits & {("Filename", "IS NOT"), ("Parent", "!=")}:
            return []
        return [one for one in self.attachments if one["TransactionId"] in ids]


def _listed(rows: list[Row]) -> httpx.Response:
    return httpx.Response(200, json={"items": rows})


def _is_asked(row: Row, query: str) -> bool:
    number = int(row["id"])
    return (
        row["Type"] in re.findall(r"Type = '(\w+)'", query)
        and (row["Type"] != "AddLink" or row["Field"] == "MergedInto")
        and row["Creator"]["Name"] != "syncd"
        and all(number > int(low) for low in re.findall(r"\bid > (\d+)", query))
        and all(number < int(high) for high in re.findall(r"\bid < (\d+)", query))
        and row["ObjectId"] in (re.findall(r"ObjectId = '(\d+)'", query) or [row["ObjectId"]])
    )
