"""A call that was cut off may still come true: no second one makes that forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from connectors.memory.chat import write_webhook_body
from connectors.memory.world import MemorySettings
from syncd import clock
from syncd.contract.errors import ConnectorError, RateLimitedError, RejectedError, UnavailableError
from syncd.contract.http import Http
from syncd.contract.model import DeliveryKey, Receipt, TicketId
from syncd.store.operations import Drop, Pause, Resume, Retry, carry_out, parked

from .conftest import ANN, SHOP, Shop, until
from .test_adversity_doubt import CUT, MoodyHelpdesk, MoodyShop, opened, until_state
from .test_adversity_echo import BO, LateShop, replies
from .test_parked_again import retry_all, told

AT_WORK_SECONDS = 3.0
ONCE = "only once please"


@dataclass(frozen=True)
class Landing:
    """A call that was cut off: it has its effect after so many seconds, or when the next call comes."""

    seconds: float | None
    next_error: ConnectorError | None = None


class SlowDesk(MoodyHelpdesk):
    """Goes on with a call that was cut off, and does not know that another may be the same."""

    landing: Landing | None = None
    second: Landing | None = None

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        if self.second is not None:
            landing, self.second = self.second, None
            await super().add_comment(ticket, text, key=key)
            assert landing.next_error is not None
            raise landing.next_error
        if self.landing is not None:
            landing, self.landing = self.landing, None
            if landing.seconds is None:
                self.second = landing
            else:
                asyncio.get_running_loop().call_later(landing.seconds, self._land, ticket, text, key)
            raise CUT
        return await super().add_comment(ticket, text, key=key)

    def _land(self, ticket: TicketId, text: str, key: DeliveryKey) -> None:
        self.world.taken.pop(key, None)
        self._put_once(ticket, text, key, public=True)


class SlowShop(Shop):
    """A shop with such a helpdesk."""

    helpdesk: SlowDesk

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = SlowDesk(MemorySettings(poll_seconds=0.02), http)
        self.doubt_seconds = 2 * AT_WORK_SECONDS


class ResendingShop(LateShop):
    """A shop whose bridge sends again what was cut off; the chat tells of what it took when it likes."""

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.on_doubt = "resend"


async def talk(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())


def called_at(shop: Shop) -> datetime:
    """Give when the chat was called first."""
    monotonic = shop.chat.faults.calls[0][2]
    return datetime.fromtimestamp(clock.now() - clock.monotonic() + monotonic, UTC)


async def test_a_helpdesk_that_is_still_at_work_on_a_call_that_was_cut_off_is_given_time(tmp_path: Path) -> None:
    async with opened(SlowShop, tmp_path) as shop:
        await talk(shop)
        shop.helpdesk.landing = Landing(AT_WORK_SECONDS)
        shop.chat.visitor_says(ANN, ONCE)
        await until(lambda: ONCE in "".join(shop.shown()), 2 * AT_WORK_SECONDS)
        shop.chat.visitor_says(ANN, "the next")
        await until(lambda: "the next" in "".join(shop.shown()), 3 * AT_WORK_SECONDS)
        assert "".join(shop.shown()).count(ONCE) == 1


async def test_a_second_call_that_fails_for_certain_leaves_the_first_in_doubt(tmp_path: Path) -> None:
    async with opened(SlowShop, tmp_path) as shop:
        shop.doubt_seconds = 0.3
        await talk(shop)
        refused = UnavailableError("POST failed: ConnectError (not reached)", certain=True)
        shop.helpdesk.landing = Landing(None, refused)
        shop.chat.visitor_says(ANN, ONCE)
        await until(lambda: ONCE in "".join(shop.shown()), 10)
        shop.chat.visitor_says(ANN, "the next")
        await until(lambda: "the next" in "".join(shop.shown()), 10)
        assert "".join(shop.shown()).count(ONCE) == 1


async def test_an_echo_between_two_tries_of_a_reply_that_is_sent_again_settles_it(tmp_path: Path) -> None:
    async with opened(ResendingShop, tmp_path) as shop:
        await talk(shop)
        shop.chat.faults.before += [CUT, RateLimitedError("POST answered 429", retry_after=1.0)]
        shop.helpdesk.agent_replies(shop.ticket, BO, ONCE)
        await until(lambda: len(shop.chat.faults.calls) == 2)
        await until_state(shop, "post_message", "waiting")
        shop.chat.tells_of_ours(ONCE, called_at(shop))
        # No poll is allowed now, but a webhook comes.
        await shop.webhook(write_webhook_body(shop.chat.world.events[-1:]))
        await until_state(shop, "post_message", "sent")
        await asyncio.sleep(1.5)
        assert shop.heard() == [ONCE]


async def test_an_echo_while_a_reply_waits_to_be_tried_again_by_hand_settles_it(tmp_path: Path) -> None:
    async with opened(LateShop, tmp_path) as shop:
        await talk(shop)
        shop.chat.faults.before.append(CUT)
        shop.helpdesk.agent_replies(shop.ticket, BO, ONCE)
        await until_state(shop, "post_message", "parked")
        await shop.storage.insist(partial(carry_out, operation=Pause(SHOP), now=clock.now()))
        await retry_all(shop)
        shop.chat.tells_of_ours(ONCE, called_at(shop))
        await until_state(shop, "post_message", "sent")
        await shop.storage.insist(partial(carry_out, operation=Resume(SHOP), now=clock.now()))
        shop.daemon.wake(SHOP, "chat")
        shop.daemon.wake(SHOP, "helpdesk")
        await until(lambda: told(shop, "after all") == 1)
        assert shop.heard() == [ONCE]


async def test_the_echo_of_a_call_that_was_made_again_settles_no_later_reply(tmp_path: Path) -> None:
    async with opened(LateShop, tmp_path) as shop:
        await talk(shop)
        shop.chat.faults.before.append(CUT)
        shop.helpdesk.agent_replies(shop.ticket, BO, "first")
        await until_state(shop, "post_message", "parked")
        first_called_at = called_at(shop)
        await retry_all(shop)
        await until_state(shop, "post_message", "sent")
        shop.chat.faults.before.append(CUT)
        shop.helpdesk.agent_replies(shop.ticket, BO, "second")
        await until_state(shop, "post_message", "in_doubt")
        shop.chat.tells_of_ours("first", first_called_at)
        await until_state(shop, "post_message", "parked")
        assert await replies(shop) == ["sent", "parked"]


async def test_what_went_in_one_call_is_tried_again_in_one(tmp_path: Path) -> None:
    async with opened(MoodyShop, tmp_path) as shop:
        shop.helpdesk.opening.before.append(CUT)
        shop.helpdesk.looking.before.append(RejectedError("GET answered 400"))
        shop.chat.visitor_says(ANN, ONCE)
        await until_state(shop, "open_ticket", "parked")
        opening = next(one for one in await shop.database.run(parked) if one.kind == "open_ticket")
        retried = await shop.storage.insist(partial(carry_out, operation=Retry((opening.key,)), now=clock.now()))
        assert retried.count == 2
        shop.daemon.wake(SHOP, "helpdesk")
        await until(lambda: ONCE in "".join(shop.shown()))
        assert "".join(shop.shown()).count(ONCE) == 1


async def with_an_opening_put_aside(shop: MoodyShop) -> str:
    """Let a ticket be made of which nobody could be told, and a reply be put on it; give the opening's key."""
    shop.helpdesk.opening.after.append(CUT)
    shop.helpdesk.looking.before.append(RejectedError("GET answered 400"))
    shop.chat.visitor_says(ANN, "hello")
    await until_state(shop, "open_ticket", "parked")
    shop.helpdesk.agent_replies(shop.ticket, BO, "hello Ann")
    await until_kept(shop, "orphaned", 1)
    return next(one.key for one in await shop.database.run(parked) if one.kind == "open_ticket")


async def until_kept(shop: Shop, state: str, count: int) -> None:
    """Wait until so many events in a state have their words still."""
    query = f"SELECT count(*) FROM inbox JOIN payload ON inbox_id = id WHERE state = '{state}' AND length(body) > 0"  # noqa: S608
    async with asyncio.timeout(5):
        while await shop.database.run(lambda connection: connection.exec_driver_sql(query).scalar_one()) != count:
            await asyncio.sleep(0.01)


async def test_a_reply_on_a_ticket_whose_opening_was_put_aside_goes_out_once_that_is_found(tmp_path: Path) -> None:
    async with opened(MoodyShop, tmp_path) as shop:
        key = await with_an_opening_put_aside(shop)
        await shop.storage.insist(partial(carry_out, operation=Retry((key,)), now=clock.now()))
        shop.daemon.wake(SHOP, "helpdesk")
        await until(lambda: shop.heard() == ["hello Ann"])
        assert len(shop.helpdesk.tickets) == 1


async def test_it_is_forgotten_once_the_opening_is_dropped(tmp_path: Path) -> None:
    async with opened(MoodyShop, tmp_path) as shop:
        key = await with_an_opening_put_aside(shop)
        await shop.storage.insist(partial(carry_out, operation=Drop((key,), "ops"), now=clock.now()))
        shop.daemon.planner.wake()
        await until_kept(shop, "orphaned", 0)
        await until_kept(shop, "foreign", 0)
        assert shop.heard() == []
