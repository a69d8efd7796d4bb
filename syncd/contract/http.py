"""The one way connectors speak HTTP, and the one table from statuses and transport failures to errors.

Whether a failed call may have had an effect is judged here and nowhere else: a GET never has; a call that did not
leave (refused, unresolved, no free connection) has not; anything cut off after it left may have.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal

import httpx
import pydantic_core

from syncd.contract.errors import (
    AuthError,
    MissingTargetError,
    PayloadError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)

Method = Literal["GET", "POST", "PUT", "DELETE"]

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
DOWN_FOR_EVERYBODY = frozenset({502, 503, 504})
OF_TEXT = frozenset({400, 406, 415, 422})
"""How APIs refuse what is in a body; other 4xx are about something else."""
DEFAULT_RETRY_AFTER = 30.0
LONGEST_RETRY_AFTER = 86400.0
CALL_SECONDS = 120.0
"""For a whole call: the client's own timeouts are per read, and an end may drip."""

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


class Http:
    """An end's HTTP client: a base URL, the headers of every call, and errors of the contract's tree.

    It keeps no cookies: each call is made with the key that its own headers have, and with no other login.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        client.cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))

    async def call(
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Make one call and give its 2xx answer, read whole, within two minutes. Redirects are not followed.

        The body is `json`, or what a browser makes of a `form`.

        Raises what `error_for_failure` and `error_for_status` say.
        """
        content = None if json is None else pydantic_core.to_json(json)
        sent = dict(headers or {}, **({} if content is None else {"Content-Type": "application/json"}))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await self._client.request(
                    method, url, headers=sent, params=params, content=content, data=form
                )
        except (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError, TimeoutError) as failure:
            raise error_for_failure(method, failure) from None
        if response.is_success:
            return response
        raise error_for_status(method, response)


def error_for_failure(method: Method, failure: Exception) -> RetryableError:
    """Name a call that got no answer. A timeout or a reset after the call left is not certain unless it was a GET."""
    what = f"{method} failed: {type(failure).__name__}"
    if isinstance(failure, NEVER_LEFT):
        return UnavailableError(f"{what} (not reached)", certain=True)
    return RetryableError(f"{what} (no answer)", certain=method == "GET")


def error_for_status(method: Method, response: httpx.Response) -> RetryableError | AuthError | RejectedError:
    """Name an answer that is not 2xx; `detail` is never taken from the body, which may hold a visitor's words."""
    status = response.status_code
    what = f"{method} answered {status}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(what, retry_after=read_retry_after(response.headers))
    if status in {401, 403}:
        return AuthError(f"{what}: the key is refused or lacks a right")
    if status in {404, 410}:
        return MissingTargetError(f"{what}: not there any more")
    certain = method == "GET"
    if response.is_redirect:
        # An API does not move: this is a maintenance or a login page in front of it.
        return UnavailableError(f"{what}: a redirect instead of an answer", certain=True)
    if status in DOWN_FOR_EVERYBODY:
        return UnavailableError(what, certain=certain, retry_after=read_retry_after(response.headers, default=0.0))
    if status == httpx.codes.PRECONDITION_FAILED:
        return RetryableError(f"{what}: it was changed in the same moment", certain=True)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return RetryableError(what, certain=certain)
    return RejectedError(what, of_text=status in OF_TEXT)


def read_retry_after(headers: Mapping[str, str], *, default: float = DEFAULT_RETRY_AFTER) -> float:
    """Read `Retry-After` in seconds, at most a day; a date is taken relative to the answer's own `Date`."""
    value = headers.get("retry-after", "").strip()
    try:
        if value.isdecimal():
            return min(LONGEST_RETRY_AFTER, float(value))
        then, sent = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return min(LONGEST_RETRY_AFTER, max(0.0, (then - sent).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return default


def read_json(body: bytes) -> Any:
    """Read JSON strictly: UTF-8, no NaN, bounded depth. Raises PayloadError, which says where but not what.

    Half a surrogate pair, written as an escape, is U+FFFD: JavaScript leaves one where it cuts a text inside an emoji.
    """
    try:
        return _parse(body)
    except ValueError:
        whole = _ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], body)
    try:
        return _parse(whole)
    except ValueError as bad:
        raise PayloadError(f"not JSON: {str(bad)[:120]}") from None


def _parse(body: bytes) -> Any:
    return pydantic_core.from_json(body, allow_inf_nan=False)


def read_json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises PayloadError."""
    value = read_json(body)
    if not isinstance(value, dict):
        msg = f"not a JSON object but {type(value).__name__}"
        raise PayloadError(msg)
    return value
