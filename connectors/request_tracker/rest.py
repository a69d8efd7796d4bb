"""REST2 itself: where it is, how to log in, how its lists are asked for."""

from __future__ import annotations

import base64
from urllib.parse import quote

import httpx

from connectors.request_tracker.reading import Row, read_rows
from connectors.request_tracker.settings import RequestTrackerSettings
from syncd.contract.http import Http, read_json_object

LONGEST_LIST = 100
"""How many records an answer holds at most."""


class Rest:
    """The calls that this connector makes. All raise what `Http.call` raises, and PayloadError for a strange answer."""

    def __init__(self, settings: RequestTrackerSettings, http: Http) -> None:
        self._base = f"{settings.url}/REST/2.0"
        self._http = http
        self._headers = {"Authorization": _authorization(settings)}

    async def get(self, kind: str, name: str) -> Row:
        """Read one record by its id or its name."""
        url = f"{self._base}/{kind}/{quote(name, safe='')}"
        answer = await self._http.call("GET", url, headers=self._headers)
        return read_json_object(answer.content)

    async def post(self, path: str, body: object) -> httpx.Response:
        """Make a record."""
        return await self._http.call("POST", f"{self._base}/{path}", headers=self._headers, json=body)

    async def some(self, kind: str, query: str, fields: str = "", **more: str) -> tuple[Row, ...]:
        """Read the first records that the query finds, by id, oldest first unless `order` says DESC."""
        params = {"query": query, "fields": fields, "orderby": "id", "order": "ASC", "per_page": str(LONGEST_LIST)}
        answer = await self._http.call("GET", f"{self._base}/{kind}", headers=self._headers, params=params | more)
        return read_rows(answer.content)

    async def every(self, kind: str, query: str, fields: str) -> tuple[Row, ...]:
        """Read all records that the query finds. Only for those that the account may see: RT cuts pages first."""
        found: tuple[Row, ...] = ()
        page = 1
        while True:
            rows = await self.some(kind, query, fields, page=str(page))
            found += rows
            if len(rows) < LONGEST_LIST:
                return found
            page += 1


def _authorization(settings: RequestTrackerSettings) -> str:
    if settings.token:
        return f"token {settings.token.get_secret_value()}"
    password = settings.password.get_secret_value() if settings.password else ""
    return f"Basic {base64.b64encode(f'{settings.user}:{password}'.encode()).decode()}"
