"""Replies that were put aside and are tried again by hand, and bridges told to send again instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from syncd import clock
from syncd.contract.errors import RejectedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import Author, Role
from syncd.store.operations import Retry, Touched, carry_out, parked

from .conftest import ANN, SHOP, Shop, until
from .test_adversity_doubt import grow_old, opened, until_state

BO = Author(Role.AGENT, "Bo", "bo@example.com")
CUT_OFF = RetryableError("POST failed: ReadTimeout (no answer)", certain=False)


class Resending(Shop):
    """A shop whose bridge sends again what is in doubt."""

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.on_doubt = "resend"


@pytest.fixture
async def talking(shop: Shop) -> Shop:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop


@pytest.fixture
async def resending(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(Resending, tmp_path) as made:
        made.chat.visitor_says(ANN, "hello")
        await until(lambda: made.shown() and made.notes())
        yield made


async def retry_all(shop: Shop) -> Touched:
    """Do what `syncd failed retry --all` does."""
    keys = tuple(one.key for one in await shop.database.run(parked))
    touched = await shop.storage.insist(partial(carry_out, operation=Retry(keys), now=clock.now()))
    for bridge, end in touched.lanes:
        shop.daemon.wake(bridge, end)
    return touched


def told(shop: Shop, words: str) -> int:
    return sum(words in note for note in shop.notes())


async def test_a_reply_that_arrives_when_tried_again_is_told_with_its_time_once(talking: Shop) -> None:
    talking.chat.faults.before.append(RejectedError("POST answered 400"))
    talking.helpdesk.agent_replies(talking.ticket, BO, "second time lucky")
    await until(lambda: told(talking, "did not reach the visitor"))
    assert (await retry_all(talking)).count == 1
    await until(lambda: told(talking, "did reach the visitor after all: it was delivered at 20"))
    talking.helpdesk.agent_replies(talking.ticket, BO, "an ordinary one")
    await until(lambda: talking.heard() == ["second time lucky", "an ordinary one"])
    await asyncio.sleep(0.2)
    assert told(talking, "after all") == 1


async def test_a_reply_parked_twice_is_noted_twice_and_its_arrival_once(talking: Shop) -> None:
    talking.chat.faults.before += [RejectedError("POST answered 400"), RejectedError("POST answered 400")]
    talking.helpdesk.agent_replies(talking.ticket, BO, "third time lucky")
    await until(lambda: told(talking, "did not reach the visitor") == 1)
    await retry_all(talking)
    await until(lambda: told(talking, "did not reach the visitor") == 2)
    assert not told(talking, "after all")
    await retry_all(talking)
    await until(lambda: told(talking, "after all") == 1)
    assert talking.heard() == ["third time lucky"]


async def test_a_retry_whose_own_echo_settles_it_is_told_as_well(talking: Shop) -> None:
    talking.chat.faults.before.append(RejectedError("POST answered 400"))
    talking.helpdesk.agent_replies(talking.ticket, BO, "cut off the second time")
    await until(lambda: told(talking, "did not reach the visitor"))
    talking.chat.faults.after.append(CUT_OFF)
    await retry_all(talking)
    await until(lambda: told(talking, "after all") == 1)
    await asyncio.sleep(0.5)
    assert (talking.heard(), told(talking, "did not reach")) == (["cut off the second time"], 1)


async def test_a_bridge_told_to_resend_sends_what_was_cut_off_again_and_parks_nothing(resending: Shop) -> None:
    resending.chat.faults.before += [CUT_OFF, CUT_OFF]
    resending.helpdesk.agent_replies(resending.ticket, BO, "sent until it is there")
    resending.helpdesk.agent_replies(resending.ticket, BO, "the next")
    await until(lambda: resending.heard() == ["sent until it is there", "the next"])
    assert len([call for call in resending.chat.faults.calls if call[0] == "ann"]) == 4
    assert await resending.database.run(parked) == []
    assert not told(resending, "did not reach")


async def test_a_bridge_told_to_resend_waits_for_the_echo_first(resending: Shop) -> None:
    resending.chat.faults.after.append(CUT_OFF)
    resending.helpdesk.agent_replies(resending.ticket, BO, "there already")
    await until(lambda: resending.heard() == ["there already"])
    await asyncio.sleep(0.6)
    assert resending.heard() == ["there already"]
    assert resending.daemon.healths[SHOP, "chat"].state == "ok"


async def test_a_bridge_told_to_resend_gives_up_after_a_day_too(resending: Shop) -> None:
    resending.chat.faults.before += [CUT_OFF] * 50
    resending.helpdesk.agent_replies(resending.ticket, BO, "never")
    await until_state(resending, "post_message", "in_doubt")
    await grow_old(resending, days=2)
    await until_state(resending, "post_message", "parked")
    await until(lambda: told(resending, "given up after 48 hours") == 1)
