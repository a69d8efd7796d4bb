"""What the connector to Request Tracker wants configured, and what its check says."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from syncd.contract.errors import AuthError, UnavailableError
from tests.live.request_tracker.drafts import Connect
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


class TestSettings:
    @pytest.mark.parametrize(
        "login",
        [{}, {"user": "syncd"}, {"password": "canary"}, {"token": "canary", "user": "syncd", "password": "canary"}],
    )
    def test_wants_one_way_in(self, connect: Connect, login: dict[str, str]) -> None:
        with pytest.raises(ValidationError, match="RT_TOKEN alone, or RT_USER and RT_PASSWORD") as wrong:
            connect(**{"token": None, **login})
        assert "canary" not in str(wrong.value)

    @pytest.mark.parametrize(
        "wrong",
        [{"token": "a\nb"}, {"visitor_domain": "example.com"}, {"poll_seconds": 0}, {"ticket_field": "a}b"}, {"x": 1}],
    )
    def test_refuses_what_cannot_work(self, connect: Connect, wrong: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            connect(**wrong)

    def test_names_its_account_without_a_secret(self, connect: Connect, request_tracker: RequestTrackerServer) -> None:
        assert connect().account == f"{request_tracker.url} token"
        assert connect(token=None, user="syncd", password="syncdpass").account == f"{request_tracker.url} syncd"


class TestCheck:
    async def test_says_where_keys_are(self, connect: Connect) -> None:
        assert await connect().check() == "queue Support; keys in ExternalId, ExternalMessageId; tags in Tags"

    async def test_takes_user_and_password(self, connect: Connect) -> None:
        assert "Support" in await connect(token=None, user="syncd", password="syncdpass").check()

    async def test_says_that_fields_are_missing(self, connect: Connect) -> None:
        told = await connect(queue="Plain").check()
        assert "ExternalId, ExternalMessageId missing" in told
        assert "Tags missing: tags only in notes" in told

    @pytest.mark.parametrize("queue", ["General", "Nowhere", "Closed", "a/b", "Support?x=1"])
    async def test_refuses_a_queue_where_it_may_not_work(self, connect: Connect, queue: str) -> None:
        with pytest.raises(AuthError, match=re.escape(f"queue '{queue}'")):
            await connect(queue=queue).check()

    async def test_refuses_a_wrong_token(self, connect: Connect) -> None:
        with pytest.raises(AuthError, match="401"):
            await connect(token="1-29-wrong").check()

    async def test_nobody_there_is_unavailable(self, connect: Connect) -> None:
        with pytest.raises(UnavailableError) as away:
            await connect(url="http://127.0.0.1:9").check()
        assert away.value.certain
