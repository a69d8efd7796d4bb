"""REST2 itself: where it is, how to log in, how its lists are asked for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from connectors.request_tracker.reading import Row, read_rows
from connectors.request_tracker.settings import RequestTrackerSettings
from syncd.contract.errors import MissingTargetError, RetryableError, UnavailableError
from syncd.contract.http import Http, read_json_object

LONGEST_LIST = 100
"""How many records an answer holds at most."""


class Rest:
    """The calls that this connector makes. All raise what `Http.call` raises, and PayloadError for a strange answer.

    A proxy before RT may say 404 while RT is away: where RT itself never would, that is an UnavailableError.
    """

    def __init__(self, settings: RequestTrackerSettings, http: Http) -> None:
        self._site = settings.url
        self._base = f"{settings.url}/REST/2.0"
        self._queue = settings.queue
        self._http = http
        self._headers = {"Authorization": _authorization(settings)}
        password = settings.password.get_secret_value() if settings.password else ""
        self._login = {"user": settings.user, "pass": password} if password else {}

    async def get(self, kind: str, name: str) -> Row:
        """Read one record by its id or its name."""
        url = f"{self._base}/{kind}/{quote(name, safe='')}"
        answer = await self._http.call("GET", url, headers=self._headers)
        return read_json_object(answer.content)

    async def find(self, kind: str, name: str) -> Row | None:
        """Read one record; None where RT is there, by another call, and still says that it has no such record."""
        try:
            return await self.get(kind, name)
        except MissingTargetError:
            await self._look_for_rt()
        try:
            return await self.get(kind, name)
        except MissingTargetError:
            return None

    async def post(self, path: str, body: object) -> httpx.Response:
        """Make a record. Raises MissingTargetError only where the record that `path` names is not there."""
        return await self._http.call("POST", f"{self._base}/{path}", headers=self._headers, json=body)

    async def put(self, path: str, body: object, *, version: str = "") -> None:
        """Change a record. That RT answers 200 does not say that it did. Where it has another version, it does not."""
        headers = self._headers | ({"If-Match": version} if version else {})
        await self._http.call("PUT", f"{self._base}/{path}", headers=headers, json=body)

    async def version(self, ticket: str) -> tuple[Row, str]:
        """Read a ticket that is there, and its version: what `put` asks for."""
        url = f"{self._base}/ticket/{quote(ticket, safe='')}"
        try:
            answer = await self._http.call("GET", url, headers=self._headers)
        except MissingTargetError:
            raise nobody_there() from None
        return read_json_object(answer.content), answer.headers.get("etag", "")

    async def fill_in(self, page: str, fields: Mapping[str, str], referer: str) -> str:
        """Fill in a form of RT's website, as a browser does that is at `referer`; give the page that it answers.

        The website may be elsewhere than REST2, behind a login of its own, say: that it is away says nothing of RT.
        """
        headers = self._headers | {"Referer": referer}
        try:
            form = {**fields, **self._login}
            answer = await self._http.call("POST", f"{self._site}/{page}", headers=headers, form=form)
        except (MissingTargetError, UnavailableError) as failure:
            raise RetryableError(f"page {page}: {failure}", certain=True) from None
        return answer.text

    async def some(self, kind: str, query: str, fields: str = "", **more: str) -> tuple[Row, ...]:
        """Read the first records that the query finds, by id, oldest first unless `order` says DESC."""
        params = {"query": query, "fields": fields, "orderby": "id", "order": "ASC", "per_page": str(LONGEST_LIST)}
        url = f"{self._base}/{kind}"
        try:
            answer = await self._http.call("GET", url, headers=self._headers, params=params | more)
        except MissingTargetError:
            raise nobody_there() from None
        return read_rows(answer.content)

    async def every(self, kind: str, query: str, fields: str, **more: str) -> tuple[Row, ...]:
        """Read all records that the query finds. Only for those that the account may see: RT cuts pages first."""
        found: tuple[Row, ...] = ()
        page = 1
        while True:
            rows = await self.some(kind, query, fields, page=str(page), **more)
            found += rows
            if len(rows) < LONGEST_LIST:
                return found
            page += 1

    async def _look_for_rt(self) -> None:
        # RT says 403 of a queue that it does not have.
        try:
            await self.get("queue", self._queue)
        except MissingTargetError:
            raise nobody_there() from None


def nobody_there() -> UnavailableError:
    """Give the error of a 404 that does not come from RT."""
    return UnavailableError("no Request Tracker answers under RT_URL", certain=True)


def _authorization(settings: RequestTrackerSettings) -> str:
    if settings.token:
        return f"token {settings.token.get_secret_value()}"
    password = settings.password.get_secret_value() if settings.password else ""
    return f"Basic {base64.b64encode(f'{settings.user}:{password}'.encode()).decode()}"
